// The same observation and the same planner that the loop uses, run forward on a simulated world.
#include "controller/cli/planning.hpp"

#include <algorithm>
#include <sstream>

#include "controller/loop/goal.hpp"
#include "controller/loop/pass.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {

namespace {

constexpr const char* kept_plan_header = "matriarch-plan 1";

/// The journal's facts, if there is a journal already; nothing is written.
FactStore read_only_facts(const std::shared_ptr<Journal>& journal) {
    if (!journal) return {};
    return {.load = [journal](const std::string& key) -> std::optional<std::string> {
        const auto text = journal->fact(key);
        return text ? *text : std::nullopt;
    }};
}

}  // namespace

Result<std::vector<Planned>> plan_all(const CommonOptions& common, const Fleet& fleet,
                                      const std::string& only, Engine& engine,
                                      std::stop_token stop) {
    const State state = TRY(state_of(common));
    const SystemClock clock;
    auto opened = Journal::open_to_read(state.journal(), clock);
    // There is no next pass that could hear what comes late.
    const FactStore facts =
        read_only_facts(opened ? std::shared_ptr<Journal>(std::move(*opened)) : nullptr);
    const auto patience = std::chrono::milliseconds(1500);
    Observer observer(engine, facts, this_machine(), {.patience = patience, .believes = true});
    Observer doubting(engine, facts, this_machine(), {.patience = patience});
    const Discovery discovery = TRY(observer.discover({.stop = stop}));
    const specs::Policy policy = TRY(load_policy(common.policy_file));
    const auto committed = std::make_shared<const Fleet>(fleet);
    std::vector<Planned> planned;
    for (const specs::Instance& instance : TRY(chosen(fleet, only))) {
        const InstanceFolder folder = TRY(state.instance(instance.name));
        const auto goal = TRY(goal_of(folder, committed));
        const Ground ground{.fleet = *goal,
                            .state = state,
                            .age_key = common.age_key,
                            .policy = policy,
                            .engine = engine,
                            .discovery = discovery};
        Planned one{.wanted = TRY(
                        prepare(ground, goal->instances.at(instance.name), Purpose::preview, stop)),
                    .plan = {.name = instance.name}};
        const auto written = TRY(written_of(folder));
        // The newest health check can be older than the last change: only who finds work asks.
        for (Observer* const looking : {&observer, &doubting}) {
            const auto world =
                TRY(looking->observe(one.wanted, written, discovery, {}, {.stop = stop}));
            one.plan.plan = reconcilers::preview(one.wanted, world,
                                                 reconcilers::catalogue_forecast(one.wanted));
            if (!one.plan.plan.has_changes()) break;
        }
        planned.push_back(std::move(one));
    }
    return planned;
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
