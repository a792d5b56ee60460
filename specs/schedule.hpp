// Schedules (five-field cron or @words) and maintenance windows, as values. No clock in here: which
// instant is next is the business of whoever has one.
#pragma once

#include <bitset>
#include <string>
#include <string_view>

#include "specs/values/result.hpp"

namespace matriarch::specs {

/// What a cron expression admits. All five must admit, but of day and weekday one is enough where
/// neither is `*` (POSIX crontab, "The sixth field").
struct CronFields {
    std::bitset<60> minutes{};
    std::bitset<24> hours{};
    /// Index 1 to 31; 0 is unused.
    std::bitset<32> days{};
    /// Index 1 to 12; 0 is unused.
    std::bitset<13> months{};
    /// 0 is Sunday.
    std::bitset<7> weekdays{};
    bool any_day{false};
    bool any_weekday{false};
    /// As that of a window.
    std::string zone{"UTC"};
    friend bool operator==(const CronFields&, const CronFields&) = default;
};

/// "0 */6 * * *", "30 3 * * mon-fri", "@hourly", "@daily", "@weekly", "@monthly"; in UTC, or in the
/// zone that is named behind it: "0 3 * * * Asia/Tokyo", "@daily Europe/Berlin".
/// Errors: invalid (another number of fields, a value out of range, a day that never comes).
[[nodiscard]] Result<CronFields> parse_cron(std::string_view text);

/// A day of the calendar, in a time zone.
struct Day {
    int year{0};
    /// 1 is January.
    int month{0};
    int day{0};
    /// As that of a window.
    std::string zone{"UTC"};
    friend bool operator==(const Day&, const Day&) = default;
};

/// "2026-12-31" in UTC, or in the zone that is named behind it: "2026-12-31 Asia/Tokyo".
/// Errors: invalid (another form, a day that no calendar has).
[[nodiscard]] Result<Day> parse_day(std::string_view text);

/// A time of the week in which upgrades may start.
struct Window {
    /// 0 is Sunday: the day on which it opens.
    std::bitset<7> weekdays{};
    /// Minutes since midnight. A closing time before the opening one lies on the next day.
    int opens{0};
    int closes{0};
    /// A name of the IANA time zone database, such as Asia/Tokyo, or UTC. Only its form is checked.
    std::string zone{};
    friend bool operator==(const Window&, const Window&) = default;
};

/// "Sun 02:00-05:00 Asia/Tokyo", "Mon-Fri 22:00-02:00 UTC", "Sat,Sun 01:00-06:00 Europe/Berlin",
/// "daily 02:00-05:00 UTC". Errors: invalid.
[[nodiscard]] Result<Window> parse_window(std::string_view text);

}  // namespace matriarch::specs
