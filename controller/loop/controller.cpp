// The loop: who is due, one pass for each, and what the world is told of it.
#include "controller/loop/controller.hpp"

#include <algorithm>

#include "controller/base/log.hpp"
#include "controller/loop/goal.hpp"
#include "controller/loop/prepare.hpp"
#include "controller/loop/publish.hpp"
#include "controller/loop/shown.hpp"
#include "controller/store/published.hpp"
#include "controller/store/suspend.hpp"
#include "reconcilers/labels.hpp"

namespace matriarch::controller {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// A world that changed under our hands is looked at again at once, this often in a row.
constexpr int conflicts_at_once = 3;

/// Health checks are execs, and would wake us for nothing all the time.
bool is_worth_a_look(const Event& event) {
    return !event.action.starts_with("exec_") && event.action != "top" && event.action != "attach";
}

}  // namespace

FactStore fact_store(Journal& journal) {
    return {
        .load = [&journal](const std::string& key) -> std::optional<std::string> {
            const auto text = journal.fact(key);
            return text ? *text : std::nullopt;
        },
        .save =
            [&journal](const std::string& key, const std::string& text) {
                const auto kept = journal.keep_fact(key, text);
                if (!kept)
                    log::warn("could not keep a fact", {{log::key::error, kept.error().message}});
            }};
}

Controller::Controller(Engine& engine, const State& state, Journal& journal,
                       ControllerOptions options)
    : engine_(engine),
      state_(state),
      journal_(journal),
      options_(std::move(options)),
      observer_(engine, fact_store(journal), this_machine(), {.keeps_schedules = true}),
      puller_(engine, [this] { mailbox_.wake(); }),
      applier_(engine, puller_, observer_, journal, state,
               [this](const auto& instance, const auto& step, const auto& outcome, auto) {
                   count_step(instance, step, outcome.has_value());
               }),
      holder_(engine, journal, options_.self),
      pass_(observer_, applier_, puller_, holder_, state),
      watch_(options_.watch, journal, [this] { mailbox_.wake(); }) {
    declare_metrics(metrics_);
}

Controller::~Controller() = default;

void Controller::nudge() {
    watch_.nudge();
    mailbox_.wake();  // who asks may have changed something by hand, and wants to see it noticed
}

void Controller::watch_events(std::stop_token stop) {
    Backoff backoff;
    while (!stop.stop_requested()) {
        const auto each = [&](const Event& event) {
            backoff.reset();
            if (!is_worth_a_look(event)) return;
            const auto owner = event.attributes.find(reconcilers::label::instance);
            if (owner != event.attributes.end()) {
                mailbox_.wake(owner->second);
            } else if (event.type != "container" && event.type != "image") {
                mailbox_.wake();
            }
        };
        const auto ended = engine_.watch_events(each, {.stop = stop});
        if (stop.stop_requested()) return;
        if (!ended) log::debug("event stream ended", {{log::key::error, ended.error().message}});
        mailbox_.wake();  // what happened meanwhile is found by looking
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any pause;
        pause.wait_for(lock, stop, backoff.next(), [] { return false; });
    }
}

void Controller::run(std::stop_token stop) {
    const std::jthread events([this](std::stop_token own) { watch_events(own); });
    while (!stop.stop_requested()) {
        const auto woken = mailbox_.wait_until(next_due(), stop);
        if (stop.stop_requested()) break;
        round(woken, stop);
    }
    log::info("stopped");
}

steady_clock::time_point Controller::next_due() const {
    auto soonest = steady_clock::now() + options_.interval;
    for (const auto& [name, tended] : tended_) soonest = std::min(soonest, tended.due);
    return soonest;
}

