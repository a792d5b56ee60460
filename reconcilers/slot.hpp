// Slot: the two containers that one replica of Mastodon's code may have at a time, the one that is
// wanted and the one that served before it.
//
// Both names are fixed ("alpha-web-1", "alpha-web-1-b"), so that creating twice is a conflict.
// Which of them is which is read off what they were made from; nothing is remembered.
#pragma once

#include <string>
#include <vector>

#include "reconcilers/wanted.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::reconcilers {

struct Slot {
    /// What is wanted, under the name that it has or is to get.
    ContainerSpec spec{};
    /// Made as wanted, whatever its state; what differs can be put right without a new one.
    const ObservedContainer* fresh{nullptr};
    /// Made for something else: serves until `fresh` does.
    const ObservedContainer* old{nullptr};
    /// Neither wanted nor serving, but it has the name that is needed.
    const ObservedContainer* in_the_way{nullptr};
};

/// The other name of a replica that is called so.
[[nodiscard]] std::string second_name(const std::string& name);

[[nodiscard]] Slot slot_of(ContainerSpec wanted, const World& world);
[[nodiscard]] std::vector<Slot> slots_of(std::vector<ContainerSpec> specs, const World& world);

/// Of the two that a replica may have, the one that people are served by; of other parts, the one.
[[nodiscard]] const ObservedContainer* serving_one(const ContainerSpec& spec, const World& world);

/// Whether a replica can be counted on: ready, not asked to stop, and on all of its networks.
[[nodiscard]] bool is_away(const ContainerSpec& spec, const ObservedContainer* container);
[[nodiscard]] bool is_away(const Slot& slot);

}  // namespace matriarch::reconcilers
