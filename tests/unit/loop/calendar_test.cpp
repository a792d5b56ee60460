// Slots of schedules: each once, one after a gap, across changes of clocks.
#include "controller/loop/calendar.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace matriarch::controller {
namespace {

using reconcilers::Time;
using std::chrono::hours;
using std::chrono::minutes;

Time at(int year, unsigned month, unsigned day, int hour, int minute = 0) {
    return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                                 static_cast<int>(day)) +
           hours(hour) + minutes(minute);
}

TEST(Slots, IsTheNewestThatHasCome) {
    const Time born = at(2026, 1, 10, 9);
    EXPECT_EQ(last_slot("0 */6 * * *", born, at(2026, 1, 10, 11, 59)), std::nullopt);
    EXPECT_EQ(last_slot("0 */6 * * *", born, at(2026, 1, 10, 12)), at(2026, 1, 10, 12));
    EXPECT_EQ(last_slot("0 */6 * * *", born, at(2026, 1, 10, 17, 59)), at(2026, 1, 10, 12));
    // A gap of days, or a clock that jumped, is caught up with once: by the newest.
    EXPECT_EQ(last_slot("0 */6 * * *", born, at(2026, 1, 20, 1)), at(2026, 1, 20, 0));
    EXPECT_EQ(last_slot("@weekly", born, at(2026, 1, 14, 1)), at(2026, 1, 11, 0));
    EXPECT_EQ(last_slot("@monthly", born, at(2026, 1, 31, 1)), std::nullopt);
    // The clock went back to before it began.
    EXPECT_EQ(last_slot("@hourly", born, at(2026, 1, 9, 9)), std::nullopt);
}

TEST(Slots, OfDayAndWeekdayOneIsEnough) {
    const Time born = at(2026, 1, 1, 0);
    EXPECT_EQ(last_slot("0 0 13 * 1", born, at(2026, 1, 13, 5)), at(2026, 1, 13, 0));
    EXPECT_EQ(last_slot("0 0 13 * 1", born, at(2026, 1, 12, 5)), at(2026, 1, 12, 0));
    EXPECT_EQ(last_slot("0 0 * * 1", born, at(2026, 1, 13, 5)), at(2026, 1, 12, 0));
    EXPECT_EQ(last_slot("0 0 29 2 *", born, at(2028, 3, 1, 0)), at(2028, 2, 29, 0));
    EXPECT_EQ(last_slot("0 0 29 2 *", Time{}, at(2027, 3, 1, 0)), at(2024, 2, 29, 0));
}

TEST(Slots, AreInTheirZone) {
    const Time born = at(2026, 1, 1, 0);
    EXPECT_EQ(last_slot("0 3 * * * Asia/Tokyo", born, at(2026, 1, 10, 18)), at(2026, 1, 10, 18));
    EXPECT_EQ(last_slot("0 3 * * * Asia/Tokyo", born, at(2026, 1, 10, 17)), at(2026, 1, 9, 18));
    EXPECT_EQ(last_slot("0 3 * * * No/Where", born, at(2026, 1, 10, 17)), std::nullopt);
}

TEST(Days, AreOverAfterTheirLastMomentInTheirZone) {
    EXPECT_FALSE(is_over("2026-12-31", at(2026, 12, 31, 23, 59)));
    EXPECT_TRUE(is_over("2026-12-31", at(2027, 1, 1, 0)));
    EXPECT_FALSE(is_over("2026-12-31 Asia/Tokyo", at(2026, 12, 31, 14, 59)));
    EXPECT_TRUE(is_over("2026-12-31 Asia/Tokyo", at(2026, 12, 31, 15)));
    EXPECT_FALSE(is_over("2026-02-28 America/New_York", at(2026, 3, 1, 4, 59)));
    EXPECT_TRUE(is_over("2026-12-31 No/Where", at(2026, 1, 1, 0)));
}

/// Every slot that is ever the newest, looked at each minute.
std::vector<Time> seen(const std::string& schedule, Time from, Time to) {
    std::vector<Time> all;
    for (Time now = from; now <= to; now += minutes(1)) {
        const auto slot = last_slot(schedule, from, now);
        if (slot && (all.empty() || all.back() != *slot)) all.push_back(*slot);
    }
    return all;
}

TEST(Slots, WhatTheClocksSkipComesOnceAndWhatTheyRepeatToo) {
    // Europe/Berlin, 29 March 2026: 02:00 is 03:00 (01:00 UTC). 25 October: 03:00 is 02:00.
    const std::string nightly = "30 2 * * * Europe/Berlin";
    EXPECT_EQ(seen(nightly, at(2026, 3, 28, 12), at(2026, 3, 30, 12)),
              (std::vector<Time>{at(2026, 3, 29, 1), at(2026, 3, 30, 0, 30)}));
    EXPECT_EQ(seen(nightly, at(2026, 10, 24, 12), at(2026, 10, 26, 12)),
              (std::vector<Time>{at(2026, 10, 25, 0, 30), at(2026, 10, 26, 1, 30)}));
    for (const auto& [from, to] : {std::pair(at(2026, 3, 28, 12), at(2026, 3, 30, 12)),
                                   std::pair(at(2026, 10, 24, 12), at(2026, 10, 26, 12))}) {
        const auto all = seen("*/30 * * * * Europe/Berlin", from, to);
        EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
        EXPECT_EQ(std::set<Time>(all.begin(), all.end()).size(), all.size());
    }
}

}  // namespace
}  // namespace matriarch::controller
