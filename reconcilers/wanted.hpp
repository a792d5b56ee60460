// Wanted: one instance as a commit wants it, with the secrets it needs; and the names of its parts.
//
// Names are deterministic, so that creating twice is a conflict and not a second container.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reconcilers/container.hpp"
#include "specs/instance.hpp"
#include "specs/policy.hpp"
#include "specs/values/secret.hpp"

namespace matriarch::reconcilers {

struct Wanted {
    specs::Instance instance{};
    /// Given and generated ones, by name. Only UPPER_CASE names reach Mastodon's environment.
    std::map<std::string, Secret> secrets{};
    /// They are still in the backup that the instance begins from.
    bool lacks_secrets{false};
    /// Commit in force; empty for a folder that is not in git.
    std::string revision{};
    /// What this host allows.
    specs::Policy policy{};
    /// Sum of the memory limits of the other instances of the fleet on the same host.
    Bytes memory_of_others{};
    /// The instance as it was when it last stood as wanted: what of the world differs from both is
    /// drift. Nothing: it never did, or that is not known any more.
    std::shared_ptr<const specs::Instance> settled{};
    /// The secrets in the repository were others then.
    bool settled_had_other_secrets{false};
};

/// The names of networks, volumes and single containers of an instance.
struct Names {
    explicit Names(const specs::Instance& instance);

    std::string internal_network{};
    std::string external_network{};
    std::string postgres{};
    std::string redis{};
    std::string search{};
    std::string edge{};
    /// The data folder of one major version: another major never opens it.
    std::string postgres_volume{};
    std::string redis_volume{};
    std::string media_volume{};
    std::string backups_volume{};
    std::string edge_volume{};
    std::string search_volume{};
    /// Continuous archiving, and the folder of the socket by which it reaches the server.
    std::string archive{};
    std::string archive_volume{};
    std::string socket_volume{};
    /// "<instance>-<what>"
    [[nodiscard]] std::string of(const std::string& what) const { return prefix_ + "-" + what; }

 private:
    std::string prefix_{};
};

/// Where the image of that major version keeps its data, and declares a volume.
[[nodiscard]] std::string postgres_folder(int version);

/// What the image of PostgreSQL needs to make a new database.
[[nodiscard]] Environment database_environment(const Wanted& wanted);

/// What the programs of PostgreSQL need to reach the instance's server.
[[nodiscard]] Environment database_access(const Wanted& wanted);

/// Database and its owner inside PostgreSQL.
inline constexpr const char* database_name = "mastodon_production";
inline constexpr const char* database_user = "mastodon";

/// A container with what all of ours share: name, role, labels, limits, posture.
[[nodiscard]] ContainerSpec base_container(const Wanted& wanted, const std::string& name,
                                           const std::string& role, const specs::ImageRef& image);

/// Adds the labels that depend on everything else (the spec digest). Last call of every wanted_*.
[[nodiscard]] ContainerSpec finished(ContainerSpec spec);

/// The environment that web, sidekiq, streaming and Rails jobs share.
[[nodiscard]] Environment mastodon_environment(const Wanted& wanted);

/// The long-running containers of one role, or none. A copy: what it is made from may be replaced.
[[nodiscard]] std::vector<ContainerSpec> wanted_of(const Wanted& wanted, const std::string& role);

// How each role is made; each lives in its reconciler's file.
[[nodiscard]] ContainerSpec wanted_postgres(const Wanted& wanted);
[[nodiscard]] ContainerSpec wanted_redis(const Wanted& wanted);
[[nodiscard]] std::vector<ContainerSpec> wanted_search(const Wanted& wanted);
[[nodiscard]] std::vector<ContainerSpec> wanted_web(const Wanted& wanted);
[[nodiscard]] std::vector<ContainerSpec> wanted_streaming(const Wanted& wanted);
[[nodiscard]] std::vector<ContainerSpec> wanted_sidekiq(const Wanted& wanted);
[[nodiscard]] std::vector<ContainerSpec> wanted_edge(const Wanted& wanted);
[[nodiscard]] std::vector<ContainerSpec> wanted_archive(const Wanted& wanted);

/// All of the above, in the order in which they depend on one another.
[[nodiscard]] std::vector<ContainerSpec> wanted_containers(const Wanted& wanted);

/// Web, streaming and sidekiq: what runs Mastodon's code.
[[nodiscard]] bool is_app_role(const std::string& role);

/// A volume that belongs to the instance. Data volumes have an identity and are never made twice.
struct WantedVolume {
    std::string name{};
    std::string role{};
    bool is_data{true};
};
[[nodiscard]] std::vector<WantedVolume> wanted_volumes(const Wanted& wanted);

/// Every image reference the instance runs, without doubles.
[[nodiscard]] std::vector<specs::ImageRef> wanted_images(const Wanted& wanted);

}  // namespace matriarch::reconcilers
