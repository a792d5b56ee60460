// Controller: what `matriarch run` is: a loop over the instances of the fleet in force, fed by git
// and by the Engine's events, and seen through a small HTTP server.
#pragma once

#include <map>
#include <memory>

#include "controller/base/files.hpp"
#include "controller/base/lock.hpp"
#include "controller/http/metrics.hpp"
#include "controller/http/pages.hpp"
#include "controller/loop/mailbox.hpp"
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

    /// What the HTTP server may show: snapshots, safe to read from any thread.
    [[nodiscard]] Pages pages();

 private:
    /// What the loop keeps of an instance between passes. Nothing of it is needed to decide.
    struct Tended {
        std::shared_ptr<const Fleet> fleet{};
        /// The same, or with what a person went back to.
        std::shared_ptr<const Fleet> goal{};
        reconcilers::Wanted wanted{};
        std::chrono::steady_clock::time_point due{};
        Backoff backoff{};
        std::optional<Lock> lock{};
        std::string status{};
        bool was_settled{false};
        /// The commit in force was reached once: from then on `drift: report` only looks.
        bool has_arrived{false};
        /// When the last pass failed: no event makes the next one come sooner than a second later.
        std::chrono::steady_clock::time_point failed_at{};
        std::optional<PassResult> last{};
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
    [[nodiscard]] static std::chrono::milliseconds damped(Tended& tended, const PassResult& result,
                                                          std::chrono::milliseconds interval);
    void forget(const std::string& name);
    void trouble(const std::string& name, Tended& tended, const Error& error);
    void publish(const std::string& name, Tended& tended, const PassResult& result,
                 bool is_suspended);
    void measure_backups(const std::string& name, const reconcilers::InstanceStatus& status);
    void publish_source();
    [[nodiscard]] std::chrono::steady_clock::time_point next_due() const;
    [[nodiscard]] std::string status_json() const;
    [[nodiscard]] Readiness readiness() const;
    [[nodiscard]] Overview overview();
    void count_step(const std::string& instance, const reconcilers::Step& step, bool is_done);

    Engine& engine_;
    const State& state_;
    Journal& journal_;
    ControllerOptions options_;
    Metrics metrics_{};
    Redactor redactor_{};
    Mailbox mailbox_{};
    Observer observer_;
    Puller puller_;
    Applier applier_;
    Holder holder_;
    Pass pass_;
    std::map<std::string, Tended> tended_{};
    mutable std::mutex published_mutex_{};
    std::map<std::string, std::string> published_{};
    std::map<std::string, OverviewInstance> shown_{};
    std::string published_source_{};
    std::chrono::steady_clock::time_point last_success_{};
    // Last: its thread ends before what it wakes.
    SourceWatch watch_;
};

/// Facts that never change, kept in the journal's database.
[[nodiscard]] FactStore fact_store(Journal& journal);

}  // namespace matriarch::controller