void Controller::round(const std::set<std::string>& woken, std::stop_token stop) {
    publish_source();
    const auto fleet = watch_.fleet();
    if (!fleet) return;
    for (const auto& [name, instance] : fleet->instances) tended_.try_emplace(name);
    std::erase_if(tended_, [&](const auto& entry) {
        if (fleet->instances.contains(entry.first)) return false;
        forget(entry.first);
        return true;
    });
    const auto now = steady_clock::now();
    const bool all = woken.contains("");
    std::optional<Discovery> discovery;
    for (auto& [name, tended] : tended_) {
        const bool is_new = tended.fleet != fleet;
        if (!is_new && tended.due > now && !all && !woken.contains(name)) continue;
        const auto soonest = tended.failed_at + std::chrono::seconds(1);
        if (!is_new && tended.backoff.failures() > 0 && now < soonest) {
            tended.due = std::min(tended.due, soonest);
            continue;
        }
        if (is_new) {
            tended.backoff.reset();
            tended.fleet = fleet;
            tended.wanted = {};
            const auto last = journal_.last_settled(name);
            tended.has_arrived = last && *last && (*last)->revision == fleet->revision;
            tended.was_settled = false;  // at another revision
        }
        if (!discovery) {
            auto listed = observer_.discover({.stop = stop});
            if (!listed) {
                trouble(name, tended, listed.error());
                continue;
            }
            discovery = std::move(*listed);
        }
        const auto next = tend(name, tended, *discovery, stop);
        if (stop.stop_requested()) return;
        if (!next) {
            trouble(name, tended, next.error());
            continue;
        }
        tended.due = steady_clock::now() + *next;
        if (next->count() == 0) discovery.reset();
    }
}

void Controller::forget(const std::string& name) {
    log::warn("instance left the fleet; its containers stay as they are",
              {{log::key::instance, name}});
    metrics_.forget("instance", name);
    if (const auto folder = state_.instance(name)) {
        if (const auto gone = remove_file(folder->status()); !gone) {
            log::warn("could not take the status back", {{log::key::error, gone.error().message}});
        }
    }
    const std::lock_guard guard(published_mutex_);
    published_.erase(name);
    shown_.erase(name);
}

/// A field that the Engine never reads back as it was sent would be put right for ever, at full
/// speed.
milliseconds Controller::damped(Tended& tended, const PassResult& result, milliseconds interval) {
    const std::string steps =
        result.steps.changes_nothing() ? "" : reconcilers::to_text(result.steps);
    const bool is_repeated = !steps.empty() && steps == tended.last_steps;
    if (!steps.empty()) {
        tended.repeats = is_repeated ? tended.repeats + 1 : 0;
        tended.last_steps = steps;
    }
    if (tended.repeats < 3 || steps.empty()) return result.next;
    return std::min<milliseconds>(std::chrono::seconds(1 << std::min(tended.repeats - 3, 8)),
                                  interval);
}

Result<void> Controller::get_ready(const std::string& name, Tended& tended,
                                   const Discovery& discovery, std::stop_token stop) {
    const InstanceFolder folder = TRY(state_.make_instance(name));
    if (!tended.lock) tended.lock = TRY(Lock::take(folder.lock(), "instance " + name));
    auto goal = TRY(goal_of(folder, tended.fleet));
    const bool is_ready = !tended.wanted.instance.name.empty() && !tended.wanted.lacks_secrets;
    if (is_ready && tended.goal->revision == goal->revision) return {};
    if (is_ready) tended.was_settled = false;  // at another revision
    // Before secrets are made: whose they are is part of what one controller decides.
    TRY(holder_.confirm(name, {.stop = stop}));
    tended.goal = std::move(goal);
    const Ground ground{.fleet = *tended.goal,
                        .state = state_,
                        .age_key = options_.age_key,
                        .policy = options_.policy,
                        .engine = engine_,
                        .discovery = discovery};
    tended.wanted = TRY(prepare(ground, tended.goal->instances.at(name), Purpose::work, stop));
    redactor_.add(tended.wanted.secrets);
    log::set_filter([redactor = redactor_](std::string text) { return redactor.redact(text); });
    return {};
}

