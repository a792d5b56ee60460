// Local times that a change of clocks skips count as the moment of the change; of those that it
// repeats the first counts.
#include "controller/loop/calendar.hpp"

#include <date/tz.h>

#include <stdexcept>

#include "specs/schedule.hpp"

namespace matriarch::controller {

using reconcilers::Time;

namespace {

/// The rules of a time zone. UTC, which most schedules are in, has none to be read: finding the
/// host's others takes 600 looks at its files.
class Zone {
 public:
    static std::optional<Zone> named(const std::string& name) {
        try {
            return Zone(name == "UTC" ? nullptr : date::locate_zone(name));
        } catch (const std::runtime_error&) {
            return std::nullopt;
        }
    }
    [[nodiscard]] date::local_days day_of(Time time) const {
        const date::local_time<std::chrono::milliseconds> unruled(time.time_since_epoch());
        return date::floor<date::days>(rules_ == nullptr ? unruled : rules_->to_local(time));
    }
    [[nodiscard]] Time time_of(date::local_days day, int minutes) const {
        const auto local = day + std::chrono::minutes(minutes);
        if (rules_ == nullptr) return Time(local.time_since_epoch());
        return Time(rules_->to_sys(local, date::choose::earliest));
    }

 private:
    explicit Zone(const date::time_zone* rules) : rules_(rules) {}
    const date::time_zone* rules_{nullptr};
};

/// Of day and weekday one is enough where neither is `*`.
bool admits(const specs::CronFields& cron, date::local_days day) {
    const date::year_month_day date(day);
    if (!cron.months[static_cast<unsigned>(date.month())]) return false;
    const bool is_day = cron.days[static_cast<unsigned>(date.day())];
    const bool is_weekday = cron.weekdays[date::weekday(day).c_encoding()];
    if (cron.any_day || cron.any_weekday) return is_day && is_weekday;
    return is_day || is_weekday;
}

/// A schedule comes at least that often (29 February; 2100 is none).
constexpr date::days longest_pause{366 * 8};

}  // namespace

bool knows_zone(const std::string& name) {
    return Zone::named(name).has_value();
}

bool is_over(const std::string& text, Time now) {
    const auto day = specs::parse_day(text);
    const auto zone = day ? Zone::named(day->zone) : std::nullopt;
    if (!zone) return true;
    const date::local_days last{date::year(day->year) / static_cast<unsigned>(day->month) /
                                static_cast<unsigned>(day->day)};
    return now >= zone->time_of(last + date::days(1), 0);
}

Time next_opening(const std::string& text, Time now) {
    if (text.empty()) return now;
    const auto window = specs::parse_window(text);
    const auto zone = window ? Zone::named(window->zone) : std::nullopt;
    if (!zone) return now + std::chrono::hours(1);
    const auto today = zone->day_of(now);
    // One that opened yesterday may still be open; the same weekday comes again in a week.
    for (int offset = -1; offset <= 8; ++offset) {
        const date::local_days day = today + date::days(offset);
        if (!window->weekdays[date::weekday(day).c_encoding()]) continue;
        const bool is_overnight = window->closes <= window->opens;
        const Time closes = zone->time_of(day + date::days(is_overnight ? 1 : 0), window->closes);
        if (now >= closes) continue;
        return std::max(now, zone->time_of(day, window->opens));
    }
    return now + std::chrono::hours(1);
}

std::optional<Time> last_slot(const std::string& schedule, Time after, Time now) {
    const auto cron = specs::parse_cron(schedule);
    const auto zone = cron ? Zone::named(cron->zone) : std::nullopt;
    if (!zone || now <= after) return std::nullopt;
    after = std::max(after, Time(now - longest_pause));
    const auto first = zone->day_of(after) - date::days(1);
    // A repeated local time is later than one that comes after it.
    auto day = zone->day_of(now) + date::days(1);
    for (; day >= first; day -= date::days(1)) {
        if (!admits(*cron, day)) continue;
        for (int minute = 24 * 60 - 1; minute >= 0; --minute) {
            if (!cron->hours[static_cast<std::size_t>(minute / 60)]) continue;
            if (!cron->minutes[static_cast<std::size_t>(minute % 60)]) continue;
            const Time at = zone->time_of(day, minute);
            if (at > now) continue;
            return at > after ? std::optional(at) : std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace matriarch::controller
