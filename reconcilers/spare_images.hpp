// Images that we pulled and that nobody needs any more: which those are.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "reconcilers/reconcilers.hpp"

namespace matriarch::reconcilers {

/// References of everything that the instance runs, wants, or would go back to.
[[nodiscard]] std::set<std::string> needed_images(const Wanted& goal, const World& world);

/// Those of World::pulled that this instance needs no more, nor its neighbours, nor a way back. Who
/// else holds them is asked next (World::held_images).
[[nodiscard]] std::vector<PulledImage> spare_images(const Wanted& goal, const World& world);

/// Removes them, where nothing else is left to do.
void plan_spare_images(const Wanted& goal, const World& world, Steps& steps);

}  // namespace matriarch::reconcilers
