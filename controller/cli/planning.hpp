// Planning for the commands: a folder, an Engine, and one predicted plan for each instance.
#pragma once

#include "controller/cli/session.hpp"
#include "controller/loop/planning.hpp"

namespace matriarch::controller {

/// Plans every chosen instance against the Engine as it is now. Writes nothing.
[[nodiscard]] Result<std::vector<Planned>> plan_all(const CommonOptions& common, const Fleet& fleet,
                                                    const std::string& only, Engine& engine,
                                                    std::stop_token stop);

/// Digest of the plans as text: the same plan against the same world has the same.
[[nodiscard]] std::string plans_digest(const std::vector<Planned>& planned);

/// A plan as kept by `plan --out` and read by `apply --plan`.
struct KeptPlan {
    std::string path{};
    std::string instance{};
    std::string revision{};
    std::string digest{};
};
[[nodiscard]] std::string print_kept_plan(const KeptPlan& plan);
/// Errors: invalid (not such a file).
[[nodiscard]] Result<KeptPlan> parse_kept_plan(const std::string& text);

}  // namespace matriarch::controller
