// What was tried for an instance, failed, and is not to be tried again as it is: a small durable
// file, so that it outlives the controller and the journal. Losing it costs one more try.
#pragma once

#include "controller/base/state.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::controller {

/// A file that cannot be understood says nothing. Errors: unavailable.
[[nodiscard]] Result<reconcilers::Failures> load_failures(const InstanceFolder& folder);

/// Durable when it returns. Of the oldest ones, those beyond twenty are forgotten.
/// Errors: unavailable.
[[nodiscard]] Result<void> remember_failure(const InstanceFolder& folder, const std::string& key,
                                            const std::string& what);

/// Everything may be tried again. Errors: unavailable.
[[nodiscard]] Result<void> forget_failures(const InstanceFolder& folder);

}  // namespace matriarch::controller
