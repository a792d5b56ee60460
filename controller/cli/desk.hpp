// Desk: what a command works with that asks the controller for something and looks at what becomes
// of it. The work is the controller's.
#pragma once

#include <memory>

#include "controller/cli/session.hpp"
#include "controller/store/journal.hpp"
#include "reconcilers/snapshots.hpp"

namespace matriarch::controller {

struct Desk {
    InstanceFolder folder{};
    std::unique_ptr<Journal> journal{};
    /// Its name and its repository, no more.
    specs::Instance instance{};
};

/// Errors: invalid (this host knows no such instance), unavailable.
[[nodiscard]] Result<Desk> desk_of(const CommonOptions& common, const std::string& name,
                                   const Clock& clock);

/// What the repository was last known to have. Errors: unavailable.
[[nodiscard]] Result<reconcilers::ObservedRepository> known_repository(Desk& desk);

/// Errors: refused (no controller works on it).
[[nodiscard]] Result<void> needs_controller(const Desk& desk);

/// What the controller last said in a condition, where that is `status` and was said since then.
[[nodiscard]] Result<std::optional<std::string>> said_since(Desk& desk, const std::string& type,
                                                            const std::string& status,
                                                            WallTime since);

/// Until the next look.
void wait_a_little(std::stop_token stop);

}  // namespace matriarch::controller
