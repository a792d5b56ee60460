// Times as people write them.
#include "controller/cli/times.hpp"

#include <gtest/gtest.h>

namespace matriarch::controller {
namespace {

TEST(Times, AreReadAsPeopleWriteThem) {
    using namespace std::chrono_literals;
    const WallTime now{1'800'000'000s};
    EXPECT_EQ(parse_since("24h", now), now - 24h);
    EXPECT_EQ(to_text(*parse_since("2026-11-22", now)), "2026-11-22T00:00:00.000Z");
    EXPECT_EQ(to_text(*parse_since("2026-11-22T10:04:07Z", now)), "2026-11-22T10:04:07.000Z");
    for (const char* text : {"", "yesterday", "2026-13-01", "2026-11-22T25:00:00Z", "2026-11-22T",
                             "2026-11-22 10:04", "2026-1-2x", "-1h", "2026-11-22T10:04:07Zz"}) {
        EXPECT_FALSE(parse_since(text, now)) << text;
    }
}

}  // namespace
}  // namespace matriarch::controller
