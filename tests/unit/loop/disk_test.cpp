// The disk: how fast it fills, what is said of that, and the ballast that is given up when it is
// full.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "controller/loop/ballast.hpp"
#include "controller/loop/disk_growth.hpp"
#include "controller/loop/report.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

using std::chrono::hours;

const WallTime now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 10);

/// One an hour until now, with so many GiB free at each hour before.
template <class Free>
std::vector<DiskSample> hourly(int count, Free free) {
    std::vector<DiskSample> samples;
    for (int ago = count - 1; ago >= 0; --ago) {
        samples.push_back({.at = now - hours(ago), .free = Bytes{free(ago)}});
    }
    return samples;
}

TEST(DiskGrowth, IsUnknownWhileSamplesSpanLessThanADay) {
    const auto steady = [](int) { return gib(10).count; };
    EXPECT_FALSE(growth_a_day({}, now));
    EXPECT_FALSE(growth_a_day(hourly(1, steady), now));
    EXPECT_FALSE(growth_a_day(hourly(24, steady), now));
    EXPECT_EQ(growth_a_day(hourly(25, steady), now), Bytes{0});
}

TEST(DiskGrowth, IsTheLineThroughTheLastWeek) {
    const auto filling = [](int ago) { return gib(10).count + ago * mib(10).count; };
    EXPECT_EQ(growth_a_day(hourly(100, filling), now), mib(240));
    // What was before that week says nothing of it, and what is of the future nothing at all.
    auto samples = hourly(100, filling);
    samples.push_back({.at = now - hours(24 * 30), .free = Bytes{1}});
    samples.push_back({.at = now + hours(5), .free = Bytes{1}});
    EXPECT_EQ(growth_a_day(samples, now), mib(240));
    // A dump that came and went is no growth.
    const auto dumped = [](int ago) { return ago == 24 ? gib(2).count : gib(10).count; };
    const auto growth = growth_a_day(hourly(49, dumped), now);
    ASSERT_TRUE(growth);
    EXPECT_LT(std::abs(growth->count), mib(1).count);
    const auto emptying = [](int ago) { return gib(10).count - ago * mib(10).count; };
    EXPECT_EQ(growth_a_day(hourly(100, emptying), now), mib(-240));
}

TEST(DiskGrowth, SaysWhenTheDiskIsFull) {
    using reconcilers::until_full;
    EXPECT_FALSE(until_full({.disk_free = gib(1)}));
    EXPECT_FALSE(until_full({.disk_growth = gib(1)}));
    EXPECT_FALSE(until_full({.disk_free = gib(1), .disk_growth = Bytes{0}}));
    EXPECT_FALSE(until_full({.disk_free = gib(1), .disk_growth = mib(-5)}));
    EXPECT_EQ(until_full({.disk_free = gib(12), .disk_growth = gib(1)}), hours(12 * 24));
    EXPECT_EQ(until_full({.disk_free = gib(1000), .disk_growth = Bytes{1}}), hours(3650 * 24));
}

class HandClock final : public Clock {
 public:
    [[nodiscard]] WallTime now() const override { return controller::now; }
    [[nodiscard]] SteadyTime steady() const override { return {}; }
};

TEST(DiskGrowth, IsWrittenDownOnceAnHourAndForgottenAfterAWeek) {
    const Scratch scratch;
    const HandClock clock;
    const auto journal = Journal::open(scratch / "journal.db", clock);
    ASSERT_TRUE(journal);
    for (int minute = 0; minute <= 25 * 60; minute += 10) {
        const WallTime at = now + std::chrono::minutes(minute);
        const auto free = Bytes{gib(10).count - minute * mib(1).count};
        const auto growth = note_disk(**journal, at, free);
        ASSERT_TRUE(growth) << to_text(growth.error());
        EXPECT_EQ(growth->has_value(), minute >= 24 * 60) << minute;
        EXPECT_EQ(growth->value_or(mib(24 * 60)), mib(24 * 60));
    }
    EXPECT_EQ((*journal)->disk_samples()->size(), 26U);
    ASSERT_TRUE(note_disk(**journal, now + hours(24 * 8), gib(9)));
    EXPECT_EQ((*journal)->disk_samples()->size(), 3U);
}

std::string status_of(const reconcilers::HostFacts& host) {
    reconcilers::InstanceStatus status{.name = "alpha"};
    status.host = host;
    return status_text(status_document({status_json(status, {})}, ""));
}

TEST(DiskGrowth, IsInStatus) {
    EXPECT_NE(status_of({.disk_free = gib(30), .disk_growth = mib(2560)})
                  .find("disk: 30 GiB free, full in 12 days at the growth of the last week\n"),
              std::string::npos);
    EXPECT_NE(status_of({.disk_free = gib(30)}).find("disk: 30 GiB free\n"), std::string::npos);
    EXPECT_EQ(status_of({}).find("disk:"), std::string::npos);
}

std::int64_t taken(const std::filesystem::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_blocks * 512 : 0;
}

TEST(Ballast, IsGivenUpOnAFullDiskAndMadeAgainWhereThereIsRoom) {
    const Scratch scratch;
    const State state(scratch.path());
    Bytes free = gib(10);
    Machine machine = this_machine();
    machine.free_space = [&](const std::string&) { return std::optional<Bytes>(free); };
    Ballast ballast(state, machine);
    ballast.tend();
    EXPECT_EQ(taken(state.ballast()), mib(64).count) << "a file with a hole gives nothing back";
    free = mib(20);
    ballast.tend();
    EXPECT_NE(taken(state.ballast()), 0);
    EXPECT_FALSE(ballast.is_gone());
    free = mib(1);
    ballast.tend();
    EXPECT_FALSE(std::filesystem::exists(state.ballast()));
    EXPECT_TRUE(ballast.is_gone());
    // What was given up is not taken back at once, and another controller knows of it.
    free = mib(65);
    ballast.tend();
    EXPECT_FALSE(std::filesystem::exists(state.ballast()));
    EXPECT_TRUE(ballast.is_gone());
    free = gib(1);
    ballast.tend();
    EXPECT_EQ(taken(state.ballast()), mib(64).count);
    EXPECT_FALSE(ballast.is_gone());
}

TEST(Ballast, WhatCannotBeMadeWholeLeavesNothing) {
    const Scratch scratch;
    const State state(scratch.path() / "absent");
    Ballast ballast(state);
    ballast.tend();
    EXPECT_FALSE(std::filesystem::exists(state.ballast()));
    EXPECT_FALSE(ballast.is_gone());
}

}  // namespace
}  // namespace matriarch::controller
