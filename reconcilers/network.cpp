// Networks: an internal one for database, Redis and search, which reaches nothing outside, and an
// external one for what must reach the fediverse.
//
// Network names are not unique in the Engine; a doubled name stops the work, since nobody can say
// which of the two is meant. A network is never removed.
#include "reconcilers/labels.hpp"
#include "reconcilers/reconcilers.hpp"

namespace matriarch::reconcilers {
namespace {

void plan_one(const Wanted& wanted, const World& world, Steps& steps, const std::string& name,
              bool internal) {
    if (world.ambiguous_networks.contains(name)) {
        steps.block(
            {.code = "network-ambiguous",
             .message = "two networks are called " + name,
             .hint =
                 "Remove the one without containers: docker network ls, docker network rm ID."});
        return;
    }
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

void plan_network(const Wanted& wanted, const World& world, Steps& steps) {
    const Names names(wanted.instance);
    plan_one(wanted, world, steps, names.internal_network, true);
    plan_one(wanted, world, steps, names.external_network, false);
}

}  // namespace matriarch::reconcilers
