// Networks: an internal one for database, Redis and search, which reaches nothing outside, and an
// external one for what must reach the fediverse.
//
// Network names are not unique in the Engine: a creation that was on its way when the controller
// was killed is carried out beside the next one. Of such doubles the one in use stays, and those of
// ours that nothing uses go; no other network is ever removed. Where two are in use, nobody can say
// which is meant, and the work stops.
#include <algorithm>
#include <tuple>

#include "reconcilers/labels.hpp"
#include "reconcilers/reconcilers.hpp"

namespace matriarch::reconcilers {
namespace {

bool is_needed(const World& world, const ObservedNetwork& network) {
    return network.is_used ||
           std::any_of(world.containers.begin(), world.containers.end(), [&](const auto& entry) {
               const auto& ids = entry.second.network_ids;
               return std::any_of(ids.begin(), ids.end(),
                                  [&](const auto& one) { return one.second == network.id; });
           });
}

void plan_one(const Wanted& wanted, const World& world, Steps& steps, const std::string& name,
              bool internal) {
    if (plan_doubles(wanted, world, name, steps)) return;
    const auto found = world.networks.find(name);
    if (found == world.networks.end()) {
        steps.add(CreateNetwork{.name = name,
                                .internal = internal,
                                .labels = {{label::instance, wanted.instance.name}}},
                  "not found");
        return;
    }
    if (found->second.internal != internal) {
        steps.block(
            {.code = "network-foreign",
             .message = "network " + name + " is " + (internal ? "not " : "") +
                        "internal, but should " + (internal ? "" : "not ") + "be",
             .hint = "Disconnect its containers and remove it; it is made anew as it should be."});
    }
}

}  // namespace

bool plan_doubles(const Wanted& wanted, const World& world, const std::string& name, Steps& steps) {
    const auto doubled = world.doubled_networks.find(name);
    if (doubled == world.doubled_networks.end()) return false;
    const auto& doubles = doubled->second;
    // Who is needed comes first, then whoever comes first for everybody who looks.
    const auto rank = [&](const ObservedNetwork& network) {
        return std::tuple(!is_needed(world, network), network.id);
    };
    const auto kept = std::min_element(
        doubles.begin(), doubles.end(),
        [&](const auto& one, const auto& other) { return rank(one) < rank(other); });
    for (auto network = doubles.begin(); network != doubles.end(); ++network) {
        if (network == kept) continue;
        if (!label::is_of(network->labels, wanted.instance.name) || is_needed(world, *network)) {
            steps.block({.code = "network-ambiguous",
                         .message = "two networks are called " + network->name,
                         .hint = "Remove the one that is not needed: docker network ls, docker "
                                 "network rm ID."});
            continue;
        }
        steps.add(RemoveNetwork{.id = network->id, .name = network->name},
                  "an unused double: the creation was carried out twice");
    }
    return true;
}

void plan_network(const Wanted& wanted, const World& world, Steps& steps) {
    const Names names(wanted.instance);
    plan_one(wanted, world, steps, names.internal_network, true);
    plan_one(wanted, world, steps, names.external_network, false);
}

}  // namespace matriarch::reconcilers
