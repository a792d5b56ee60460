// Proposing: what `propose` and `run --propose-every` both begin with.
#pragma once

#include "controller/cli/session.hpp"
#include "controller/review/proposals.hpp"

namespace matriarch::controller {

/// Where pull requests are: `option`, else /etc/matriarch/forge.yaml, where there is one.
[[nodiscard]] Result<std::optional<ForgeSettings>> load_forge(const std::string& option);

/// Errors: invalid (the branch is not named), those of load_forge.
[[nodiscard]] Result<ProposalOptions> proposal_options(const git::Source& source,
                                                       const specs::Policy& policy,
                                                       const std::string& forge_file);

}  // namespace matriarch::controller
