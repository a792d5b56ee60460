// Planning: what a fleet would do to the Engine as it is now. Writes nothing, on this host or
// there.
#pragma once

#include "controller/loop/observe.hpp"
#include "controller/loop/prepare.hpp"
#include "controller/loop/report.hpp"

namespace matriarch::controller {

struct Planned {
    reconcilers::Wanted wanted{};
    InstancePlan plan{};
};

/// What planning builds on, beside the fleet.
struct PlanGround {
    const State& state;
    /// --age-key; empty: the usual places.
    const std::string& age_key;
    const specs::Policy& policy;
    Engine& engine;
};

/// Plans these instances of the fleet. Errors: those of looking and of secrets.
[[nodiscard]] Result<std::vector<Planned>> plan_instances(
    const PlanGround& on, const Fleet& fleet, const std::vector<specs::Instance>& instances,
    std::stop_token stop);

}  // namespace matriarch::controller
