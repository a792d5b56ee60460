// Schedules and windows: what people write, and the typing errors they make.
#include "specs/schedule.hpp"

#include <gtest/gtest.h>

#include "specs/schedule_gaps.hpp"

namespace matriarch::specs {
namespace {

TEST(Schedule, ReadsFiveFieldsAndWords) {
    const auto four_a_day = parse_cron("0 */6 * * *");
    ASSERT_TRUE(four_a_day);
    EXPECT_EQ(four_a_day->minutes.count(), 1U);
    EXPECT_TRUE(four_a_day->hours[0] && four_a_day->hours[6] && four_a_day->hours[18]);
    EXPECT_EQ(four_a_day->hours.count(), 4U);
    EXPECT_TRUE(four_a_day->any_day && four_a_day->any_weekday);
    EXPECT_EQ(*parse_cron("@daily"), *parse_cron("0 0 * * *"));
    EXPECT_EQ(*parse_cron("@weekly"), *parse_cron("0 0 * * 7"));
    EXPECT_EQ(parse_cron("5,10-20/5 3 1 jan,MAR mon-fri")->minutes.count(), 4U);
    EXPECT_EQ(parse_cron("0 0 * * mon-fri")->weekdays.count(), 5U);
}

TEST(Schedule, NamesItsTimeZone) {
    EXPECT_EQ(parse_cron("@daily")->zone, "UTC");
    EXPECT_EQ(parse_cron("@daily Asia/Tokyo")->zone, "Asia/Tokyo");
    EXPECT_EQ(parse_cron("0 */6 * * * Europe/Berlin")->zone, "Europe/Berlin");
    EXPECT_EQ(parse_cron("0 3 * * mon-fri UTC")->hours.count(), 1U);
    EXPECT_FALSE(parse_cron("0 3 * * Europe/Berlin"));
    EXPECT_FALSE(parse_cron("UTC"));
}

TEST(Schedule, RefusesWhatCronWouldNotRun) {
    for (const char* text : {"",
                             "*",
                             "* * * *",
                             "* * * * * *",
                             "60 * * * *",
                             "* 24 * * *",
                             "* * 0 * *",
                             "* * 32 * *",
                             "* * * 13 *",
                             "* * * * 8",
                             "*/0 * * * *",
                             "5-1 * * * *",
                             "1/5 * * * *",
                             "a * * * *",
                             ", * * * *",
                             "-1 * * * *",
                             "@never",
                             "@reboot",
                             "0 0 31 2 *",
                             "0 0 31 4,6 *",
                             "1,,2 * * * *"}) {
        EXPECT_FALSE(parse_cron(text)) << text;
    }
    EXPECT_TRUE(parse_cron("0 0 29 2 *"));
    EXPECT_TRUE(parse_cron("0 0 31 2 mon"));  // the weekday is enough
}

TEST(Window, ReadsDaysTimesAndAZone) {
    const auto window = parse_window("Sun 02:00-05:00 Asia/Tokyo");
    ASSERT_TRUE(window);
    EXPECT_EQ(window->weekdays.to_ulong(), 1U);
    EXPECT_EQ(window->opens, 120);
    EXPECT_EQ(window->closes, 300);
    EXPECT_EQ(window->zone, "Asia/Tokyo");
    EXPECT_EQ(parse_window("daily 00:00-24:00 UTC")->weekdays.count(), 7U);
    EXPECT_EQ(parse_window("Mon-Fri 22:00-02:00 UTC")->weekdays.count(), 5U);
    EXPECT_EQ(parse_window("Fri-Mon 01:00-02:00 America/Argentina/Buenos_Aires")->weekdays.count(),
              4U);
    EXPECT_EQ(parse_window("sat,Sun 01:00-06:00 Etc/GMT+5")->weekdays.count(), 2U);
}

TEST(Window, RefusesWhatNobodyCouldMean) {
    for (const char* text :
         {"", "Sun", "Sun 02:00-05:00", "02:00-05:00 UTC", "Sun 2:00-5:00 UTC", "Sun 02:00 UTC",
          "Sun 02:00-02:00 UTC", "Sun 24:00-02:00 UTC", "Sun 02:60-05:00 UTC",
          "Sun 25:00-26:00 UTC", "Son 02:00-05:00 UTC", "Sun  02:00-05:00 UTC",
          "Sun 02:00-05:00 tokyo", "Sun 02:00-05:00 ../etc/passwd", "Sun 02:00-05:00 Asia//Tokyo",
          "Sun, 02:00-05:00 UTC", "Sun 02:00-24:01 UTC", "Sun 02:00-05:00 JST"}) {
        EXPECT_FALSE(parse_window(text)) << text;
    }
}

TEST(Day, IsOneOfTheCalendarInAZone) {
    const auto day = parse_day("2028-02-29 Asia/Tokyo");
    ASSERT_TRUE(day);
    EXPECT_EQ(*day, (Day{.year = 2028, .month = 2, .day = 29, .zone = "Asia/Tokyo"}));
    EXPECT_EQ(parse_day("2026-12-31")->zone, "UTC");
    for (const char* text :
         {"", "2026", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-1-1",
          "26-01-01", "2026-01-01 tokyo", "2026-01-01 ", "2026-01-01T00:00", "2026/01/01",
          "2026-01--1", "2026-01-01 UTC UTC"}) {
        EXPECT_FALSE(parse_day(text)) << text;
    }
}

TEST(Schedule, SaysHowOftenItComes) {
    using namespace std::chrono_literals;
    struct Case {
        const char* text{};
        Duration shortest{};
        Duration longest{};
    };
    for (const Case& one : {Case{"* * * * *", 1min, 1min}, Case{"@hourly", 1h, 1h},
                            Case{"0 */6 * * *", 6h, 6h}, Case{"0,5 0 * * *", 5min, 24h - 5min},
                            Case{"59 23 * * *", 24h, 24h}, Case{"0 0 * * mon-fri", 24h, 72h},
                            Case{"@weekly", 168h, 168h}, Case{"0 0 1 * *", 28 * 24h, 31 * 24h},
                            // Of day and weekday one is enough.
                            Case{"0 0 1 * mon", 24h, 168h}}) {
        const Gaps gaps = gaps_of(*parse_cron(one.text));
        EXPECT_EQ(gaps.shortest, one.shortest) << one.text;
        EXPECT_EQ(gaps.longest, one.longest) << one.text;
    }
    EXPECT_GT(gaps_of(*parse_cron("0 0 29 2 *")).longest, 4 * 365 * 24h);
}

}  // namespace
}  // namespace matriarch::specs
