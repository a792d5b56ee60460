// What is told of the upkeep of the host's disk.
#pragma once

#include "reconcilers/status.hpp"

namespace matriarch::reconcilers {

/// Adds UpkeepWorks, by what plan_housekeeping() gave, where that can be told at this moment (while
/// a job runs it stays as it was).
void add_housekeeping(const World& world, const Steps& housekeeping, InstanceStatus& status);

}  // namespace matriarch::reconcilers
