// The backup that `upgrade.backup` demands before a migration.
#pragma once

#include "reconcilers/converge.hpp"

namespace matriarch::reconcilers {

[[nodiscard]] ContainerSpec backup_job(const Wanted& wanted, const World& world);

/// Whether a backup that satisfies `upgrade.backup` exists and was read back.
[[nodiscard]] bool has_backup(const Wanted& wanted, const World& world);

/// Next step towards one.
void plan_backup(const Wanted& wanted, const World& world, Steps& steps);

}  // namespace matriarch::reconcilers
