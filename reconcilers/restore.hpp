// Restore: what was backed up takes the place of what is there, or of nothing.
#pragma once

#include "reconcilers/pursue.hpp"

namespace matriarch::reconcilers {

/// A host that has nothing of an instance whose file says where to begin from.
[[nodiscard]] bool begins_from_backup(const Wanted& wanted, const World& world);

/// Its first steps: what the repository has is looked at, and what is to be brought back is written
/// down. Until then nothing is made.
[[nodiscard]] Steps plan_bootstrap(const Wanted& wanted, const World& world);

/// A person's wish for a restore, beside everything that serves: the state of now is backed up, the
/// set is fetched whole and looked at, and only then it is written down as what comes next.
void plan_wish(const Wanted& wanted, const World& world, Steps& steps);

/// The volume of the database is gone, and a person asked for a restore.
[[nodiscard]] bool is_database_lost(const Wanted& wanted, const World& world);

/// Its first steps. Until the set is here, whole, the alarm's cause stays written down as it is.
[[nodiscard]] Steps plan_lost_database(const Wanted& wanted, const World& world);

/// Whether the set is here, whole, from the repository or the archive, and of this server; else the
/// next step towards it, or what is in the way.
bool has_fitting_set(const Wanted& wanted, const World& world, Steps& steps,
                     const Restore& restore);

/// What is restored, or fetched for that; nothing: neither.
[[nodiscard]] std::optional<Restore> to_restore(const World& world);

/// Next steps of what Identity::restoring says, from the repository to a database in its place.
void plan_restore(const Wanted& wanted, const World& world, Steps& steps);

/// Sidekiq is not started after a restore until a person says so: it would deliver, fetch and
/// delete as though no time had passed.
[[nodiscard]] bool is_held(const World& world);

/// Why, for a person.
[[nodiscard]] std::string why_held(const World& world);

// The jobs, each for one restore.
[[nodiscard]] ContainerSpec restore_fetch_job(const Wanted& wanted, const World& world);
[[nodiscard]] ContainerSpec restore_secrets_job(const Wanted& wanted, const World& world);
[[nodiscard]] ContainerSpec restore_media_job(const Wanted& wanted, const World& world);
[[nodiscard]] ContainerSpec restore_database_job(const Wanted& wanted, const World& world);

/// Into the folder PLACE of the volume of backups.
[[nodiscard]] std::string restore_fetch_script();

/// What is run in the second of them to have the secrets: waits until they are there.
[[nodiscard]] std::vector<std::string> secrets_command();

}  // namespace matriarch::reconcilers
