// Calendar: when a maintenance window opens, in the time zone that it names.
//
// The rules of time zones are the host's (tzdata), through the date library: the standard library
// of g++ 12 has none.
#pragma once

#include <string>

#include "reconcilers/world.hpp"

namespace matriarch::controller {

/// Now where the window (see specs/schedule.hpp) is open or there is none, else when it opens next.
/// A window that cannot be understood on this host stays shut for an hour, and then again.
[[nodiscard]] reconcilers::Time next_opening(const std::string& window, reconcilers::Time now);

/// Whether this host knows a time zone of that name.
[[nodiscard]] bool knows_zone(const std::string& name);

}  // namespace matriarch::controller
