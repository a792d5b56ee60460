// Pursue: a job of backups or of a restore on its way to success. What failed is tried again after
// a while: its cause is mostly elsewhere.
#pragma once

#include "reconcilers/converge.hpp"

namespace matriarch::reconcilers {

/// The end of a job wakes the loop; this is for where no event came.
inline constexpr std::chrono::milliseconds look_at_job{5000};

/// Whether what failed, or ended in vain, has been left alone for long enough.
[[nodiscard]] bool is_due_again(const ObservedContainer& job, const World& world);

/// Next step of the job; where it failed, says so under this code. Returns whether it succeeded.
bool pursue(const ContainerSpec& job, const World& world, Steps& steps, const std::string& reason,
            const char* code = "backup-failed");

}  // namespace matriarch::reconcilers
