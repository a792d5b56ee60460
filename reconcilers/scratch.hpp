// Scratch: databases of before, restored beside everything to look into.
#pragma once

#include "reconcilers/converge.hpp"

namespace matriarch::reconcilers {

/// The server of one, by the name that a person gave.
[[nodiscard]] ContainerSpec scratch_server(const Wanted& wanted, const std::string& name,
                                           Time slot);

/// Whether one is asked for, or left.
[[nodiscard]] bool has_scratch_work(const World& world);

/// Next step towards those that are asked for, and no others.
void plan_scratches(const Wanted& wanted, const World& world, Steps& steps);

}  // namespace matriarch::reconcilers
