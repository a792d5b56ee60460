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

}  // namespace

Controller::Controller(Engine& engine, const State& state, Journal& journal,
                       ControllerOptions options)
    : engine_(engine),
      state_(state),
      journal_(journal),
      options_(std::move(options)),
      digests_(state.digests()),
      ballast_(state),
      notifier_(std::move(options_.notice_targets)),
      drift_branch_(options_.drift_branch,
                    [this](const Error& error) { cannot_write_drift(error); }),
      observer_(engine, fact_store(journal), this_machine(),
                {.patience = milliseconds(10),
                 .tell = [this](const std::string& instance) { mailbox_.wake(instance); },
                 .keeps_schedules = true}),
      puller_(
          engine, [this] { mailbox_.wake(); }, image_keeper(journal)),
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

void Controller::run(std::stop_token stop) {
    const std::jthread events([this](std::stop_token own) { watch_events(own); });
    while (!stop.stop_requested()) {
        const auto woken = mailbox_.wait_until(next_due(), stop);
        if (stop.stop_requested()) break;
        round(woken, stop);
        prune(stop);
        tell_digests();
        write_drift_branch();
    }
    log::info("stopped");
}

steady_clock::time_point Controller::next_due() const {
    auto soonest = steady_clock::now() + options_.interval;
    for (const auto& [name, tended] : tended_) soonest = std::min(soonest, tended.due);
    for (const auto& [name, leaving] : leaving_) soonest = std::min(soonest, leaving.due);
    return soonest;
}

