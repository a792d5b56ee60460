// Goal: what counts for one instance, as committed or as a person went back to.
#pragma once

#include <memory>

#include "controller/base/state.hpp"
#include "controller/loop/fleet.hpp"
#include "controller/store/generation.hpp"

namespace matriarch::controller {

/// The fleet with this instance as it was when it was settled before, where `matriarch rollback`
/// said so and no other commit came since; else as it is. Errors: those of load_rollback.
[[nodiscard]] Result<std::shared_ptr<const Fleet>> goal_of(const InstanceFolder& folder,
                                                           std::shared_ptr<const Fleet> fleet);

/// A fleet in which this instance is as that generation had it.
[[nodiscard]] Fleet with_generation(Fleet fleet, const Generation& generation);

/// What of a fleet is kept once the instance is settled at it.
[[nodiscard]] Generation generation_of(const Fleet& fleet, const std::string& name);

}  // namespace matriarch::controller
