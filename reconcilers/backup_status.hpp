// What a person is told of backups, computed from what the repository is known to have.
#pragma once

#include "reconcilers/status.hpp"

namespace matriarch::reconcilers {

/// Fills in the ages of backups and their conditions: BackupFresh, and BackupsWork where that can
/// be told at this moment (while a job runs it stays as it was).
void add_backups(const Wanted& wanted, const World& world, const Steps& upkeep,
                 InstanceStatus& status);

}  // namespace matriarch::reconcilers
