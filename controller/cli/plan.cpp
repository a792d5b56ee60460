// validate and plan: what a folder says, and what applying it would do. Neither writes anything.
#include "controller/base/files.hpp"
#include "controller/cli/commands.hpp"
#include "controller/cli/planning.hpp"
#include "controller/git/writer.hpp"
#include "controller/review/judge.hpp"

namespace matriarch::controller {

namespace {

/// What stands in the way counts more than what would change.
int plan_exit_code(const std::vector<Planned>& planned) {
    int code = 0;
    for (const Planned& one : planned) {
        const auto& plan = one.plan.plan;
        if (!plan.blocked.empty()) return exit_code(plan.blocked.front().kind);
        if (plan.has_changes()) code = 2;
    }
    return code;
}

std::string rendered(const std::string& revision, const std::vector<InstancePlan>& plans,
                     OutputForm output) {
    if (output == OutputForm::json) return plan_json(revision, plans);
    if (output == OutputForm::markdown) return plan_markdown(revision, plans);
    return plan_text(revision, plans);
}

constexpr std::chrono::seconds git_within{60};

/// What `plan` prints of two commits. Errors: as reading and planning.
struct Between {
    Review review{};
    std::string comment{};
    /// The comment, or JSON where that is asked for.
    std::string text{};
};

Result<Between> judge_between(const CommonOptions& common, const PlanOptions& options,
                              Engine& engine, std::stop_token stop) {
    const State state = TRY(state_of(common));
    const specs::Policy policy = TRY(load_policy(common.policy_file));
    const auto base = TRY(git::read_commit(options.path, options.from, "", git_within, stop));
    const auto head =
        TRY(git::read_commit(options.path, options.to, options.from, git_within, stop));
    const FleetReading before = read_fleet(base);
    if (!before.problems.empty()) return fail(before.problems.front());
    const Planner planner = [&](const Fleet& fleet, const auto& instances, std::stop_token asked) {
        return plan_instances(
            {.state = state, .age_key = common.age_key, .policy = policy, .engine = engine}, fleet,
            instances, std::move(asked));
    };
    Redactor redactor;
    Between between;
    between.review = judge(
        head, {.base = before.fleet, .policy = policy, .planner = planner, .redactor = redactor},
        stop);
    // Only the comment also says what was removed and what cannot be planned at all.
    between.comment = redactor.redact(comment_text(between.review));
    between.text = between.comment;
    if (common.output == OutputForm::json) {
        std::vector<InstancePlan> plans;
        for (const InstanceReview& one : between.review.instances) {
            if (one.error) return fail(*one.error);
            if (one.plan) plans.push_back({.name = one.name, .plan = *one.plan});
        }
        between.text = redactor.redact(plan_json(between.review.head, plans));
    }
    return between;
}

int plan_between(const CommonOptions& common, const PlanOptions& options, std::stop_token stop) {
    const auto engine = connect_eagerly(stop);
    if (!engine) return failed_with(engine.error());
    const auto between = judge_between(common, options, **engine, stop);
    if (!between) return failed_with(between.error());
    const auto& problems = between->review.problems;
    if (!problems.empty() && common.output == OutputForm::json) {
        return refused_with(problems, common.output);
    }
    print(between->text);
    if (options.is_noted) {
        const auto noted =
            git::write_note(options.path, between->review.head, between->comment, git_within, stop);
        if (!noted) return failed_with(noted.error());
    }
    if (!problems.empty()) return exit_code(problems.front().kind);
    int code = 0;
    for (const InstanceReview& one : between->review.instances) {
        if (one.error) return exit_code(one.error->kind);
        if (one.plan && !one.plan->blocked.empty()) {
            return exit_code(one.plan->blocked.front().kind);
        }
        if (!one.plan || one.plan->has_changes()) code = 2;
    }
    return code;
}

}  // namespace

int validate_command(const CommonOptions& common, const std::string& path, std::stop_token stop) {
    const auto reading = read_fleet_folder(path, stop);
    if (!reading) return failed_with(reading.error());
    if (!reading->problems.empty()) return refused_with(reading->problems, common.output);
    if (common.output == OutputForm::json) {
        print(error_json({}));
    } else {
        for (const auto& [name, instance] : reading->fleet.instances) {
            print(name + ": " + instance.domain + ", Mastodon " + to_text(instance.mastodon) +
                  ": valid");
        }
    }
    return 0;
}

int plan_command(const CommonOptions& common, const PlanOptions& options, std::stop_token stop) {
    if (!options.from.empty()) return plan_between(common, options, stop);
    const auto engine = connect_eagerly(stop);
    const auto reading = read_fleet_folder(options.path, stop);
    if (!reading) return failed_with(reading.error());
    if (!reading->problems.empty()) return refused_with(reading->problems, common.output);
    if (!engine) return failed_with(engine.error());
    const auto planned = plan_all(common, reading->fleet, options.instance, **engine, stop);
    if (!planned) return failed_with(planned.error());
    std::vector<InstancePlan> plans;
    for (const Planned& one : *planned) plans.push_back(one.plan);
    print(rendered(reading->fleet.revision, plans, common.output));
    if (!options.out.empty()) {
        const auto kept = write_file(
            options.out, print_kept_plan({.path = std::filesystem::absolute(options.path).string(),
                                          .instance = options.instance,
                                          .revision = reading->fleet.revision,
                                          .digest = plans_digest(*planned)}));
        if (!kept) return failed_with(kept.error());
    }
    return plan_exit_code(*planned);
}

}  // namespace matriarch::controller
