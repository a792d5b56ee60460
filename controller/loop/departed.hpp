// Departed: instances that were settled here and whose file is gone: whether somebody meant that.
#pragma once

#include <optional>

#include "controller/loop/fleet.hpp"
#include "controller/store/generation.hpp"

namespace matriarch::controller {

/// Why an instance is not removed, although its name is not in the fleet in force and this host
/// allows removals: anything that a slip, a rename or another repository would look like. Nothing:
/// it may be. `last` is what was settled last of it.
[[nodiscard]] std::optional<Error> why_not_removed(const Fleet& fleet, const Generation& last);

/// What was settled last of an instance that may be removed. Errors: refused (why it is kept),
/// unavailable, invalid.
[[nodiscard]] Result<Generation> removable(const InstanceFolder& folder, const Fleet& fleet);

}  // namespace matriarch::controller
