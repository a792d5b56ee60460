// Acts: what people, the Engine's own restarts and the kernel do to a host behind our back.
#pragma once

#include "tests/model/fault.hpp"
#include "tests/model/host.hpp"

namespace matriarch::model {

/// Does it; says whether there was something to do it to. `target` counts the instance's containers
/// by name, round and round. Only for kinds that are no call faults.
[[nodiscard]] bool act(SimulatedHost& host, FaultKind kind, std::size_t target,
                       const std::string& instance);

/// `docker rm -f`. False: there is none of that name.
bool remove_by_hand(SimulatedHost& host, const std::string& name);

}  // namespace matriarch::model
