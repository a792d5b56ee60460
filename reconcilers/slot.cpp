// Who is who of the two containers of a replica.
#include "reconcilers/slot.hpp"

#include <algorithm>
#include <tuple>

#include "reconcilers/converge.hpp"

namespace matriarch::reconcilers {
namespace {

bool is_as_made(const ContainerSpec& spec, const World& world, const ObservedContainer& container) {
    const auto found = differences_in(spec, world, container);
    return std::none_of(found.begin(), found.end(), [](const Difference& difference) {
        return difference.remedy == Remedy::recreate;
    });
}

/// Who would be missed the most.
auto rank(const World& world, const ObservedContainer& container) {
    return std::tuple(world.edge.routes.contains(container.name), container.is_ready(),
                      container.is_alive(), container.has_exited());
}

}  // namespace

std::string second_name(const std::string& name) {
    return name + "-b";
}

Slot slot_of(ContainerSpec wanted, const World& world) {
    Slot slot{.spec = std::move(wanted)};
    const ContainerSpec& spec = slot.spec;
    const ObservedContainer* one = world.container(spec.name);
    const ObservedContainer* other = world.container(second_name(spec.name));
    if (one == nullptr && other == nullptr) return slot;
    if (one != nullptr && other != nullptr && rank(world, *one) < rank(world, *other)) {
        std::swap(one, other);
    }
    if (one == nullptr) std::swap(one, other);
    // `one` is there, and the last that would be given up.
    if (is_as_made(spec, world, *one)) {
        slot.fresh = one;
        slot.old = other;
    } else if (other != nullptr && is_as_made(spec, world, *other)) {
        slot.fresh = other;
        slot.old = one;
    } else {
        slot.old = one;
        slot.in_the_way = other;
    }
    if (slot.fresh != nullptr) {
        slot.spec.name = slot.fresh->name;
    } else if (slot.old->name == spec.name) {
        slot.spec.name = second_name(spec.name);
    }
    return slot;
}

std::vector<Slot> slots_of(std::vector<ContainerSpec> specs, const World& world) {
    std::vector<Slot> slots;
    slots.reserve(specs.size());
    for (ContainerSpec& spec : specs) slots.push_back(slot_of(std::move(spec), world));
    return slots;
}

const ObservedContainer* serving_one(const ContainerSpec& spec, const World& world) {
    if (!is_app_role(spec.role)) return world.container(spec.name);
    const Slot slot = slot_of(spec, world);
    const bool has_taken_over =
        slot.fresh != nullptr && (slot.old == nullptr || slot.fresh->is_proven());
    return has_taken_over ? slot.fresh : slot.old;
}

bool is_away(const ContainerSpec& spec, const ObservedContainer* container) {
    if (container == nullptr || !container->is_ready()) return true;
    if (container->may_end()) return true;
    return std::any_of(spec.networks.begin(), spec.networks.end(), [&](const auto& network) {
        return !container->spec.networks.contains(network.first);
    });
}

bool is_away(const Slot& slot) {
    return is_away(slot.spec, slot.fresh) && is_away(slot.spec, slot.old);
}

}  // namespace matriarch::reconcilers
