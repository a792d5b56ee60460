// Suspended: a person said that an instance is not to be touched. A file, so that it outlives the
// journal and can be set while no controller runs.
#pragma once

#include <optional>
#include <string>

#include "controller/base/clock.hpp"
#include "controller/base/state.hpp"

namespace matriarch::controller {

struct Suspension {
    WallTime since{};
    std::string reason{};
    friend bool operator==(const Suspension&, const Suspension&) = default;
};

/// Nothing: it is not suspended. A file that cannot be understood still suspends.
/// Errors: unavailable.
[[nodiscard]] Result<std::optional<Suspension>> load_suspension(const InstanceFolder& folder);

/// Durable when it returns. Suspending again changes the reason and keeps `since`.
[[nodiscard]] Result<void> suspend(const InstanceFolder& folder, const Suspension& suspension);

/// Resuming what is not suspended is success.
[[nodiscard]] Result<void> resume(const InstanceFolder& folder);

}  // namespace matriarch::controller
