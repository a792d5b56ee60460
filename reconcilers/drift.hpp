// Drift: what differs from the commit in force without any commit having asked for it. A version
// that is being rolled out is no drift, nor is what we stopped ourselves.
//
// Judged by the same comparison that plans, against two wishes: what is wanted now, and what was
// settled before (Wanted::settled). What fits either of them is nobody's hand.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reconcilers/steps.hpp"
#include "reconcilers/wanted.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::reconcilers {

struct DriftItem {
    std::string resource{};
    /// The Engine's id of the container, where one is there.
    std::string id{};
    Difference difference{};
    /// What it puts at risk, and what healing it would do. In words.
    std::string risk{};
    std::string heal{};
    /// The file says to leave it as it is until a day; else nothing.
    std::optional<specs::Ignore> ignored{};
};

/// Those that are not ignored.
[[nodiscard]] std::size_t open_count(const std::vector<DriftItem>& items);

/// Containers with their fields, networks, volumes, the edge's configuration, and who is there
/// without being wanted. The same input gives the same items, in the same order.
[[nodiscard]] std::vector<DriftItem> drift(const Wanted& wanted, const World& world);

/// What is at stake where a part with this role differs in this field.
[[nodiscard]] std::string risk_of(const std::string& role, const std::string& field);

/// What putting a container's difference right means for people.
[[nodiscard]] std::string heal_of(const std::string& role, const Difference& difference);

/// What of a plan is left alone, although it is planned.
struct Restraint {
    /// `drift: report`: what only puts back what somebody changed by hand.
    bool puts_nothing_back{false};
    /// Whether our own steps, and no hand, were the last to take a container away: that is ours to
    /// finish. Unset, or where that is not known any more: a hand was it.
    std::function<bool(const std::string& container)> is_away_by_us{};
    /// Whether it was we who took its restart policy. Unset: by what it looks like.
    std::function<bool(const std::string& container)> is_kept_down_by_us{};
    /// Resource -> why it is left alone for now, in words: it was put right, and undone each time.
    /// While it does not run, it is brought back all the same.
    std::map<std::string, std::string> held{};
};

/// Takes such steps out, and says of what is held that it is. What a commit asks for is done.
/// Until something was settled, a commit asks for everything.
void restrain(const Wanted& wanted, const World& world, const Restraint& restraint, Steps& steps);

/// The line of an instance file that would make what is there what is wanted.
struct Acceptance {
    /// "web.memory", "sidekiq.main.cpus"
    std::string key{};
    std::string value{};
};

/// Nothing: no field of the file can say it.
[[nodiscard]] std::optional<Acceptance> acceptance_of(const Wanted& wanted,
                                                      const std::string& resource,
                                                      const std::string& field,
                                                      const std::string& actual);

}  // namespace matriarch::reconcilers
