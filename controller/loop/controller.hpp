// Controller: what `matriarch run` is: a loop over the instances of the fleet in force, fed by git
// and by the Engine's events, and seen through a small HTTP server.
#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "controller/base/files.hpp"
#include "controller/base/lock.hpp"
#include "controller/http/metrics.hpp"
#include "controller/http/pages.hpp"
#include "controller/loop/ballast.hpp"
#include "controller/loop/digest.hpp"
#include "controller/loop/drift_book.hpp"
#include "controller/loop/drift_branch.hpp"
#include "controller/loop/futility.hpp"
#include "controller/loop/incidents.hpp"
#include "controller/loop/mailbox.hpp"
#include "controller/loop/notifier.hpp"
#include "controller/loop/pass.hpp"
#include "controller/loop/source_watch.hpp"
#include "controller/secrets/redactor.hpp"

namespace matriarch::controller {

struct ControllerOptions {
    WatchOptions watch{};
    /// A full look at every instance at least this often, whatever events said.
    std::chrono::milliseconds interval{30'000};
    std::string age_key{};
    specs::Policy policy{};
    /// What is left of instances whose file is gone is removed; the policy may say so too.
    bool prunes{false};
    /// Who is told of trouble.
    std::vector<NoticeTarget> notice_targets{};
    /// Where drift is written down for people; nowhere, if it names no branch.
    DriftBranchOptions drift_branch{};
    Self self{};
};

class Controller {
 public:
    Controller(Engine& engine, const State& state, Journal& journal, ControllerOptions options);
    ~Controller();
    Controller(const Controller&) = delete;
    Controller& operator=(const Controller&) = delete;

    /// Works until asked to stop. The caller holds the lock of the state folder.
    void run(std::stop_token stop);

    /// Asks git at once; the webhook's only power.
    void nudge();

    /// The fleet in force; nothing before the first good commit.
    [[nodiscard]] std::shared_ptr<const Fleet> fleet() const { return watch_.fleet(); }

    /// What git says, and why its newest commit is not in force; safe from any thread.
    [[nodiscard]] SourceReport source() const { return watch_.report(); }

    /// What the HTTP server may show: snapshots, safe to read from any thread.
    [[nodiscard]] Pages pages();

 private:
    /// What the loop keeps of an instance between passes. Nothing of it is needed to decide.
    struct Tended {
        std::shared_ptr<const Fleet> fleet{};
        /// The same, or with what a person went back to.
        std::shared_ptr<const Fleet> goal{};
        /// What keeps it at what it has, in words; empty: nothing.
        std::string waits_for_wave{};
        reconcilers::Wanted wanted{};
        std::chrono::steady_clock::time_point due{};
        Backoff backoff{};
        std::optional<Lock> lock{};
        bool is_suspended{false};
        bool was_settled{false};
        Futility futility{};
        /// When the last pass failed: no event makes the next one come sooner than a second later.
        std::chrono::steady_clock::time_point failed_at{};
        std::optional<PassResult> last{};
        /// Which commit's images it said that it needs.
        std::shared_ptr<const Fleet> said_needs{};
        /// How often in a row the same steps were planned: a plan that repeats itself is slowed
        /// down.
        std::string last_steps{};
        int repeats{0};
    };

