// The order of the reconcilers, and nothing else. Where releases lie between what serves and what
// is wanted, what is planned for is the next of them. Where the data is not what was deployed,
// nothing but the alarm remains: no container is made, none is stopped.
#include <algorithm>

#include "reconcilers/archive.hpp"
#include "reconcilers/converge.hpp"
#include "reconcilers/postgres_major.hpp"
#include "reconcilers/requirements.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/slot.hpp"

namespace matriarch::reconcilers {
namespace {

/// A first database takes longest of all to make: until that has begun, nothing else is done that
/// would hold up the next look.
bool begins_database(const World& world, const Steps& steps) {
    const bool has_begun =
        std::any_of(world.containers.begin(), world.containers.end(), [](const auto& entry) {
            const ObservedContainer& one = entry.second;
            const bool makes_or_is_it =
                one.spec.role == "postgres" || one.spec.role == "postgres-init";
            return makes_or_is_it && one.state != RunState::created;
        });
    if (has_begun || world.identity.has_database()) return false;
    return std::any_of(steps.steps.begin(), steps.steps.end(), [](const Step& step) {
        return !is_wait(step.action) && !std::holds_alternative<PullImage>(step.action);
    });
}

/// Everything that stands on networks, volumes and a database.
void plan_server(const Wanted& wanted, const World& world, const Upgrade& upgrade,
                 Crossing crossing, Steps& steps) {
    plan_redis(wanted, world, steps);
    plan_search(wanted, world, steps);
    plan_archive(wanted, world, steps);
    if (crossing == Crossing::switching) return;
    plan_migrations(wanted, world, upgrade, steps);
    if (upgrade.phase != Phase::fenced && crossing != Crossing::fenced) {
        plan_web(wanted, world, upgrade, steps);
        plan_streaming(wanted, world, upgrade, steps);
        plan_sidekiq(wanted, world, upgrade, steps);
    }
    plan_aftercare(wanted, world, upgrade, steps);
    plan_orphans(wanted, world, upgrade, steps);
}

}  // namespace

Steps plan_instance(const Wanted& goal, const World& world) {
    Steps steps;
    if (begins_from_backup(goal, world)) {
        steps = plan_bootstrap(goal, world);
        keep_reserve(goal, world, steps);
        return steps;
    }
    const Wanted wanted = next_station(goal, world);
    if (is_database_lost(wanted, world)) return plan_lost_database(wanted, world);
    plan_identity(wanted, world, steps);
    if (!steps.blocked.empty()) return steps;
    if (world.identity.restoring) {
        plan_restore(wanted, world, steps);
        plan_orphans(wanted, world, upgrade_of(wanted, world), steps);
        plan_edge(wanted, world, steps);
        keep_reserve(wanted, world, steps);
        return steps;
    }
    plan_admission(wanted, world, steps);
    // Not those of a release that is only passed through on the way.
    for (Blocked& unmet : unmet_requirements(goal.policy, goal.instance)) {
        steps.block(std::move(unmet));
    }
    const bool is_admitted = steps.blocked.empty();
    plan_images(goal, world, steps);
    if (is_on_the_way(wanted, goal)) plan_images(wanted, world, steps);
    plan_volumes(wanted, world, steps);
    const Upgrade upgrade = upgrade_of(wanted, world);
    const Crossing crossing = crossing_of(goal, wanted, upgrade, world);
    if (crossing != Crossing::switching) plan_postgres(wanted, world, steps);
    if (!begins_database(world, steps)) {
        plan_network(wanted, world, steps);
        plan_server(wanted, world, upgrade, crossing, steps);
        plan_crossing(goal, wanted, crossing, world, steps);
        if (!is_admitted) steps.leaving.clear();  // nobody is stopped below
        plan_edge(wanted, world, steps);
    }
    if (!is_admitted) only_keep_running(steps);
    if (crossing == Crossing::none) plan_wish(wanted, world, steps);
    plan_crash_loops(wanted, world, steps);
    keep_reserve(wanted, world, steps);
    return steps;
}

}  // namespace matriarch::reconcilers
