// What the jobs of a rehearsal print, read back.
#include "reconcilers/rehearsed.hpp"

#include <gtest/gtest.h>

namespace matriarch::reconcilers::testing {
namespace {

using std::chrono::milliseconds;

constexpr const char* printed = R"(Booting
== 20240101000000 AddFirst: migrating =====
-- add_column(:accounts, :x)
== 20240101000000 AddFirst: migrated (0.1204s) =====
phase regular 3200 0
== 20240102000000 DropOld: migrated (12.0000s) =====
version v9.9.9
phase post-deployment 13001 0
memory-peak 104857600
calls-out 3
disk-before 1000
disk-peak 5000
lock accounts ShareLock 20
lock statuses AccessExclusiveLock 700
)";

Rehearsal read(const std::string& output) {
    const Rehearsal about{.version = {.major = 4, .minor = 6},
                          .image_id = "sha256:a",
                          .slot = *parse_slot("2026-11-26T06:00:00Z"),
                          .asked = *parse_slot("2026-11-27T06:00:00Z"),
                          .ended = *parse_slot("2026-11-27T06:01:00Z")};
    const auto rehearsal = parse_rehearsal(rehearsal_head(about) + rehearsal_lines(output));
    EXPECT_TRUE(rehearsal);
    return rehearsal.value_or(Rehearsal{});
}

TEST(Rehearsed, SaysWhatTheJobsPrinted) {
    const Rehearsal one = read(printed);
    EXPECT_TRUE(one.has_passed());
    EXPECT_EQ(to_text(one.version), "v4.6.0");
    EXPECT_EQ(one.image_id, "sha256:a");
    EXPECT_EQ(slot_text(one.asked), "2026-11-27T06:00:00Z");
    ASSERT_EQ(one.phases.size(), 2U);
    EXPECT_EQ(one.phases.back().name, "post-deployment");
    EXPECT_EQ(one.took(), milliseconds(16201));
    ASSERT_EQ(one.migrations.size(), 2U);
    EXPECT_EQ(one.migrations.front().version, "20240101000000");
    EXPECT_EQ(one.migrations.front().name, "AddFirst");
    EXPECT_EQ(one.migrations.front().took, milliseconds(120));
    ASSERT_EQ(one.locks.size(), 2U);
    EXPECT_EQ(one.locks.front().table, "statuses");
    EXPECT_EQ(one.locks.front().held, milliseconds(700));
    EXPECT_EQ(one.disk_before.count, 1000);
    EXPECT_EQ(one.disk_peak.count, 5000);
    EXPECT_EQ(one.memory_peak, mib(100));
    EXPECT_EQ(one.calls_out, 3);
}

TEST(Rehearsed, AFailureSaysWhere) {
    const Rehearsal one =
        read("phase regular 10 1\nlast-words PG::UniqueViolation: (twin) exists\n");
    EXPECT_FALSE(one.has_passed());
    EXPECT_EQ(one.last_words, "PG::UniqueViolation: (twin) exists");
}

TEST(Rehearsed, WhatEndedBeforeAPhaseHasNotPassed) {
    const Rehearsal one = read("Booting\n");
    EXPECT_FALSE(one.has_passed());
    const auto killed =
        parse_rehearsal("version v4.6.0\nended 2026-11-27T06:01:00Z\nlog killed: out of memory.\n");
    ASSERT_TRUE(killed);
    EXPECT_EQ(killed->last_words, "killed: out of memory.");
}

TEST(Rehearsed, NumbersThatCannotBeAreBounded) {
    const Rehearsal one = read(
        "phase regular 9e300 0\nphase post-deployment 9223372036854775807 0\n"
        "disk-peak -5\ncalls-out 1e30\n== 1 A: migrated (nan) ==\n");
    EXPECT_GT(one.took().count(), 0);
    EXPECT_EQ(one.disk_peak.count, 0);
    EXPECT_EQ(one.calls_out, 1'000'000);
}

TEST(Rehearsed, WhatIsNoTextIsMadeReadable) {
    const Rehearsal one = read("phase \xff 1 1\nlast-words \x1b[31m\xc3\n");
    ASSERT_EQ(one.phases.size(), 1U);
    EXPECT_EQ(one.phases.front().name, "\\xff");
    EXPECT_EQ(one.last_words.find('\x1b'), std::string::npos);
    EXPECT_EQ(one.last_words.find('\xc3'), std::string::npos);
}

TEST(Rehearsed, TextWithoutAnEndIsNone) {
    EXPECT_FALSE(parse_rehearsal(""));
    EXPECT_FALSE(parse_rehearsal(printed));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