    void watch_events(std::stop_token stop);
    void round(const std::set<std::string>& woken, std::stop_token stop);
    [[nodiscard]] Result<std::chrono::milliseconds> tend(const std::string& name, Tended& tended,
                                                         const Discovery& discovery,
                                                         std::stop_token stop);
    [[nodiscard]] Result<void> get_ready(const std::string& name, Tended& tended,
                                         const Discovery& discovery, std::stop_token stop);
    [[nodiscard]] Result<std::shared_ptr<const Fleet>> goal_for(const InstanceFolder& folder,
                                                                Tended& tended);
    [[nodiscard]] bool is_done(const Fleet& fleet, const std::string& name) const;
    [[nodiscard]] static std::chrono::milliseconds damped(Tended& tended, const PassResult& result,
                                                          std::chrono::milliseconds interval);
    void forget(const std::string& name);
    void trouble(const std::string& name, Tended& tended, const Error& error);
    /// How a pass came about, for what is told of it.
    struct Manner {
        bool is_suspended{false};
        /// Differences are only reported.
        bool is_report{false};
        /// The look failed.
        bool is_unseen{false};
    };
    void publish(const std::string& name, Tended& tended, const PassResult& result,
                 const Manner& manner);
    void measure_backups(const std::string& name, const reconcilers::InstanceStatus& status);
    void publish_source();
    [[nodiscard]] reconcilers::Surroundings around(const std::string& name,
                                                   const std::shared_ptr<const Fleet>& fleet) const;
    [[nodiscard]] Futility recalled_futility(const std::string& name, const std::string& revision);
    /// An instance whose file is gone and whose containers are being removed.
    struct Leaving {
        reconcilers::Wanted wanted{};
        std::optional<Lock> lock{};
        std::chrono::steady_clock::time_point due{};
        Backoff backoff{};
        bool has_changed{false};
        /// What stands in the way, as it was told last.
        std::string told{};
    };
    void note_left(const Fleet& fleet, const Discovery& discovery);
    [[nodiscard]] bool prunes() const { return options_.prunes || options_.policy.prune; }
    /// What will become of it, in words; where it may be removed, that begins.
    [[nodiscard]] std::string decide_fate(const std::string& name, const Fleet& fleet);
    [[nodiscard]] Result<void> begin_removal(const std::string& name, const Fleet& fleet);
    void prune(std::stop_token stop);
    [[nodiscard]] Result<bool> remove(const std::string& name, Leaving& leaving,
                                      std::stop_token stop);
    void tell(const std::string& instance, const std::vector<Trouble>& troubles);
    void tell_digests();
    void write_drift_branch();
    void cannot_write_drift(const Error& error);
    [[nodiscard]] std::vector<DigestPart> digest_since(WallTime since);
    [[nodiscard]] std::chrono::steady_clock::time_point next_due() const;
    [[nodiscard]] std::string status_json() const;
    [[nodiscard]] Readiness readiness() const;
    [[nodiscard]] Overview overview();
    [[nodiscard]] std::optional<Overview> overview_of(const std::string& name);
    [[nodiscard]] std::string metrics_text();
    void measure(const std::string& name, const reconcilers::InstanceStatus& status,
                 const DriftNews& drift);
    void measure_source(const SourceReport& source);
    void count_step(const std::string& instance, const reconcilers::Step& step, bool is_done);

    Engine& engine_;
    const State& state_;
    Journal& journal_;
    ControllerOptions options_;
    Metrics metrics_{};
    Redactor redactor_{};
    Mailbox mailbox_{};
    Incidents incidents_{};
    Notices notices_{};
    DigestTimes digests_;
    Ballast ballast_;
    Notifier notifier_;
    DriftBranch drift_branch_;
    /// Of which fleet drift was offered to the branch last, and whether any changed since.
    std::shared_ptr<const Fleet> written_of_{};
    bool is_drift_new_{false};
    Observer observer_;
    Puller puller_;
    Applier applier_;
    Holder holder_;
    Pass pass_;
    std::map<std::string, Tended> tended_{};
    std::map<std::string, Leaving> leaving_{};
    /// Those of which nothing was left at the last look of this process.
    std::set<std::string> removed_{};
    std::chrono::steady_clock::time_point listed_all_{};
    mutable std::mutex published_mutex_{};
    std::map<std::string, std::string> published_{};
    std::map<std::string, OverviewInstance> shown_{};
    reconcilers::HostFacts host_{};
    std::string published_source_{};
    /// Rises with whatever the pages show.
    std::atomic<std::uint64_t> version_{0};
    std::chrono::steady_clock::time_point last_success_{};
    // Last: its thread ends before what it wakes.
    SourceWatch watch_;
};

/// Facts that never change, kept in the journal's database.
[[nodiscard]] FactStore fact_store(Journal& journal);

/// Writes down which images we pulled.
[[nodiscard]] std::function<void(const reconcilers::PulledImage&)> image_keeper(Journal& journal);

}  // namespace matriarch::controller
