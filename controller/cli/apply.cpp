// apply: converges once and exits, by the same passes that the controller runs.
#include <condition_variable>
#include <cstdio>

#include "controller/base/files.hpp"
#include "controller/base/lock.hpp"
#include "controller/base/log.hpp"
#include "controller/cli/commands.hpp"
#include "controller/cli/planning.hpp"
#include "controller/loop/departed.hpp"
#include "controller/loop/goal.hpp"
#include "controller/loop/publish.hpp"
#include "controller/store/suspend.hpp"

namespace matriarch::controller {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// One line a step; on a terminal a line below says what is being waited for.
class Progress {
 public:
    void step(const std::string& instance, const reconcilers::Step& step,
              const Result<void>& outcome, milliseconds took) {
        const std::lock_guard guard(mutex_);
        const std::string line = instance + ": " + reconcilers::in_words(step.action) + ": " +
                                 step.reason + (outcome ? " (" : " FAILED (") +
                                 std::to_string(took.count()) + " ms)";
        std::fprintf(stderr, "%s%s\n", is_terminal_ ? "\r\033[K" : "", line.c_str());
    }

    void waiting(const std::string& instance, const std::string& what) {
        const std::lock_guard guard(mutex_);
        const std::string now = instance + ": waits for " + what;
        if (what.empty() || (!is_terminal_ && now == said_)) return;
        said_ = now;
        std::fprintf(stderr, is_terminal_ ? "\r\033[K%s" : "%s\n", now.c_str());
    }

    /// What was changed by hand and is only reported, or ignored.
    void left(const std::string& instance, const std::vector<reconcilers::DriftItem>& drift) {
        if (!drift.empty()) end();
        for (const auto& item : drift) {
            const std::string why =
                item.ignored ? " (" + item.ignored->reason + ", until " + item.ignored->until + ")"
                             : "";
            std::fprintf(stderr, "%s: left as it is: %s %s: wanted %s, is %s%s\n", instance.c_str(),
                         item.resource.c_str(), item.difference.field.c_str(),
                         item.difference.desired.c_str(), item.difference.actual.c_str(),
                         why.c_str());
        }
    }

    void end() {
        if (is_terminal_) std::fprintf(stderr, "\r\033[K");
    }

 private:
    bool is_terminal_{is_terminal()};
    std::mutex mutex_{};
    std::string said_{};
};

void pause(milliseconds time, std::stop_token stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any nothing;
    nothing.wait_for(lock, stop, time, [] { return false; });
}

/// Everything that one `apply` works with.
struct Work {
    Work(const State& where, Journal& book, Engine& docker, Self self, StepListener listener)
        : state(where),
          journal(book),
          engine(docker),
          observer(docker, fact_store(book)),
          puller(
              docker, [] {}, image_keeper(book)),
          applier(docker, puller, observer, book, where, std::move(listener)),
          holder(docker, book, std::move(self)),
          pass(observer, applier, puller, holder, where) {}

