// Requirements: what the host's policy asks of all that a commit describes.
#pragma once

#include "controller/loop/fleet.hpp"
#include "specs/policy.hpp"

namespace matriarch::controller {

/// Each bound that an instance of the fleet does not keep, with the instance's file.
[[nodiscard]] std::vector<Error> unmet_requirements(const specs::Policy& policy,
                                                    const Fleet& fleet);

}  // namespace matriarch::controller
