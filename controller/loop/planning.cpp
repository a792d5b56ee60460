// The same observation and the same planner that the loop uses, run forward on a simulated world.
#include "controller/loop/planning.hpp"

#include "controller/loop/goal.hpp"
#include "controller/loop/pass.hpp"

namespace matriarch::controller {

namespace {

/// The journal's facts, if there is a journal already; nothing is written.
FactStore read_only_facts(const std::shared_ptr<Journal>& journal) {
    if (!journal) return {};
    return {.load = [journal](const std::string& key) -> std::optional<std::string> {
        const auto text = journal->fact(key);
        return text ? *text : std::nullopt;
    }};
}

}  // namespace

Result<std::vector<Planned>> plan_instances(const PlanGround& on, const Fleet& fleet,
                                            const std::vector<specs::Instance>& instances,
                                            std::stop_token stop) {
    const SystemClock clock;
    auto opened = Journal::open_to_read(on.state.journal(), clock);
    // There is no next pass that could hear what comes late.
    const FactStore facts =
        read_only_facts(opened ? std::shared_ptr<Journal>(std::move(*opened)) : nullptr);
    const auto patience = std::chrono::milliseconds(1500);
    Observer observer(on.engine, facts, this_machine(), {.patience = patience, .believes = true});
    Observer doubting(on.engine, facts, this_machine(), {.patience = patience});
    const Discovery discovery = TRY(observer.discover({.stop = stop}));
    const auto committed = std::make_shared<const Fleet>(fleet);
    std::vector<Planned> planned;
    for (const specs::Instance& instance : instances) {
        const InstanceFolder folder = TRY(on.state.instance(instance.name));
        const auto goal = TRY(goal_of(folder, committed));
        const Ground ground{.fleet = *goal,
                            .state = on.state,
                            .age_key = on.age_key,
                            .policy = on.policy,
                            .engine = on.engine,
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

}  // namespace matriarch::controller
