// A duration counts back from now; a date begins at midnight, UTC.
#include "controller/cli/times.hpp"

#include <cstdio>

#include "specs/values/units.hpp"

namespace matriarch::controller {

Result<WallTime> parse_since(const std::string& text, WallTime now) {
    using namespace std::chrono;
    if (const auto ago = parse_duration(text)) return now - *ago;
    int year_number = 0;
    unsigned month_number = 0;
    unsigned day_number = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int end = -1;
    std::sscanf(text.c_str(), "%4d-%2u-%2u%n", &year_number, &month_number, &day_number, &end);
    const int date_end = end;
    if (date_end == 10 && text.size() > 10) {
        end = -1;
        std::sscanf(text.c_str() + date_end, "T%2d:%2d:%2dZ%n", &hour, &minute, &second, &end);
        if (end >= 0) end += date_end;
    }
    const year_month_day date{year(year_number), month(month_number), day(day_number)};
    const bool is_time = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 &&
                         second < 60 && end == static_cast<int>(text.size());
    if (!is_time || !date.ok()) {
        return fail(ErrorKind::invalid, "cannot read the time " + text,
                    "Write 24h, 7d, 2026-11-22 or 2026-11-22T10:04:07Z.");
    }
    return WallTime(sys_days(date) + hours(hour) + minutes(minute) + seconds(second));
}

}  // namespace matriarch::controller
