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
#include "reconcilers/host.hpp"
#include "reconcilers/rehearsed.hpp"
#include "reconcilers/snapshots.hpp"

namespace matriarch::reconcilers {

enum class RunState { created, running, paused, restarting, removing, exited, dead };
enum class Health { none, starting, healthy, unhealthy };

using matriarch::to_text;  // units; the overloads below would hide them

[[nodiscard]] const char* to_text(RunState state);

/// Sidekiq's own account of itself.
struct Workers {
    /// Jobs in hand.
    int busy{0};
    /// It fetches no more (TSTP), until it is started anew.
    bool is_quiet{false};
    friend bool operator==(const Workers&, const Workers&) = default;
};

/// So many good answers in a row, and people are sent there.
inline constexpr int looks_needed{3};

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
    /// Answer to our own asking of the health check while `health` is still `starting`, and how
    /// often in a row it was yes.
    bool answers{false};
    int good_looks{0};
    int exit_code{0};
    bool oom_killed{false};
    std::string error{};
    int restart_count{0};
    Time created_at{};
    Time started_at{};
    Time finished_at{};
    /// Network name -> network id, as attached.
    std::map<std::string, std::string> network_ids{};
    /// When we asked it to stop, and Sidekiq to fetch no more jobs (this process's memory only;
    /// asking again is harmless).
    std::optional<Time> stopping_since{};
    std::optional<Time> quieting_since{};
    /// It may have been asked to stop, by a process before this one or by a call that failed:
    /// people are sent to it for want of others only. Whether it ends shows within its
    /// `stop_grace`.
    bool may_be_stopping{false};
    /// Sidekiq only, from the title of its process.
    std::optional<Workers> workers{};
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
    /// Ready, and not for the first time: one good answer can be luck.
    [[nodiscard]] bool is_proven() const {
        return is_ready() && (health != Health::starting || good_looks >= looks_needed);
    }
    /// By a hand or by the end of the Engine; too little memory would end it again.
    [[nodiscard]] bool was_killed() const { return exit_code > 128 && !oom_killed; }
    /// Asked to stop, or perhaps.
    [[nodiscard]] bool may_end() const { return stopping_since || may_be_stopping; }
    /// Runs, or may go on by itself at any moment.
    [[nodiscard]] bool is_alive() const {
        return is_running() || state == RunState::paused || state == RunState::restarting;
    }
};

/// What the edge says of itself.
struct ObservedEdge {
    /// Set while a running, ready edge could be asked.
    bool is_known{false};
    /// Digest of the configuration it serves.
    std::string config{};
    /// We gave it this configuration, now or some time ago.
    bool is_ours{false};
    /// Names of the containers that it sends requests to.
    std::set<std::string> routes{};
    /// "2.6.2"
    std::string version{};
    friend bool operator==(const ObservedEdge&, const ObservedEdge&) = default;
};

struct ObservedNetwork {
    std::string id{};
    std::string name{};
    bool internal{false};
    std::map<std::string, std::string> labels{};
    /// Ids of the running containers, ours or not, that are attached to it.
    std::set<std::string> attached{};
    /// There are any.
    bool is_used{false};
};

/// A running container that is not this instance's and is attached to one of its networks.
struct Stranger {
    std::string name{};
    std::string network{};
    std::string image{};
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

/// A backup that is being brought back, or was.
struct Restore {
    /// The time of the schedule that its set was made for: one set has it.
    Time slot{};
    /// When that was decided: one restore has it.
    Time asked{};
    /// On a host that had nothing; else in place of a database that is kept beside it.
    bool is_bare{false};
    /// The secrets of the set are written down here.
    bool has_secrets{false};
    /// From the archive until `slot` (until its end: as of `asked`); else from the repository.
    bool from_archive{false};
    friend bool operator==(const Restore&, const Restore&) = default;
};

/// What a person asked for: that a backup takes the place of the database there is.
struct RestoreWish {
    Time slot{};
    Time asked{};
    /// The state of now is backed up before.
    bool is_saved{true};
    bool from_archive{false};
    friend bool operator==(const RestoreWish&, const RestoreWish&) = default;
};

/// Something that was tried, did not work, and is not tried again until what it was made from
/// changes. By a digest of just that.
using Failures = std::map<std::string, std::string>;

/// What this host remembers about an instance's data. Empty before the first deployment.
struct Identity {
    /// Volume name -> identity.
    std::map<std::string, VolumeIdentity> volumes{};
    /// PostgreSQL's system identifier once it was seen.
    std::string database_system{};
    /// The volume of the database in use, where there is one of another major beside it; empty: the
    /// only one.
    std::string database_volume{};
    /// LOCAL_DOMAIN (and WEB_DOMAIN) as first deployed; can never change.
    std::string domain{};
    std::string web_domain{};
    std::string backup_repository{};
    /// restic's own id of it, once it was seen.
    std::string repository_id{};
    /// The first setup came to its end: the database has its first rows, not only their tables.
    bool is_set_up{false};
    /// Until it is done, nothing but that is done; and the last one that was.
    std::optional<Restore> restoring{};
    std::optional<Restore> restored{};
    /// One was made here once: it is never begun anew.
    [[nodiscard]] bool has_database() const { return is_set_up || !database_system.empty(); }
    friend bool operator==(const Identity&, const Identity&) = default;
};

/// What the database says of itself.
struct ObservedSchema {
    /// Set while a running, ready PostgreSQL could be asked.
    bool is_known{false};
    /// Applied migrations (14 digits); empty: no schema yet.
    std::set<std::string> applied{};
    std::string system_identifier{};
    /// Names of the parameters that were set by ALTER SYSTEM, by whomever.
    std::set<std::string> altered{};
    /// Of the whole database, on disk.
    Bytes size{};
};

/// The migrations inside an image, listed without booting Rails.
struct MigrationFiles {
    /// version -> name
    std::map<std::string, std::string> regular{};
    std::map<std::string, std::string> post_deployment{};
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
    std::vector<Stranger> strangers{};
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
    /// When the database was first seen here; unset: not known.
    Time deployed_at{};
    ObservedRepository repository{};
    Due due{};
    /// Times of `storage.cache` whose cleaning has ended, well or not.
    std::set<Time> cleanings{};
    /// Images that we pulled, and the ids of those of them that somebody else has a hold on.
    std::vector<PulledImage> pulled{};
    std::set<std::string> held_images{};
    Surroundings surroundings{};
    /// Of the job that fetched it; unset: none did.
    std::optional<FetchedSet> fetched{};
    /// The restore (when it was decided) after which a person said to go on.
    std::optional<Time> resumed{};
    std::optional<RestoreWish> wish{};
    /// Databases to look into, by the name that a person gave, with the slots of their sets.
    std::map<std::string, Time> scratches{};
    std::optional<RehearsalWish> rehearsal_wish{};
    /// Newest rehearsal by the id of the image that was tried.
    std::map<std::string, Rehearsal> rehearsals{};
    Failures failures{};
    ObservedEdge edge{};
    /// Last days of `ignore`, as written, that are over.
    std::set<std::string> days_over{};
    /// Whether an upgrade may start now, and else when the next window opens.
    bool is_window_open{true};
    Time window_opens{};

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