    const State& state;
    Journal& journal;
    Engine& engine;
    Observer observer;
    Puller puller;
    Applier applier;
    Holder holder;
    Pass pass;
};

Error timed_out(const std::string& name, const std::string& waits_for) {
    return {.kind = ErrorKind::failed,
            .message = "cannot converge " + name + " in the time given; it waits for " + waits_for,
            .hint = "Run matriarch apply again with a longer --timeout: it picks up where it is."};
}

/// The last word. What waits for a person after a restore is part of it.
std::string as_wanted(const specs::Instance& instance, const reconcilers::InstanceStatus& status) {
    std::string words = instance.name + ": as wanted, Mastodon " + to_text(instance.mastodon);
    for (const reconcilers::Condition& one : status.conditions) {
        if (one.type == "SidekiqHeld" && one.is_true)
            words += ", but Sidekiq is held: " + one.message;
    }
    return words;
}

/// Passes until nothing is left to do, and says so. Errors: what stands in the way, or the time is
/// over.
Result<std::string> converge_one(Work& work, const Fleet& fleet, const specs::Instance& instance,
                                 const CommonOptions& common, milliseconds timeout,
                                 Progress& progress, std::stop_token stop) {
    const InstanceFolder folder = TRY(work.state.make_instance(instance.name));
    const Lock lock = TRY(Lock::take(folder.lock(), "instance " + instance.name));
    if (const auto held = TRY(load_suspension(folder))) {
        return fail(ErrorKind::refused, instance.name + " is suspended: " + held->reason,
                    "Run matriarch resume " + instance.name + " first.");
    }
    TRY(work.holder.confirm(instance.name, {.stop = stop}));
    const auto goal = TRY(goal_of(folder, std::make_shared<const Fleet>(fleet)));
    const auto deadline = steady_clock::now() + timeout;
    std::optional<reconcilers::Wanted> wanted;
    Backoff backoff;
    bool was_settled = false;
    while (!stop.stop_requested()) {
        const Discovery discovery = TRY(work.observer.discover({.stop = stop}));
        if (!wanted || wanted->lacks_secrets) {
            const specs::Policy policy = TRY(load_policy(common.policy_file));
            wanted = TRY(prepare({.fleet = *goal,
                                  .state = work.state,
                                  .age_key = common.age_key,
                                  .policy = policy,
                                  .engine = work.engine,
                                  .discovery = discovery},
                                 goal->instances.at(instance.name), Purpose::work, stop));
        }
        const auto restraint = restraint_of(work.journal, instance.name, wanted->instance.drift);
        PassResult result =
            TRY(work.pass.run(*wanted, discovery, milliseconds(500), stop, restraint));
        leave_out_own_doing(work.journal, result.status);
        publish_result(work.state, work.journal,
                       {.name = instance.name,
                        .result = &result,
                        .was_settled = was_settled,
                        .is_healing = !restraint.puts_nothing_back});
        was_settled = result.status.settled;
        if (result.steps.is_settled()) {
            progress.left(instance.name, result.status.drift);
            TRY(keep_settled(folder, generation_of(*goal, instance.name)));
            return as_wanted(instance, result.status);
        }
        if (!result.steps.blocked.empty() && result.steps.changes_nothing()) {
            const auto& block = result.steps.blocked.front();
            return fail(block.kind, instance.name + ": " + block.message, block.hint);
        }
        if (result.error && result.error->kind != ErrorKind::conflict && backoff.failures() >= 3) {
            return fail(*result.error);
        }
        if (steady_clock::now() > deadline) {
            return fail(timed_out(instance.name, result.status.waits_for));
        }
        progress.waiting(instance.name, result.status.waits_for);
        pause(result.error ? backoff.next() : result.next, stop);
    }
    return fail(ErrorKind::stopped, "stopped before " + instance.name + " was as wanted",
                "Run it again: it picks up where it is.");
}

/// Takes away what runs of an instance whose file is gone. Errors: why it is kept; as a pass.
Result<std::string> remove_one(Work& work, const Fleet& fleet, const std::string& name,
                               milliseconds timeout, std::stop_token stop) {
    const InstanceFolder folder = TRY(work.state.instance(name));
    const Generation last = TRY(removable(folder, fleet));
    const Lock lock = TRY(Lock::take(folder.lock(), "instance " + name));
    const reconcilers::Wanted wanted{.instance = last.instance, .revision = fleet.revision};
    const auto deadline = steady_clock::now() + timeout;
    while (!stop.stop_requested()) {
        const Discovery discovery = TRY(work.observer.discover_one(name, {.stop = stop}));
        const auto removal = TRY(work.pass.remove(wanted, discovery, milliseconds(500), stop));
        const reconcilers::Steps& steps = removal.steps;
        if (steps.is_settled()) {
            TRY(work.journal.add_event({.instance = name,
                                        .kind = "Removed",
                                        .message = removal.stays,
                                        .revision = fleet.revision}));
            return name + ": removed; " + removal.stays;
        }
        if (!steps.blocked.empty() && steps.changes_nothing()) {
            const auto& block = steps.blocked.front();
            return fail(ErrorKind::refused, name + ": " + block.message, block.hint);
        }
        if (steady_clock::now() > deadline) return fail(timed_out(name, "its containers to stop"));
        pause(removal.next, stop);
    }
    return fail(ErrorKind::stopped, "stopped before " + name + " was removed",
                "Run it again: it picks up where it is.");
}

/// All that have containers here and no file any more. Returns the exit code.
int remove_departed(Work& work, const Fleet& fleet, milliseconds timeout, std::stop_token stop) {
    const auto discovery = work.observer.discover({.stop = stop});
    if (!discovery) return failed_with(discovery.error());
    int code = 0;
    for (const std::string& name : work.state.instance_names()) {
        if (fleet.instances.contains(name) || !discovery->contains(name)) continue;
        const auto done = remove_one(work, fleet, name, timeout, stop);
        if (done) {
            print(*done);
        } else {
            code = failed_with(done.error());
        }
    }
    return code;
}

/// Reads the kept plan and makes sure that planning again gives the same.
Result<ApplyOptions> unfold_plan(const CommonOptions& common, const ApplyOptions& options,
                                 Engine& engine, std::stop_token stop) {
    const auto text = TRY(read_file(options.plan_file, 64 * 1024));
    if (!text)
        return fail(ErrorKind::invalid,
                    "cannot read " + options.plan_file + ": there is no such file");
    const KeptPlan kept = TRY(parse_kept_plan(*text));
    ApplyOptions unfolded = options;
    unfolded.path = kept.path;
    unfolded.instance = kept.instance;
    const FleetReading reading = TRY(read_fleet_folder(kept.path, stop));
    if (!reading.problems.empty()) return fail(reading.problems.front());
    const auto planned = TRY(plan_all(common, reading.fleet, kept.instance, engine, stop));
    if (plans_digest(planned) != kept.digest) {
        return fail(ErrorKind::refused,
                    "cannot apply " + options.plan_file +
                        ": the plan is stale, files or Engine have changed since",
                    "Look at a new one: matriarch plan " + kept.path + ".");
    }
    return unfolded;
}

}  // namespace