Result<milliseconds> Controller::tend(const std::string& name, Tended& tended,
                                      const Discovery& discovery, std::stop_token stop) {
    TRY(get_ready(name, tended, discovery, stop));
    const InstanceFolder folder = TRY(state_.instance(name));
    const bool is_suspended = TRY(load_suspension(folder)).has_value();
    const bool only_looks =
        is_suspended ||
        (tended.wanted.instance.drift == specs::DriftPolicy::report && tended.has_arrived);
    const auto began = steady_clock::now();
    const PassResult result =
        is_suspended ? TRY(pass_.look(tended.wanted, discovery, stop))
        : only_looks ? TRY(pass_.look_after(tended.wanted, discovery, options_.interval, stop))
                     : TRY(pass_.run(tended.wanted, discovery, options_.interval, stop));
    metrics_.set("matriarch_pass_duration_seconds", {{"instance", name}},
                 std::chrono::duration<double>(steady_clock::now() - began).count());
    metrics_.add("matriarch_passes_total", {{"instance", name}});
    if (!only_looks && result.status.settled) tended.has_arrived = true;
    if (result.status.settled && !tended.was_settled) {
        TRY(keep_settled(folder, generation_of(*tended.goal, name)));
    }
    publish(name, tended, result, is_suspended);
    if (result.error) return fail(*result.error);
    tended.backoff.reset();
    if (only_looks) return is_suspended ? options_.interval : result.next;
    return damped(tended, result, options_.interval);
}

void Controller::trouble(const std::string& name, Tended& tended, const Error& error) {
    if (error.kind == ErrorKind::stopped) return;
    const bool looks_at_once =
        error.kind == ErrorKind::conflict && tended.backoff.failures() < conflicts_at_once;
    const auto pause = tended.backoff.next();
    tended.due = steady_clock::now() + (looks_at_once ? milliseconds(50) : pause);
    if (looks_at_once) return;
    tended.failed_at = steady_clock::now();
    log::warn("pass failed", {{log::key::instance, name},
                              {log::key::kind, to_text(error.kind)},
                              {log::key::error, error.message},
                              {log::key::hint, error.hint},
                              {"again_in_ms", pause.count()}});
    // Nobody can tell how it is now: no old "ready" may stand, and one never seen is told of too.
    PassResult unseen = tended.last.value_or(PassResult{});
    unseen.steps = {};
    unseen.status.name = name;
    unseen.status.wanted_revision = tended.fleet->revision;
    unseen.status.wanted_mastodon = to_text(tended.fleet->instances.at(name).mastodon);
    unseen.status.ready = false;
    unseen.status.settled = false;
    unseen.status.conditions = {
        {"Ready", false, "NotObserved", "the last look failed: see Reconciled"},
        {"Reconciled", false, to_text(error.kind), to_text(error)}};
    publish(name, tended, unseen, false);
}

void Controller::publish_source() {
    const std::string text = source_json(watch_.report());
    const auto written = write_file(state_.root() / "source.json", text, {.is_durable = false});
    if (!written) log::warn("could not publish", {{log::key::error, written.error().message}});
    const std::lock_guard guard(published_mutex_);
    published_source_ = text;
}

void Controller::publish(const std::string& name, Tended& tended, const PassResult& result,
                         bool is_suspended) {
    const bool is_set_aside = tended.goal && tended.goal->revision != tended.fleet->revision;
    const std::string text =
        publish_result(state_, journal_,
                       {.name = name,
                        .result = &result,
                        .is_suspended = is_suspended,
                        .instead_of = is_set_aside ? tended.fleet->revision : "",
                        .was_settled = tended.was_settled,
                        .source = watch_.report()});
    tended.was_settled = result.status.settled;
    tended.last = result;
    metrics_.set("matriarch_instance_ready", {{"instance", name}}, result.status.ready ? 1 : 0);
    metrics_.set("matriarch_instance_settled", {{"instance", name}}, result.status.settled ? 1 : 0);
    metrics_.set("matriarch_drift_fields", {{"instance", name}},
                 static_cast<double>(result.status.drift.size()));
    measure_backups(name, result.status);
    const std::lock_guard guard(published_mutex_);
    last_success_ = steady_clock::now();
    published_[name] = text;
    shown_[name] = shown(result.status);
}

}  // namespace matriarch::controller
