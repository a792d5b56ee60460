// Observe: one snapshot of everything about an instance, at one time.
//
// Asks as little as it can: one list, one inspection for each container, and beyond that only what
// no inspection implies. What never changes (an image by its id, the migrations inside it, what a
// finished job printed) is asked once. Changes nothing in the world.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "controller/engine/engine.hpp"
#include "controller/loop/health_questions.hpp"
#include "controller/loop/machine.hpp"
#include "controller/loop/news.hpp"
#include "controller/store/requests.hpp"
#include "reconcilers/wanted.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::controller {

/// What a puller knows at this moment (see puller.hpp).
struct PullReport {
    std::map<std::string, std::string> pulling{};
    std::map<std::string, std::string> errors{};
};

/// The containers of all instances on one Engine, by instance name.
using Discovery = std::map<std::string, std::vector<ContainerSummary>>;

/// What is kept between processes. May forget anything.
struct FactStore {
    /// Facts that can never change: key -> text.
    std::function<std::optional<std::string>(const std::string& key)> load{};
    std::function<void(const std::string& key, const std::string& text)> save{};
    /// Images that we pulled.
    std::function<std::vector<reconcilers::PulledImage>()> pulled{};
    std::function<void(const reconcilers::PulledImage& image)> forget_pulled{};
    /// Notes how much is free; says what that disk fills by in a day.
    std::function<std::optional<Bytes>(reconcilers::Time now, Bytes free)> note_disk{};
};

/// How an observer looks.
struct Looks {
    /// How long a pass waits for the health of containers that have just started.
    std::chrono::milliseconds patience{150};
    /// Wakes who waits for an answer that came later; from another thread.
    HealthQuestions::Tell tell{};
    /// Believes what health checks said before this process began: whoever acts asks anew, a
    /// preview need not.
    bool believes{false};
    /// Works by the schedules of instances: `matriarch run` does.
    bool keeps_schedules{false};
};

/// What is written down of an instance on this host.
struct Written {
    reconcilers::Identity identity{};
    reconcilers::Failures failures{};
    Requests requests{};
    reconcilers::Surroundings surroundings{};
};

class Observer {
 public:
    /// Engine and machine must outlive it.
    Observer(Engine& engine, FactStore facts, const Machine& machine = this_machine(),
             Looks looks = {})
        : engine_(engine),
          facts_(std::move(facts)),
          machine_(machine),
          believes_(looks.believes),
          keeps_schedules_(looks.keeps_schedules),
          health_questions_(std::bind_front(&Engine::execute, &engine), looks.patience, machine,
                            std::move(looks.tell)),
          news_(engine, machine),
          workers_news_(engine, machine),
          began_(machine.now()) {}

    /// One list for all instances. Discovery only; every container is inspected before it counts.
    [[nodiscard]] Result<Discovery> discover(const Call& call);

    /// The same for one instance, at the cost of one.
    [[nodiscard]] Result<Discovery> discover_one(const std::string& instance, const Call& call);

    /// The instance as it is now. Errors: unavailable, stopped.
    [[nodiscard]] Result<reconcilers::World> observe(const reconcilers::Wanted& wanted,
                                                     const Written& written,
                                                     const Discovery& discovery,
                                                     const PullReport& pulls, const Call& call);

    /// Remembers that a container was asked to stop, or Sidekiq to fetch no more jobs; where the
    /// call failed, that it may have been.
    void note_signal(const std::string& id, const std::string& signal, bool is_sent);
    /// Remembers that the edge was told something new.
    void note_configured(const std::string& id);

 private:
    using World = reconcilers::World;
    using Wanted = reconcilers::Wanted;
    using ObservedContainer = reconcilers::ObservedContainer;

    [[nodiscard]] Result<void> containers(const Wanted& wanted, const Discovery& discovery,
                                          World& world, const Call& call);
    void doubt_what_is_old();
    void forget_all_but(const std::set<std::string>& ids);
    void recall_signals(ObservedContainer& container);
    void doubt(World& world);
    [[nodiscard]] Result<void> networks(const Wanted& wanted, World& world, const Call& call);
    [[nodiscard]] Result<void> strangers(const Wanted& wanted, World& world, const Call& call);
    [[nodiscard]] Result<void> volumes(const Wanted& wanted, World& world, const Call& call);
    [[nodiscard]] Result<void> images(const Wanted& wanted, World& world, const Call& call);
    [[nodiscard]] Result<void> image_of(const std::string& id, World& world, const Call& call);
    [[nodiscard]] Result<void> taken_names(const Wanted& wanted, World& world, const Call& call);
    [[nodiscard]] Result<void> jobs(World& world, const Call& call);
    [[nodiscard]] Result<void> edge(const Wanted& wanted, World& world, const Call& call);
    void recall_edge(const Wanted& wanted, reconcilers::ObservedEdge& edge) const;
    [[nodiscard]] Result<void> workers(World& world, const Call& call);
    [[nodiscard]] Result<void> traffic(const Wanted& wanted, World& world, const Call& call);
    static void redact(const Wanted& wanted, World& world);
    [[nodiscard]] Result<void> rehearsals(const Wanted& wanted, World& world, const Call& call);
    [[nodiscard]] Result<void> schema(const Wanted& wanted, World& world, const Call& call);
    [[nodiscard]] Result<void> applied(const ObservedContainer& postgres,
                                       const std::string& fingerprint, World& world,
                                       const Call& call);
    [[nodiscard]] std::vector<std::set<std::string>> guesses(const World& world) const;
    [[nodiscard]] const std::set<std::string>& regular_migrations();
    void remember_regular(const reconcilers::MigrationFiles& files);
    [[nodiscard]] Result<void> host(World& world, const Call& call);
    void schedules(const Wanted& wanted, const Requests& requests, World& world) const;
    [[nodiscard]] Result<void> repository(const Wanted& wanted, World& world, const Call& call);
    void cleanings(const Wanted& wanted, World& world) const;
    [[nodiscard]] Result<void> pulled(const Wanted& wanted, World& world, const Call& call);
    static void window(const Wanted& wanted, World& world);

