// World: what was observed of one instance, all at one time. A value; nothing in it asks or changes
// anything. controller/loop/observe.cpp makes it from the Engine; simulate.cpp changes copies of
// it.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reconcilers/container.hpp"

namespace matriarch::reconcilers {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

enum class RunState { created, running, paused, restarting, removing, exited, dead };
enum class Health { none, starting, healthy, unhealthy };

using matriarch::to_text;  // units; the overloads below would hide them

[[nodiscard]] const char* to_text(RunState state);

struct ObservedContainer {
    std::string id{};
    std::string name{};
    /// Projection of the inspection to what we decide. Every environment value counts as secret.
    ContainerSpec spec{};
    /// "sha256:..." of the image it runs, and the reference it was created with.
    std::string image_id{};
    std::string image_reference{};
    RunState state{RunState::created};
    Health health{Health::none};
    /// Newest health check: when it began, and what it printed.
    Time health_at{};
    std::string health_output{};
    /// Answer to our own asking of the health check while `health` is still `starting`.
    bool answers{false};
    int exit_code{0};
    bool oom_killed{false};
    std::string error{};
    int restart_count{0};
    Time created_at{};
    Time started_at{};
    Time finished_at{};
    /// Network name -> network id, as attached.
    std::map<std::string, std::string> network_ids{};
    /// When we asked it to stop (this process's memory only; asking again is harmless).
    std::optional<Time> stopping_since{};
    /// Last lines of a finished job's output, for messages. Redacted before it is shown.
    std::string log_tail{};

    [[nodiscard]] bool is_running() const { return state == RunState::running; }
    [[nodiscard]] bool has_exited() const {
        return state == RunState::exited || state == RunState::dead;
    }
    /// Running, and its health question was answered with yes (or there is none to ask).
    [[nodiscard]] bool is_ready() const {
        if (!is_running()) return false;
        return health == Health::none || health == Health::healthy ||
               (health == Health::starting && answers);
    }
};

struct ObservedNetwork {
    std::string id{};
    std::string name{};
    bool internal{false};
    std::map<std::string, std::string> labels{};
    /// A running container, ours or not, is attached to it.
    bool is_used{false};
};

struct ObservedVolume {
    std::string name{};
    std::map<std::string, std::string> labels{};
    /// As the Engine says it. No identity: Docker 20.10 shows the time its folder last changed.
    std::string created_at{};
};

/// Who a data volume is: written down locally before it is made, so that a later absence is
/// noticed.
struct VolumeIdentity {
    /// Also in the volume's label.
    std::string uuid{};
    /// When it was first seen in the Engine; from then on its absence is an alarm. Never compared.
    std::string created_at{};
    friend bool operator==(const VolumeIdentity&, const VolumeIdentity&) = default;
};

/// What this host remembers about an instance's data. Empty before the first deployment.
struct Identity {
    /// Volume name -> identity.
    std::map<std::string, VolumeIdentity> volumes{};
    /// PostgreSQL's system identifier once it was seen.
    std::string database_system{};
    /// LOCAL_DOMAIN (and WEB_DOMAIN) as first deployed; can never change.
    std::string domain{};
    std::string web_domain{};
    std::string backup_repository{};
    /// The first setup came to its end: the database has its first rows, not only their tables.
    bool is_set_up{false};
    friend bool operator==(const Identity&, const Identity&) = default;
};

/// What the database says of itself.
struct ObservedSchema {
    /// Set while a running, ready PostgreSQL could be asked.
    bool is_known{false};
    /// Applied migrations (14 digits); empty: no schema yet.
    std::set<std::string> applied{};
    std::string system_identifier{};
};

/// The migrations inside an image, listed without booting Rails.
struct MigrationFiles {
    /// version -> name
    std::map<std::string, std::string> regular{};
    std::map<std::string, std::string> post_deployment{};
};

struct HostFacts {
    std::string engine_id{};
    std::string engine_version{};
    Bytes memory{};
    int cpus{0};
    /// Free bytes where the Engine keeps its data; unset where that cannot be seen (remote Engine).
    std::optional<Bytes> disk_free{};
};

struct World {
    Time now{};
    HostFacts host{};
    /// This instance's containers by name (found by label).
    std::map<std::string, ObservedContainer> containers{};
    /// Names that this instance would use and that somebody else's container has: name -> id.
    std::map<std::string, std::string> taken_names{};
    /// By name. A name that several networks share is in `doubled_networks` instead.
    std::map<std::string, ObservedNetwork> networks{};
    std::map<std::string, std::vector<ObservedNetwork>> doubled_networks{};
    std::map<std::string, ObservedVolume> volumes{};
    /// Wanted reference (full text) -> the local image that carries it. Absent: not on this host.
    std::map<std::string, ImageFacts> images{};
    /// By image id: of the images that containers run.
    std::map<std::string, ImageFacts> images_by_id{};
    /// Full text of references being pulled now -> progress in words.
    std::map<std::string, std::string> pulling{};
    /// Full text of references whose last pull failed -> why. Cleared when a new try begins.
    std::map<std::string, std::string> pull_errors{};
    ObservedSchema schema{};
    /// By image id.
    std::map<std::string, MigrationFiles> migrations{};
    /// Versions that some image once listed as regular, also where its list is gone by now.
    std::set<std::string> regular_migrations{};
    Identity identity{};

    [[nodiscard]] const ObservedContainer* container(const std::string& name) const {
        const auto found = containers.find(name);
        return found == containers.end() ? nullptr : &found->second;
    }
    [[nodiscard]] const ImageFacts* image(const specs::ImageRef& reference) const {
        const auto found = images.find(specs::to_text(reference));
        return found == images.end() ? nullptr : &found->second;
    }
};

}  // namespace matriarch::reconcilers
