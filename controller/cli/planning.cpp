// Plans for the commands: of a folder, and as a file that is kept.
#include "controller/cli/planning.hpp"

#include <sstream>

#include "specs/values/digest.hpp"

namespace matriarch::controller {

namespace {

constexpr const char* kept_plan_header = "matriarch-plan 1";

}  // namespace

Result<std::vector<Planned>> plan_all(const CommonOptions& common, const Fleet& fleet,
                                      const std::string& only, Engine& engine,
                                      std::stop_token stop) {
    const State state = TRY(state_of(common));
    const specs::Policy policy = TRY(load_policy(common.policy_file));
    return plan_instances(
        {.state = state, .age_key = common.age_key, .policy = policy, .engine = engine}, fleet,
        TRY(chosen(fleet, only)), stop);
}

std::string plans_digest(const std::vector<Planned>& planned) {
    std::string text;
    for (const Planned& one : planned) {
        text += one.plan.name + "\n" + specs::digest(one.wanted.instance) + "\n" +
                reconcilers::to_text(one.plan.plan);
    }
    return sha256(text);
}

std::string print_kept_plan(const KeptPlan& plan) {
    return std::string(kept_plan_header) + "\npath " + plan.path + "\ninstance " + plan.instance +
           "\nrevision " + plan.revision + "\ndigest " + plan.digest + "\n";
}

Result<KeptPlan> parse_kept_plan(const std::string& text) {
    std::istringstream stream(text);
    std::string line;
    std::getline(stream, line);
    KeptPlan plan;
    const auto take = [&](const std::string& name, std::string& value) {
        if (!std::getline(stream, line) || !line.starts_with(name + " ")) return false;
        value = line.substr(name.size() + 1);
        return true;
    };
    const bool is_plan = line == kept_plan_header && take("path", plan.path) &&
                         take("instance", plan.instance) && take("revision", plan.revision) &&
                         take("digest", plan.digest);
    if (!is_plan) {
        return fail(ErrorKind::invalid,
                    "cannot read the plan: it was not written by matriarch plan --out");
    }
    return plan;
}

}  // namespace matriarch::controller
