// A log line says what happened, for people and for machines, and nothing from outside can forge
// one.
#include "controller/base/log_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "specs/values/secret.hpp"

namespace matriarch::controller {
namespace {

using testing::HasSubstr;
using testing::Not;

log::Line line(std::vector<log::Field> fields, log::Level level = log::Level::info) {
    // 2026-11-22T10:04:07.113Z
    return {.time = WallTime(std::chrono::milliseconds(1'795'341'847'113)),
            .level = level,
            .message = "stopped container",
            .fields = std::move(fields)};
}

TEST(Log, PutsDataBehindAConstantMessage) {
    EXPECT_EQ(log::to_text(line({{"instance", "example-social"},
                                 {"reason", "image v4.5.1 -> v4.5.2"},
                                 {"took_ms", 812},
                                 {"is_first", true},
                                 {"empty", ""}}),
                           false),
              "2026-11-22T10:04:07.113Z info  stopped container  instance=example-social "
              "reason=\"image v4.5.1 -> v4.5.2\" took_ms=812 is_first=true empty=\"\"");
}

TEST(Log, WritesTheSameAsJson) {
    EXPECT_EQ(log::to_json(line({{"instance", "a\"b"}, {"took_ms", 812}}, log::Level::error)),
              "{\"time\":\"2026-11-22T10:04:07.113Z\",\"level\":\"error\",\"message\":"
              "\"stopped container\",\"instance\":\"a\\\"b\",\"took_ms\":812}");
}

TEST(Log, CannotBeForgedFromOutside) {
    const log::Line forged = line({{"error", "x\n2026-11-22T10:04:08Z info  all is well\033[2J"}});
    EXPECT_THAT(log::to_text(forged, false), Not(HasSubstr("\n")));
    EXPECT_THAT(log::to_text(forged, false), Not(HasSubstr("\033")));
    EXPECT_THAT(log::to_json(forged), Not(HasSubstr("\033")));
}

TEST(Log, CutsWhatIsLongerThanALine) {
    EXPECT_LT(log::to_text(line({{"error", std::string(100'000, 'x')}}), false).size(), 2'200U);
    EXPECT_LT(log::to_json(line({{"error", std::string(100'000, 'x')}})).size(), 2'200U);
}

TEST(Log, ColoursOnlyWhereAsked) {
    EXPECT_THAT(log::to_text(line({}), true), HasSubstr("\033[32minfo "));
    EXPECT_THAT(log::to_text(line({}), false), Not(HasSubstr("\033")));
}

TEST(Log, TakesNoSecret) {
    EXPECT_FALSE((std::is_constructible_v<log::Value, Secret>));
}

TEST(Log, PassesValuesThroughTheFilterBeforeTheyAreWritten) {
    log::set_filter([](const std::string& text) { return text == "hunter2" ? "***" : text; });
    testing::internal::CaptureStderr();
    log::warn("asked", {{"answer", "hunter2"}, {"count", 2}});
    log::debug("not shown");
    const std::string written = testing::internal::GetCapturedStderr();
    log::set_filter({});
    EXPECT_THAT(written, HasSubstr("warn  asked  answer=*** count=2\n"));
    EXPECT_THAT(written, Not(HasSubstr("not shown")));
}

TEST(Log, KnowsItsLevelsByName) {
    EXPECT_EQ(*log::parse_level("warn"), log::Level::warn);
    EXPECT_EQ(log::parse_level("loud").error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace matriarch::controller
