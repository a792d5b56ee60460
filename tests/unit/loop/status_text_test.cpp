// A status for a person: of which moment it is, so that nobody takes an old one for the present.
#include <gtest/gtest.h>

#include "controller/loop/report.hpp"

namespace matriarch::controller {
namespace {

TEST(StatusText, SaysOfWhichMomentItIs) {
    const std::string text = status_text(
        status_document({R"({"name":"alpha","observed_at":"2026-11-22T10:04:07.113Z"})"}, ""));
    EXPECT_NE(text.find("AS OF"), std::string::npos) << text;
    EXPECT_NE(text.find(" 2026-11-22T10:04:07Z "), std::string::npos) << text;
}

}  // namespace
}  // namespace matriarch::controller
