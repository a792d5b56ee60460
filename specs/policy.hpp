// Policy: what this host allows a fleet repository to name. From /etc/matriarch/policy.yaml, never
// from git: whoever can push may choose, and only among what is allowed here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "specs/instance.hpp"
#include "specs/node.hpp"
#include "specs/values/result.hpp"

namespace matriarch::specs {

/// How many people must have approved of what is merged, and who counts.
struct ReviewRule {
    /// 0: nobody must.
    int approvals{0};
    /// Names at the forge; where there is none, the addresses of `Reviewed-by:` lines.
    std::vector<std::string> by{};
};

/// 0: no such bound.
struct Ceilings {
    /// Of all containers of an instance together.
    Bytes memory{};
    Cpus cpus{};
    /// Of web, of streaming, of each group of Sidekiq.
    int replicas{0};
    /// The longest time from one backup of the database to the next.
    Duration backup_interval{0};
    friend bool operator==(const Ceilings&, const Ceilings&) = default;
};

/// 0: no such bound.
struct Floors {
    /// Of each container.
    Bytes memory{};
    /// How many backups of the database retention must keep.
    int backups_kept{0};
    /// The shortest time from one to the next of anything that a schedule starts.
    Duration schedule_interval{0};
    /// The least that `upgrade.backup` may ask for before a migration; none: no such bound.
    BackupDemand upgrade_backup{BackupDemand::none};
    friend bool operator==(const Floors&, const Floors&) = default;
};

/// In the file:
///
///     registries: [registry.example.org/mastodon]
///     backup_repositories: ["sftp:backup@example.org:/srv"]
///     secret_files: [/etc/matriarch]
///     prune: true
///     update_check: true
///
/// and what a whole commit must meet, else it is held:
///
///     signers: /etc/matriarch/allowed_signers
///     reviews: {approvals: 1, by: [ada, grace@example.org]}
///     rehearsed: true
///     as_reviewed: true
///     versions: {lowest: v4.4.0}
///     ceilings: {memory: 6GiB, cpus: 4, replicas: 4, backup_interval: 24h}
///     floors: {memory: 64MiB, backups_kept: 4, schedule_interval: 15m, upgrade_backup: recent}
///
/// Lists are beginnings of names, each ending at a '/' of the name or with it.
struct Policy {
    /// Beside these, the official images and registries on loopback are always allowed.
    std::vector<std::string> registries{};
    /// Where `backups.repository` may move to after the first deployment.
    std::vector<std::string> backup_repositories{};
    /// Folders from which `secrets: file:/...` may be read.
    std::vector<std::string> secret_files{"/etc/matriarch"};
    /// Whether the containers of an instance go once its file has left the repository.
    bool prune{false};
    /// Who may sign commits: OpenSSH's allowed_signers, or a keyring of OpenPGP (*.gpg). Without
    /// either a commit needs no signature.
    std::vector<std::string> signers{};
    /// Where Mastodon's own list of updates is read, which tells it the version; empty: nowhere.
    std::string update_check{};
    ReviewRule reviews{};
    /// No schema changes without a rehearsal that has passed, whatever the instance file says.
    bool rehearsed{false};
    /// A commit comes into force only while its plan is the one that a pull request showed.
    bool as_reviewed{false};
    /// No Mastodon older than this; v0.0.0: any.
    Version lowest_version{};
    Ceilings ceilings{};
    Floors floors{};
};

/// Reads a policy file's tree. Errors: invalid (unknown key, another type, a value that would admit
/// nothing or everything).
[[nodiscard]] Result<Policy> parse_policy(const Node& tree);

/// Whether an image may be run on this host.
[[nodiscard]] bool allows_image(const Policy& policy, const ImageRef& image);

/// Whether `file:/...` may be read.
[[nodiscard]] bool allows_secret_file(const Policy& policy, std::string_view path);

/// Whether an instance that has a backup repository may change to this one.
[[nodiscard]] bool allows_backup_repository(const Policy& policy, std::string_view repository);

}  // namespace matriarch::specs
