// Day by day through a calendar of five years: one of them has the 29th of February.
#include "specs/schedule_gaps.hpp"

#include <algorithm>
#include <vector>

namespace matriarch::specs {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr int days_looked_at = 5 * 366;
constexpr sys_days first_day = std::chrono::January / 1 / 2024;

bool admits(const CronFields& cron, sys_days day) {
    const year_month_day date(day);
    if (!cron.months[static_cast<unsigned>(date.month())]) return false;
    const bool is_day = cron.days[static_cast<unsigned>(date.day())];
    const bool is_weekday = cron.weekdays[std::chrono::weekday(day).c_encoding()];
    if (cron.any_day || cron.any_weekday) return is_day && is_weekday;
    return is_day || is_weekday;
}

/// Minutes since midnight.
std::vector<int> slots_of_a_day(const CronFields& cron) {
    std::vector<int> slots;
    for (int minute = 0; minute < 24 * 60; ++minute) {
        const bool is_slot = cron.hours[static_cast<std::size_t>(minute / 60)] &&
                             cron.minutes[static_cast<std::size_t>(minute % 60)];
        if (is_slot) slots.push_back(minute);
    }
    return slots;
}

}  // namespace

Gaps gaps_of(const CronFields& cron) {
    const std::vector<int> slots = slots_of_a_day(cron);
    constexpr int all = days_looked_at * 24 * 60;
    int shortest = all;
    int longest = 0;
    int last = -1;
    const auto note = [&](int slot) {
        if (last >= 0) {
            shortest = std::min(shortest, slot - last);
            longest = std::max(longest, slot - last);
        }
        last = slot;
    };
    for (int day = 0; day < days_looked_at; ++day) {
        if (!admits(cron, first_day + std::chrono::days(day))) continue;
        for (const int slot : slots) note(day * 24 * 60 + slot);
    }
    // One slot in all of that time is as good as none.
    if (longest == 0) longest = all;
    return {.shortest = std::chrono::minutes(shortest), .longest = std::chrono::minutes(longest)};
}

}  // namespace matriarch::specs
