// Requests: what a person last asked for, and when: a backup, a drill, a restore, a database to
// look into, a rehearsal. No orders: what has been made since is the answer, and the file may stay
// as it is.
#pragma once

#include <map>
#include <optional>

#include "controller/base/clock.hpp"
#include "controller/base/state.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::controller {

struct Requests {
    std::optional<WallTime> backup{};
    std::optional<WallTime> drill{};
    /// The restore (by when it was decided) after which somebody said to go on.
    std::optional<WallTime> resumed{};
    std::optional<reconcilers::RestoreWish> restore{};
    /// Name -> the slot of the set that it shows.
    std::map<std::string, WallTime> scratches{};
    std::optional<reconcilers::RehearsalWish> rehearsal{};
};

/// Whole seconds, as in the labels of jobs. A file that cannot be understood asks for nothing.
/// Errors: unavailable.
[[nodiscard]] Result<Requests> load_requests(const InstanceFolder& folder);
[[nodiscard]] Result<void> save_requests(const InstanceFolder& folder, const Requests& requests);

}  // namespace matriarch::controller
