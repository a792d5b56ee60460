// suspend, resume, rollback, take-over and schema: commands that touch a file, one label, or
// nothing.
#include "controller/base/files.hpp"
#include "controller/cli/commands.hpp"
#include "controller/cli/planning.hpp"
#include "controller/loop/goal.hpp"
#include "controller/loop/holder.hpp"
#include "controller/store/failures.hpp"
#include "controller/store/identity.hpp"
#include "controller/store/published.hpp"
#include "controller/store/requests.hpp"
#include "controller/store/suspend.hpp"

namespace matriarch::controller {

namespace {

/// The folder of an instance that this host knows. Errors: invalid (it knows no such instance).
Result<InstanceFolder> known_instance(const CommonOptions& common, const std::string& name) {
    const State state = TRY(state_of(common));
    const InstanceFolder folder = TRY(state.instance(name));
    if (!std::filesystem::exists(folder.root)) {
        return fail(ErrorKind::invalid, "cannot find instance " + name,
                    "matriarch status lists the ones this host knows.");
    }
    return folder;
}

/// Sidekiq is started again. No order: which restore it is said of.
Result<void> go_on_after_restore(const InstanceFolder& folder) {
    const auto identity = TRY(load_identity(folder));
    if (!identity.restored) return {};
    Requests requests = TRY(load_requests(folder));
    requests.resumed = identity.restored->asked;
    return save_requests(folder, requests);
}

/// From the commit that was worked on last to the one before it that was settled here.
/// Errors: refused (there is none).
Result<Rollback> way_back(const InstanceFolder& folder) {
    const std::string now = revision_in_status(TRY(published_status(folder)).value_or(""));
    const auto set = TRY(load_rollback(folder));
    if (set && (now == set->to.revision || now == set->instead_of)) {
        return fail(ErrorKind::refused,
                    folder.name + " has gone back to " + set->to.revision + " already",
                    "Push a commit that mends it, or run matriarch resume " + folder.name + ".");
    }
    auto before = TRY(settled_before(folder, now));
    if (now.empty() || !before) {
        return fail(
            ErrorKind::refused,
            "cannot go back: no earlier commit of " + folder.name + " was settled on this host",
            "Use git revert; matriarch history " + folder.name + " shows what was tried.");
    }
    return Rollback{.instead_of = now, .to = std::move(*before)};
}

}  // namespace

int suspend_command(const CommonOptions& common, const std::string& instance,
                    const std::string& reason) {
    const auto folder = known_instance(common, instance);
    if (!folder) return failed_with(folder.error());
    const auto done = suspend(*folder, {.since = SystemClock().now(), .reason = reason});
    if (!done) return failed_with(done.error());
    print(instance + ": suspended; nothing is changed until matriarch resume " + instance);
    return 0;
}

int resume_command(const CommonOptions& common, const std::string& instance) {
    const auto folder = known_instance(common, instance);
    if (!folder) return failed_with(folder.error());
    const auto done = resume(*folder);
    if (!done) return failed_with(done.error());
    const auto forgotten = forget_failures(*folder);
    if (!forgotten) return failed_with(forgotten.error());
    const auto let_go = go_on_after_restore(*folder);
    if (!let_go) return failed_with(let_go.error());
    const auto forward = forget_rollback(*folder);
    if (!forward) return failed_with(forward.error());
    print(instance + ": resumed");
    return 0;
}

int rollback_command(const CommonOptions& common, const std::string& instance,
                     std::stop_token stop) {
    const auto folder = known_instance(common, instance);
    if (!folder) return failed_with(folder.error());
    const auto back = way_back(*folder);
    if (!back) return failed_with(back.error());
    const auto engine = connect_engine(stop);
    if (!engine) return failed_with(engine.error());
    const Fleet fleet = with_generation({}, back->to);
    const auto planned = plan_all(common, fleet, instance, **engine, stop);
    if (!planned) return failed_with(planned.error());
    const InstancePlan& plan = planned->front().plan;
    if (!plan.plan.blocked.empty()) {
        const auto& block = plan.plan.blocked.front();
        return failed_with(
            {.kind = ErrorKind::refused,
             .message = "cannot go back to " + back->to.revision + ": " + block.message,
             .hint = block.hint});
    }
    print(plan_text(back->to.revision, {plan}));
    const auto done = set_rollback(*folder, *back);
    if (!done) return failed_with(done.error());
    print(instance + ": goes back to " + back->to.revision + ", Mastodon " +
          to_text(back->to.instance.mastodon) +
          ", at the controller's next look, or with matriarch apply; commit " + back->instead_of +
          " is set aside until another one comes, or matriarch resume " + instance);
    return 0;
}

namespace {

Result<void> take_over(const CommonOptions& common, const std::string& instance,
                       std::stop_token stop) {
    const State state = TRY(state_of(common));
    TRY(state.instance(instance));
    const auto engine = TRY(connect_engine(stop));
    Self self = TRY(self_of(state));
    const SystemClock clock;
    const auto journal = TRY(Journal::open(state.journal(), clock));
    return Holder(*engine, *journal, std::move(self)).take_over(instance, {.stop = stop});
}

}  // namespace

int take_over_command(const CommonOptions& common, const std::string& instance,
                      std::stop_token stop) {
    const auto done = take_over(common, instance, stop);
    if (!done) return failed_with(done.error());
    print(instance +
          ": held by the controller of this state folder from now on; any other one "
          "stands by");
    return 0;
}

int schema_command() {
    print(specs::json_schema());
    return 0;
}

}  // namespace matriarch::controller
