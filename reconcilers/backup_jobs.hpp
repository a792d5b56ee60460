// The jobs that make backups, and the names of their roles. What is in their scripts is in
// backup_scripts.cpp, when they run in scheduled_backup.cpp.
#pragma once

#include <string>

#include "reconcilers/converge.hpp"

namespace matriarch::reconcilers {

/// Writes the database into the volume of backups, with a manifest, and reads it back.
inline constexpr const char* dump_role = "dump";
// Jobs with restic; each ends with the list of what the repository has.
inline constexpr const char* snapshot_role = "snapshot";
inline constexpr const char* media_role = "snapshot-media";
inline constexpr const char* list_role = "snapshots";
// A drill: what was stored is fetched, restored into a server that nothing reaches, and marked.
inline constexpr const char* fetch_role = "drill-fetch";
inline constexpr const char* drill_role = "drill";
inline constexpr const char* mark_role = "drill-mark";

// A restore: the set is fetched and checked, its secrets are taken from a job that waits for that,
// the database is restored beside the one that is there and takes its place, media are added.
inline constexpr const char* restore_fetch_role = "restore-fetch";
inline constexpr const char* restore_secrets_role = "restore-secrets";
inline constexpr const char* restore_database_role = "restore-database";
inline constexpr const char* restore_media_role = "restore-media";

// A database to look into: fetched, then in a server that nothing reaches, until it is taken away.
inline constexpr const char* scratch_fetch_role = "scratch-fetch";
inline constexpr const char* scratch_role = "scratch";

/// Jobs with restic: the only ones that know the repository's password, and that may reach a folder
/// of the host: the repository's own.
[[nodiscard]] bool is_repository_role(const std::string& role);

/// What belongs to scheduled backups.
[[nodiscard]] bool is_upkeep_role(const std::string& role);

[[nodiscard]] bool is_restore_role(const std::string& role);

/// Whether two jobs of these roles keep off each other: one writer of dumps, one of the repository,
/// and none that reads the database while its schema changes.
[[nodiscard]] bool excludes(const std::string& role, const std::string& other);

/// The job that keeps a job of this role from starting now; null: none does.
[[nodiscard]] const ObservedContainer* in_the_way(const World& world, const std::string& role);

/// The folder of the host that a local repository is; empty: it is reached over the network.
[[nodiscard]] std::string repository_folder(const specs::Instance& instance);

/// A digest of where an instance's repository is: what is known of one is not of another.
[[nodiscard]] std::string repository_key(const specs::Instance& instance);

/// Whether the host lets a repository be there: a folder of the system is none for backups.
[[nodiscard]] bool allows_repository(const Wanted& wanted);

/// Says what the host must allow before anything of a backup is touched.
void check_backup_policy(const Wanted& wanted, Steps& steps);

/// What every job with restic has: the repository, its password, and who is to be in it.
[[nodiscard]] ContainerSpec restic_job(const Wanted& wanted, const World& world,
                                       const std::string& name, const std::string& role,
                                       const std::string& subject);

[[nodiscard]] ContainerSpec dump_job(const Wanted& wanted, const World& world, Time slot);
[[nodiscard]] ContainerSpec snapshot_job(const Wanted& wanted, const World& world, Time slot);
[[nodiscard]] ContainerSpec media_job(const Wanted& wanted, const World& world, Time slot);
[[nodiscard]] ContainerSpec fetch_job(const Wanted& wanted, const World& world, Time slot);
[[nodiscard]] ContainerSpec drill_job(const Wanted& wanted, Time slot);
[[nodiscard]] ContainerSpec mark_job(const Wanted& wanted, const World& world, Time slot);
[[nodiscard]] ContainerSpec list_job(const Wanted& wanted, const World& world);

}  // namespace matriarch::reconcilers
