// A clock that went back leaves snapshots of the future: they count for nothing until it comes.
#include "reconcilers/snapshots.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace matriarch::reconcilers {

std::string slot_text(Time slot) {
    const auto day = std::chrono::floor<std::chrono::days>(slot);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(slot - day);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text.data();
}

Result<Time> parse_slot(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:ddZ";
    const auto fits = [](char actual, char wanted) {
        return wanted == 'd' ? actual >= '0' && actual <= '9' : actual == wanted;
    };
    if (!std::equal(text.begin(), text.end(), form.begin(), form.end(), fits)) {
        return fail(ErrorKind::invalid, "not a time like 2026-11-22T06:00:00Z");
    }
    const auto number = [&](std::size_t from, std::size_t count) {
        int value = 0;
        for (const char digit : text.substr(from, count)) value = value * 10 + (digit - '0');
        return value;
    };
    const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(8, 2))));
    if (!date.ok()) return fail(ErrorKind::invalid, "no such day");
    return std::chrono::sys_days(date) + std::chrono::hours(number(11, 2)) +
           std::chrono::minutes(number(14, 2)) + std::chrono::seconds(number(17, 2));
}

const Snapshot* newest_complete(const ObservedRepository& repository, const std::string& kind,
                                Time now) {
    const Snapshot* newest = nullptr;
    for (const Snapshot& one : repository.snapshots) {
        if (one.kind != kind || !one.is_complete || one.taken > now) continue;
        if (newest == nullptr || one.taken > newest->taken) newest = &one;
    }
    return newest;
}

const Snapshot* find_set(const ObservedRepository& repository, const std::string& which, Time now) {
    if (which == "latest") return newest_complete(repository, database_kind, now);
    const Snapshot* found = nullptr;
    for (const Snapshot& one : repository.snapshots) {
        const bool is_it = one.id.starts_with(which) || one.original.starts_with(which);
        if (which.empty() || !is_it || one.kind != database_kind || !one.is_complete) continue;
        if (found != nullptr) return nullptr;
        found = &one;
    }
    return found;
}

const Snapshot* set_of(const ObservedRepository& repository, Time slot) {
    for (const Snapshot& one : repository.snapshots) {
        if (one.kind == database_kind && one.is_complete && one.slot == slot) return &one;
    }
    return nullptr;
}

const Snapshot* media_for(const ObservedRepository& repository, Time taken) {
    const Snapshot* best = nullptr;
    for (const Snapshot& one : repository.snapshots) {
        if (one.kind != media_kind || !one.is_complete) continue;
        const bool is_better =
            best == nullptr ||
            (best->taken < taken ? one.taken > best->taken
                                 : one.taken >= taken && one.taken < best->taken);
        if (is_better) best = &one;
    }
    return best;
}

std::string sets_in_words(const ObservedRepository& repository) {
    std::string text;
    for (const Snapshot& one : repository.snapshots) {
        if (one.kind != database_kind || !one.is_complete) continue;
        text += (text.empty() ? "" : ", ") + one.id.substr(0, 8) + " of " + slot_text(one.taken);
    }
    return text.empty() ? "none" : text;
}

bool has_drill(const ObservedRepository& repository, Time slot, Time now) {
    return std::any_of(repository.snapshots.begin(), repository.snapshots.end(),
                       [&](const Snapshot& one) {
                           return one.is_verified && one.drilled >= slot && one.drilled <= now;
                       });
}

bool has_time(const std::set<Time>& served, Time slot, Time now) {
    const auto found = served.lower_bound(slot);
    return found != served.end() && *found <= now;
}

bool has_slot(const ObservedRepository& repository, const std::string& kind, Time slot, Time now) {
    return std::any_of(
        repository.snapshots.begin(), repository.snapshots.end(), [&](const Snapshot& one) {
            return one.kind == kind && one.is_complete && one.slot >= slot && one.slot <= now;
        });
}

}  // namespace matriarch::reconcilers
