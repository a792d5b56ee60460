// Prepare: an instance of the fleet with its secrets, ready to be planned.
#pragma once

#include "controller/base/state.hpp"
#include "controller/engine/engine.hpp"
#include "controller/loop/fleet.hpp"
#include "controller/loop/observe.hpp"

namespace matriarch::controller {

/// What the secrets are for. A preview writes nothing: what would be generated is a stand-in text.
enum class Purpose { work, preview };

/// What preparing an instance builds on.
struct Ground {
    const Fleet& fleet;
    const State& state;
    /// --age-key; empty: the usual places.
    const std::string& age_key;
    const specs::Policy& policy;
    Engine& engine;
    const Discovery& discovery;
};

/// Given secrets (age file or host file) over those generated for the instance. New ones are made
/// only before the first deployment; where data exists and they are missing, they are recovered
/// from a container that still has them, and else nothing is done: other keys could not read the
/// data.
///
/// Errors: refused (secrets lost, identity does not fit, file mode), invalid, unavailable, stopped.
[[nodiscard]] Result<reconcilers::Wanted> prepare(const Ground& ground,
                                                  const specs::Instance& instance, Purpose purpose,
                                                  std::stop_token stop);

/// Reads again what the instance was when it last stood as wanted.
void recall_settled(const InstanceFolder& folder, const Fleet& fleet, reconcilers::Wanted& wanted);

/// Whether anything of the instance was ever deployed: written down here, or there in the Engine.
[[nodiscard]] Result<bool> was_deployed(const Ground& ground, const specs::Instance& instance,
                                        std::stop_token stop);

}  // namespace matriarch::controller
