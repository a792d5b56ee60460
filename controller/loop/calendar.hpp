// Calendar: when a maintenance window opens, and what a schedule has come to, each in the time zone
// that it names.
//
// The rules of time zones are the host's (tzdata), through the date library: the standard library
// of g++ 12 has none.
#pragma once

#include <optional>
#include <string>

#include "reconcilers/world.hpp"

namespace matriarch::controller {

/// Now where the window (see specs/schedule.hpp) is open or there is none, else when it opens next.
/// A window that cannot be understood on this host stays shut for an hour, and then again.
[[nodiscard]] reconcilers::Time next_opening(const std::string& window, reconcilers::Time now);

/// The newest time after `after`, up to now, that a schedule names: each local time counts once,
/// also where a change of clocks skips or repeats it. Nothing: none has come.
[[nodiscard]] std::optional<reconcilers::Time> last_slot(const std::string& schedule,
                                                         reconcilers::Time after,
                                                         reconcilers::Time now);

/// Whether the last moment of a day (see specs/schedule.hpp) is past. One that cannot be understood
/// on this host is: nothing goes on for ever because of it.
[[nodiscard]] bool is_over(const std::string& day, reconcilers::Time now);

/// Whether this host knows a time zone of that name.
[[nodiscard]] bool knows_zone(const std::string& name);

}  // namespace matriarch::controller
