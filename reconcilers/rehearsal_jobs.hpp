// The containers of a rehearsal: all on a network that leads nowhere.
#pragma once

#include <string>

#include "reconcilers/snapshots.hpp"
#include "reconcilers/wanted.hpp"

namespace matriarch::reconcilers {

/// One rehearsal: of which release, on which set.
struct RehearsalAttempt {
    Wanted wanted{};
    Snapshot set{};
    std::string subject{};
    std::string reason{};
};

/// A PostgreSQL with the set's rows, which keeps a book of who locks what.
[[nodiscard]] ContainerSpec rehearsal_database(const RehearsalAttempt& attempt);
/// An empty Redis.
[[nodiscard]] ContainerSpec rehearsal_redis(const RehearsalAttempt& attempt);
/// The same code with the same settings and secrets as the migration itself.
[[nodiscard]] ContainerSpec rehearsal_migration(const RehearsalAttempt& attempt);
/// What the book says.
[[nodiscard]] ContainerSpec rehearsal_report(const RehearsalAttempt& attempt);

}  // namespace matriarch::reconcilers
