// Acts: what people, the Engine's own restarts and the kernel do to a host behind our back.
#pragma once

#include "tests/model/fault.hpp"
#include "tests/model/host.hpp"

namespace matriarch::model {

/// Id of the container that an act on a container with this target would meet; empty: none.
[[nodiscard]] std::string target_of(SimulatedHost& host, std::size_t target,
                                    const std::string& instance);

/// Does it; says whether there was something to do it to. `target` counts the instance's containers
/// by name, round and round. Only for kinds that are no call faults.
[[nodiscard]] bool act(SimulatedHost& host, FaultKind kind, std::size_t target,
                       const std::string& instance);

/// `docker rm -f`. False: there is none of that name.
bool remove_by_hand(SimulatedHost& host, const std::string& name);

/// The same, on the target or the victim that the fault names.
[[nodiscard]] bool act(SimulatedHost& host, const Fault& fault, const std::string& instance);

/// Short name of what it would be done to; empty: nothing in particular.
[[nodiscard]] std::string victim_of(SimulatedHost& host, FaultKind kind, std::size_t target,
                                    const std::string& instance);

}  // namespace matriarch::model
