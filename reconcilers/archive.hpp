// Archive: every change of the database, streamed into a volume of its own as it is committed
// (`backups.database.continuous`), and base backups that it is replayed on.
#pragma once

#include <optional>
#include <string>

#include "reconcilers/converge.hpp"
#include "reconcilers/status.hpp"

namespace matriarch::reconcilers {

/// Streams the log of the database.
inline constexpr const char* archive_role = "archive";
/// Makes a base backup beside it.
inline constexpr const char* base_role = "archive-base";
/// Recovers a database from both, for a restore.
inline constexpr const char* recover_role = "restore-recover";

/// What its health check last told.
struct ObservedArchive {
    /// The cluster and when it began: a gap in the log begins another one.
    std::string id{};
    /// Everything committed until then is in it.
    Time caught_up{};
    bool streams{false};
    /// Base backups that it can be replayed on.
    int bases{0};
};

/// Nothing: there is none, or it has not said anything yet.
[[nodiscard]] std::optional<ObservedArchive> archive_of(const Wanted& wanted, const World& world);

/// Next step of the container that streams. Never keeps the instance from being as wanted.
void plan_archive(const Wanted& wanted, const World& world, Steps& steps);

/// Where PostgreSQL's programs reach its server without a network and without a password.
[[nodiscard]] Mount socket_mount(const Wanted& wanted);

/// A base backup at each time of the database's schedule, and one for each archive that has none.
void plan_base(const Wanted& wanted, const World& world, Steps& steps);

/// Whether there is something for plan_base(), or something that it left.
[[nodiscard]] bool has_archive_work(const Wanted& wanted, const World& world);

/// The job that makes a set from the archive, for the restore that is asked for.
[[nodiscard]] ContainerSpec recover_job(const Wanted& wanted, const World& world);

/// Says how much would be lost now: ArchiveStreams.
void add_archive(const Wanted& wanted, const World& world, InstanceStatus& status);

}  // namespace matriarch::reconcilers
