// Removal: what is left of an instance whose file is gone, taken away where the host allows it.
//
// Containers and networks only. No volume is ever among the steps: what was written stays, and so
// does what this host keeps of the instance, so that its file brings it back as it was.
#pragma once

#include <string>

#include "reconcilers/steps.hpp"
#include "reconcilers/wanted.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::reconcilers {

/// The next steps towards nothing of it running: first who answers people, then who works for them,
/// the database last, then the networks. `wanted` is what was settled last. Nothing to do and
/// nothing in the way: it is done.
[[nodiscard]] Steps plan_removal(const Wanted& wanted, const World& world);

/// What stays, and the lines that take it away by hand.
[[nodiscard]] std::string what_stays(const Wanted& wanted, const World& world,
                                     const std::string& folder);

}  // namespace matriarch::reconcilers
