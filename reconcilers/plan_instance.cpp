// The order of the reconcilers, and nothing else. Where the data is not what was deployed, nothing
// but the alarm remains: no container is made, none is stopped.
#include "reconcilers/converge.hpp"

namespace matriarch::reconcilers {

Steps plan_instance(const Wanted& wanted, const World& world) {
    Steps steps;
    plan_identity(wanted, world, steps);
    if (!steps.blocked.empty()) return steps;
    plan_admission(wanted, world, steps);
    const bool is_admitted = steps.blocked.empty();
    plan_images(wanted, world, steps);
    plan_network(wanted, world, steps);
    plan_volumes(wanted, world, steps);
    plan_postgres(wanted, world, steps);
    plan_redis(wanted, world, steps);
    plan_search(wanted, world, steps);
    plan_migrations(wanted, world, steps);
    plan_web(wanted, world, steps);
    plan_streaming(wanted, world, steps);
    plan_sidekiq(wanted, world, steps);
    plan_edge(wanted, world, steps);
    plan_orphans(wanted, world, steps);
    if (!is_admitted) only_keep_running(steps);
    keep_reserve(wanted, world, steps);
    return steps;
}

std::vector<DriftItem> drift(const Wanted& wanted, const World& world) {
    std::vector<DriftItem> items;
    for (const ContainerSpec& spec : wanted_containers(wanted)) {
        const std::string resource = "container " + spec.name;
        const ObservedContainer* observed = world.container(spec.name);
        if (observed == nullptr) {
            items.push_back(
                {resource, {.field = "existence", .desired = "running", .actual = "absent"}});
            continue;
        }
        if (!observed->is_running()) {
            items.push_back(
                {resource,
                 {.field = "state", .desired = "running", .actual = to_text(observed->state)}});
        }
        for (Difference& difference : differences_in(spec, world, *observed)) {
            items.push_back({resource, std::move(difference)});
        }
    }
    return items;
}

}  // namespace matriarch::reconcilers
