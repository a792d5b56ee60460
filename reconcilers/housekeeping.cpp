// The upkeep of the host's disk: after the instance, and after its backups. What goes wrong here
// stops nothing that serves.
#include "reconcilers/housekeeping.hpp"

#include "reconcilers/clean_cache.hpp"

namespace matriarch::reconcilers {

Steps plan_housekeeping(const Wanted& goal, const World& world, const Steps& main,
                        const Steps& backups) {
    Steps steps;
    if (!world.due.is_kept) return steps;
    plan_cleaning(goal, world, main, backups, steps);
    return steps;
}

void add_housekeeping(const World& world, const Steps& housekeeping, InstanceStatus& status) {
    if (!world.due.is_kept) return;
    if (!housekeeping.blocked.empty()) {
        const Blocked& block = housekeeping.blocked.front();
        status.conditions.push_back(
            {"UpkeepWorks", false, block.code, block.message + "\n  HINT: " + block.hint});
    } else if (housekeeping.steps.empty()) {
        status.conditions.push_back({"UpkeepWorks", true, "Working", ""});
    }
}

}  // namespace matriarch::reconcilers