int apply_command(const CommonOptions& common, const ApplyOptions& given, std::stop_token stop) {
    const auto engine = connect_engine(stop);
    if (!engine) return failed_with(engine.error());
    const auto options = given.plan_file.empty() ? Result<ApplyOptions>(given)
                                                 : unfold_plan(common, given, **engine, stop);
    if (!options) return failed_with(options.error());
    const auto reading = read_fleet_folder(options->path, stop);
    if (!reading) return failed_with(reading.error());
    if (!reading->problems.empty()) return refused_with(reading->problems, common.output);
    const auto instances = chosen(reading->fleet, options->instance);
    if (!instances) return failed_with(instances.error());
    const auto state = state_of(common);
    if (!state) return failed_with(state.error());
    if (const auto made = make_folder(state->root()); !made) return failed_with(made.error());
    auto self = self_of(*state);
    if (!self) return failed_with(self.error());
    const SystemClock clock;
    const auto journal = Journal::open(state->journal(), clock);
    if (!journal) return failed_with(journal.error());
    Progress progress;
    Work work(*state, **journal, **engine, std::move(*self),
              [&](const auto& name, const auto& step, const auto& outcome, auto took) {
                  progress.step(name, step, outcome, took);
              });
    int code = 0;
    for (const specs::Instance& instance : *instances) {
        const auto done =
            converge_one(work, reading->fleet, instance, common, options->timeout, progress, stop);
        progress.end();
        if (!done) {
            code = failed_with(done.error());
        } else {
            print(*done);
        }
        if (stop.stop_requested()) return exit_code(ErrorKind::stopped);
    }
    const int removed =
        options->prunes ? remove_departed(work, reading->fleet, options->timeout, stop) : 0;
    return code != 0 ? code : removed;
}

}  // namespace matriarch::controller
