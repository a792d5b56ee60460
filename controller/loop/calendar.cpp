// Local times that a change of clocks skips count as the moment of the change; of those that it
// repeats the first counts.
#include "controller/loop/calendar.hpp"

#include <date/tz.h>

#include <stdexcept>

#include "specs/schedule.hpp"

namespace matriarch::controller {

using reconcilers::Time;

namespace {

const date::time_zone* zone_of(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

}  // namespace

bool knows_zone(const std::string& name) {
    return zone_of(name) != nullptr;
}

Time next_opening(const std::string& text, Time now) {
    if (text.empty()) return now;
    const auto window = specs::parse_window(text);
    const date::time_zone* zone = window ? zone_of(window->zone) : nullptr;
    if (zone == nullptr) return now + std::chrono::hours(1);
    const auto today = date::floor<date::days>(zone->to_local(now));
    const auto at = [&](date::local_days day, int minutes) {
        return Time(zone->to_sys(day + std::chrono::minutes(minutes), date::choose::earliest));
    };
    // One that opened yesterday may still be open; the same weekday comes again in a week.
    for (int offset = -1; offset <= 8; ++offset) {
        const date::local_days day = today + date::days(offset);
        if (!window->weekdays[date::weekday(day).c_encoding()]) continue;
        const bool is_overnight = window->closes <= window->opens;
        const Time closes = at(day + date::days(is_overnight ? 1 : 0), window->closes);
        if (now >= closes) continue;
        return std::max(now, at(day, window->opens));
    }
    return now + std::chrono::hours(1);
}

}  // namespace matriarch::controller