    Engine& engine_;
    FactStore facts_;
    const Machine& machine_;
    bool believes_;
    bool keeps_schedules_;
    HealthQuestions health_questions_;
    News news_;
    News workers_news_;  // asked beside the others
    reconcilers::Time began_;
    std::map<std::string, reconcilers::ImageFacts> images_by_id_{};
    /// Finished jobs, by container id: they do not change any more.
    std::map<std::string, ObservedContainer> finished_jobs_{};
    std::map<std::string, reconcilers::MigrationFiles> migrations_{};
    std::map<std::string, std::string> log_tails_{};
    /// By id of a container that is attached to (or mounts) it, so that it cannot have changed.
    std::map<std::string, reconcilers::ObservedNetwork> networks_by_id_{};
    std::map<std::pair<std::string, std::string>, reconcilers::ObservedVolume> volumes_by_user_{};
    reconcilers::Time implied_since_{};
    std::map<std::string, std::set<std::string>> applied_by_fingerprint_{};
    std::optional<std::set<std::string>> regular_migrations_{};
    /// What the database said of its schema before a time is old news.
    struct SchemaNews {
        reconcilers::Time changed_at{};
        std::optional<bool> had_job{};  ///< the look before; nothing: there was none
    };
    std::map<std::string, SchemaNews> schema_news_{};  ///< by instance
    // Steps are applied side by side and note what they did, by container id. Shared, so that an
    // Observer can be copied: tests/property goes on from the middle of a run.
    std::shared_ptr<std::mutex> noted_mutex_ = std::make_shared<std::mutex>();
    std::map<std::string, reconcilers::Time> stopping_{};
    std::map<std::string, reconcilers::Time> quieting_{};
    std::map<std::string, reconcilers::Time> configured_{};
    /// Containers that may have been asked to stop until then, by a process before this one or by
    /// a call that failed.
    std::map<std::string, reconcilers::Time> doubted_{};
    std::optional<EngineFacts> engine_facts_{};
};

/// "20240101000000_create_users.rb" lines behind "migrate " or "post_migrate " -> files.
[[nodiscard]] reconcilers::MigrationFiles parse_migrations(const std::string& listing);

/// What PostgreSQL's health check printed: "system N", "size BYTES", "setting NAME" for each that
/// was altered, and "schema DIGEST|none".
struct DatabaseAnswer {
    std::string system{};
    std::string schema{};
    std::set<std::string> altered{};
    Bytes size{};
};
[[nodiscard]] std::optional<DatabaseAnswer> parse_database_answer(const std::string& output);

/// The list that each job with restic ends with: "repository ID" and "snapshots JSON".
[[nodiscard]] std::optional<reconcilers::ObservedRepository> parse_repository(
    const std::string& output);

/// Under which name the answer of a rehearsal is kept, for reconcilers::parse_rehearsal.
[[nodiscard]] std::string rehearsal_fact(const std::string& instance,
                                         const specs::Version& version);

/// Whether there is, or may be, one to look for.
[[nodiscard]] bool may_rehearse(const reconcilers::Wanted& wanted, const reconcilers::World& world);

/// Where a copy of the newest list is kept among the facts, and what it says.
[[nodiscard]] std::string repository_fact(const specs::Instance& instance);
[[nodiscard]] std::optional<reconcilers::ObservedRepository> parse_repository_fact(
    const std::string& text);

/// What the job that fetched a set says of it: "set slot TIME", "set domain NAME", ...
[[nodiscard]] std::optional<reconcilers::FetchedSet> parse_fetched_set(const std::string& output);

/// What the edge's health check printed (see reconcilers/caddyfile.hpp).
[[nodiscard]] std::optional<reconcilers::ObservedEdge> parse_edge_answer(const std::string& output);

/// Sidekiq's title, as its health check prints it.
[[nodiscard]] std::optional<reconcilers::Workers> parse_sidekiq_title(const std::string& output);

}  // namespace matriarch::controller