void Controller::round(const std::set<std::string>& woken, std::stop_token stop) {
    ballast_.tend();
    publish_source();
    const auto fleet = watch_.fleet();
    if (!fleet) return;
    for (const auto& [name, instance] : fleet->instances) tended_.try_emplace(name);
    std::erase_if(leaving_, [&](const auto& one) { return fleet->instances.contains(one.first); });
    std::erase_if(tended_, [&](const auto& entry) {
        if (fleet->instances.contains(entry.first)) return false;
        forget(entry.first);
        return true;
    });
    const auto now = steady_clock::now();
    const auto is_due = [&](const auto& entry) {
        return entry.second.fleet != fleet || entry.second.due <= now || woken.contains("") ||
               woken.contains(entry.first);
    };
    // What happens to one of many costs no look at the others; all are listed now and then.
    const bool is_alone = tended_.size() > 1 && now - listed_all_ < options_.interval &&
                          std::count_if(tended_.begin(), tended_.end(), is_due) == 1;
    std::optional<Discovery> discovery;
    for (auto& entry : tended_) {
        auto& [name, tended] = entry;
        if (!is_due(entry)) continue;
        const bool is_new = tended.fleet != fleet;
        const auto soonest = tended.failed_at + std::chrono::seconds(1);
        if (!is_new && tended.backoff.failures() > 0 && now < soonest) {
            tended.due = std::min(tended.due, soonest);
            continue;
        }
        if (is_new) {
            tended.backoff.reset();
            tended.fleet = fleet;
            tended.wanted = {};
            tended.futility = recalled_futility(name, fleet->revision);
            tended.was_settled = false;  // at another revision
        }
        if (!discovery) {
            auto listed = is_alone ? observer_.discover_one(name, {.stop = stop})
                                   : observer_.discover({.stop = stop});
            if (!listed) {
                trouble(name, tended, listed.error());
                continue;
            }
            discovery = std::move(*listed);
            if (!is_alone) {
                listed_all_ = now;
                note_left(*fleet, *discovery);
            }
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
    log::warn("instance left the fleet", {{log::key::instance, name}});
    metrics_.forget("instance", name);
    tell(name, {});
    if (const auto folder = state_.instance(name)) {
        if (const auto gone = remove_file(folder->status()); !gone) {
            log::warn("could not take the status back", {{log::key::error, gone.error().message}});
        }
    }
    const std::lock_guard guard(published_mutex_);
    published_.erase(name);
    shown_.erase(name);
    ++version_;
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
    auto goal = TRY(goal_for(folder, tended));
    const bool is_ready = !tended.wanted.instance.name.empty() && !tended.wanted.lacks_secrets;
    if (is_ready && tended.goal->revision == goal->revision) return {};
    if (is_ready) tended.was_settled = false;  // at another revision
    // Before secrets are made: whose they are is part of what one controller decides.
    TRY(holder_.confirm(name, {.stop = stop}));
    tended.goal = std::move(goal);
    see_commit(journal_, name, *tended.goal);  // the journal may have been lost since it came
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
    auto restrained = restraint_of(journal_, name, tended.wanted.instance.drift);
    restrained.held = tended.futility.held(SystemClock().now());
    const bool is_report = restrained.puts_nothing_back;
    const auto began = steady_clock::now();
    PassResult result = is_suspended ? TRY(pass_.look(tended.wanted, discovery, stop))
                                     : TRY(pass_.run(tended.wanted, discovery, options_.interval,
                                                     stop, restrained, around(name, tended.fleet)));
    tended.said_needs = tended.fleet;
    leave_out_own_doing(journal_, result.status);
    const double took = std::chrono::duration<double>(steady_clock::now() - began).count();
    metrics_.set("matriarch_pass_duration_seconds", {{"instance", name}}, took);
    metrics_.add("matriarch_pass_seconds_total", {{"instance", name}}, took);
    metrics_.set("matriarch_last_pass_timestamp_seconds", {{"instance", name}},
                 std::chrono::duration<double>(SystemClock().now().time_since_epoch()).count());
    metrics_.add("matriarch_passes_total", {{"instance", name}});
    if (result.status.settled && !tended.was_settled) {
        TRY(keep_settled(folder, generation_of(*tended.goal, name)));
        recall_settled(folder, *tended.goal, tended.wanted);
        if (!tended.fleet->waves.empty()) mailbox_.wake();
    }
    publish(name, tended, result, {.is_suspended = is_suspended, .is_report = is_report});
    if (result.error) return fail(*result.error);
    tended.backoff.reset();
    return is_suspended ? options_.interval : damped(tended, result, options_.interval);
}

void Controller::trouble(const std::string& name, Tended& tended, const Error& error) {
    if (error.kind == ErrorKind::stopped) return;
    metrics_.add("matriarch_pass_errors_total",
                 {{"instance", name}, {"kind", to_text(error.kind)}});
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
    publish(name, tended, unseen, {.is_unseen = true});
}

void Controller::publish_source() {
    const SourceReport source = watch_.report();
    measure_source(source);
    tell("", troubles_of(source));
    const std::string text = source_json(source);
    const auto written = write_file(state_.root() / "source.json", text, {.is_durable = false});
    if (!written) log::warn("could not publish", {{log::key::error, written.error().message}});
    const std::lock_guard guard(published_mutex_);
    published_source_ = text;
}

void Controller::publish(const std::string& name, Tended& tended, const PassResult& result,
                         const Manner& manner) {
    const bool is_set_aside = tended.goal && tended.waits_for_wave.empty() &&
                              tended.goal->revision != tended.fleet->revision;
    const Told told = publish_result(state_, journal_,
                                     {.name = name,
                                      .result = &result,
                                      .is_suspended = manner.is_suspended,
                                      .instead_of = is_set_aside ? tended.fleet->revision : "",
                                      .waits_for_wave = tended.waits_for_wave,
                                      .instance = &tended.fleet->instances.at(name),
                                      .was_settled = tended.was_settled,
                                      .source = watch_.report(),
                                      .is_unseen = manner.is_unseen,
                                      .is_healing = !manner.is_report && !manner.is_suspended,
                                      .drift_cause = [this](const reconcilers::DriftItem& item) {
                                          return incidents_.cause_of(item, SystemClock().now());
                                      }});
    is_drift_new_ = is_drift_new_ || told.drift.is_changed;
    for (const RecordedDrift& drift : told.drift.opened) {
        tended.futility.note(drift.resource, drift.field, drift.seen);
    }
    tended.was_settled = result.status.settled;
    tended.last = result;
    tended.is_suspended = manner.is_suspended;
    measure(name, result.status, told.drift);
    measure_backups(name, result.status);
    // Whoever suspends an instance knows that it does.
    tell(name, manner.is_suspended ? std::vector<Trouble>{} : troubles_of(result.status));
    const std::lock_guard guard(published_mutex_);
    last_success_ = steady_clock::now();
    published_[name] = told.status;
    shown_[name] = shown(result.status);
    ++version_;
    if (!manner.is_unseen) host_ = result.status.host;
}

}  // namespace matriarch::controller
