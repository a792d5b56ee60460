// What opens a repository: its password, keys for one that is far away, and how every job begins.
#pragma once

#include <string>

#include "reconcilers/steps.hpp"
#include "reconcilers/wanted.hpp"

namespace matriarch::reconcilers {

/// Says which keys are missing, before anything is touched.
void check_keys(const Wanted& wanted, Steps& steps);

/// What opens the repository, into the environment of a job with restic, and of nothing else.
void add_credentials(const Wanted& wanted, ContainerSpec& job);

/// What an operator gives for that and for nothing else: no backup needs to have it.
[[nodiscard]] bool opens_repository(const Wanted& wanted, const std::string& secret);

/// What the script of every job with restic begins with: POSIX shell, as in backup_scripts.hpp.
[[nodiscard]] std::string open_repository();

/// Of a backup its tags, for the variable SET; and the script that says SNAPSHOT of it.
[[nodiscard]] EnvironmentValue tags_of(const Snapshot* snapshot);
[[nodiscard]] std::string find_snapshot();

}  // namespace matriarch::reconcilers
