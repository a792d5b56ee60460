// DriftLook: one look at what differs by hand, shared by those who judge containers (drift.cpp) and
// what these stand on (drift_ground.cpp).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reconcilers/drift.hpp"
#include "reconcilers/path.hpp"

namespace matriarch::reconcilers {

/// One look, with what was settled before beside what is wanted now.
struct DriftLook {
    const Wanted& wanted;
    const World& world;
    /// Set while another commit than the settled one is on its way.
    std::optional<Wanted> before{};
    std::vector<DriftItem> items{};

    /// Nothing was settled yet: all that is missing is still to come.
    [[nodiscard]] bool is_first() const { return wanted.settled == nullptr; }
    /// Another release, or another major version of PostgreSQL: all code stops for a while.
    [[nodiscard]] bool changes_version() const { return before && is_on_the_way(*before, wanted); }
    [[nodiscard]] std::optional<ContainerSpec> spec_before(const ContainerSpec& spec) const {
        if (!before) return spec;
        for (ContainerSpec& one : wanted_of(*before, spec.role)) {
            if (one.name == spec.name) return std::move(one);
        }
        return std::nullopt;
    }
    void add(const std::string& resource, const std::string& role, Difference difference,
             std::string heal = "") {
        if (heal.empty()) heal = heal_of(role, difference);
        std::string risk = risk_of(role, difference.field);
        const auto found = world.containers.find(resource.substr(resource.find(' ') + 1));
        items.push_back({.resource = resource,
                         .id = found == world.containers.end() ? "" : found->second.id,
                         .difference = std::move(difference),
                         .risk = std::move(risk),
                         .heal = std::move(heal)});
    }
    /// Of the item that was added last: the file says to leave it, or not.
    void leave(const specs::Ignore* ignore) {
        if (ignore == nullptr) return;
        items.back().ignored = *ignore;
        items.back().heal = "nothing until " + ignore->until + " is over";
    }
};

void judge_ground(DriftLook& look);

}  // namespace matriarch::reconcilers
