// One kind of part after the other; the next only once nobody of the one before is left.
#include "reconcilers/removal.hpp"

#include <map>

#include "reconcilers/converge.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/rollout.hpp"
#include "reconcilers/schema.hpp"

namespace matriarch::reconcilers {
namespace {

/// Nobody loses what they rest on: people their door first, the database its clients before it.
int turn_of(const ObservedContainer& container) {
    static const std::map<std::string, int> turns{{"edge", 0},    {"web", 1},     {"streaming", 1},
                                                  {"sidekiq", 2}, {"archive", 4}, {"search", 4},
                                                  {"redis", 5},   {"postgres", 6}};
    constexpr int jobs = 3;
    const auto turn = turns.find(container.spec.role);
    return turn == turns.end() ? jobs : turn->second;
}

void plan_containers(const Wanted& wanted, const World& world, Steps& steps) {
    const std::string reason = "the instance left the fleet";
    const std::string prefix = wanted.instance.name + "-";
    std::map<int, std::vector<const ObservedContainer*>> turns;
    for (const auto& [name, container] : world.containers) {
        if (name.starts_with(prefix)) {
            turns[turn_of(container)].push_back(&container);
        } else {
            // Labels are inherited by images made of our containers.
            steps.block({.code = "not-ours",
                         .message = "container " + name + " has the labels of " +
                                    wanted.instance.name + " and not its name: it is left",
                         .hint = "docker rm -f " + name + " is yours."});
        }
    }
    if (turns.empty()) return;
    for (const ObservedContainer* one : turns.begin()->second) {
        // Its jobs are of people elsewhere as well: those in hand are finished.
        if (one->spec.role == "sidekiq" && one->is_alive()) {
            retire(wanted, *one, world, steps, reason, Downtime::none);
            continue;
        }
        discard(*one, world, steps, reason);
        if (one->state == RunState::removing) {
            steps.add(Wait{"container " + one->name, look_again}, "it is being removed");
        }
    }
}

void plan_network(const Wanted& wanted, const ObservedNetwork& network, Steps& steps) {
    if (!label::is_of(network.labels, wanted.instance.name)) return;
    if (network.is_used) {
        steps.block({.code = "network-in-use",
                     .message = "network " + network.name + " is used by somebody else",
                     .hint = "docker network inspect " + network.name + " says by whom."});
        return;
    }
    steps.add(RemoveNetwork{.id = network.id, .name = network.name}, "the instance left the fleet");
}

}  // namespace

Steps plan_removal(const Wanted& wanted, const World& world) {
    Steps steps;
    if (world.identity.restoring) {
        steps.block({.code = "is-restored",
                     .message = "a backup of " + wanted.instance.name + " is being brought back",
                     .hint = "Bring its file back until that is done."});
        return steps;
    }
    if (const ObservedContainer* job = schema_job(world)) {
        steps.add(Wait{"job " + job->name, look_again},
                  "it changes the schema, and is never cut off");
        return steps;
    }
    plan_containers(wanted, world, steps);
    if (!steps.steps.empty() || !steps.blocked.empty()) return steps;
    for (const auto& [name, network] : world.networks) plan_network(wanted, network, steps);
    for (const auto& [name, doubles] : world.doubled_networks) {
        for (const ObservedNetwork& network : doubles) plan_network(wanted, network, steps);
    }
    return steps;
}

std::string what_stays(const Wanted& wanted, const World& world, const std::string& folder) {
    std::string volumes;
    for (const auto& [name, volume] : world.volumes) volumes += " " + name;
    if (volumes.empty()) return folder + " stays; to take it away by hand: rm -r " + folder;
    return "the volumes" + volumes + " and " + folder + " stay, and so do its backups in " +
           wanted.instance.backups.repository + "; to take them away by hand: docker volume rm" +
           volumes + " && rm -r " + folder;
}

}  // namespace matriarch::reconcilers
