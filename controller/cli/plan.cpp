// validate and plan: what a folder says, and what applying it would do. Neither writes anything.
#include "controller/base/files.hpp"
#include "controller/cli/commands.hpp"
#include "controller/cli/planning.hpp"

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
