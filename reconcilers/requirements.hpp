// Requirements: what the host's policy asks of an instance as a commit describes it, whatever runs.
#pragma once

#include <vector>

#include "reconcilers/steps.hpp"
#include "specs/instance.hpp"
#include "specs/policy.hpp"

namespace matriarch::reconcilers {

/// Each bound of the policy that the instance does not keep.
[[nodiscard]] std::vector<Blocked> unmet_requirements(const specs::Policy& policy,
                                                      const specs::Instance& instance);

/// Each of these images that the host does not allow.
[[nodiscard]] std::vector<Blocked> foreign_images(const specs::Policy& policy,
                                                  const std::vector<specs::ImageRef>& images);

}  // namespace matriarch::reconcilers
