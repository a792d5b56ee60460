// As reviewed: whether what a commit would do now is what was shown in the pull request that
// brought it. The plan of one that was not merged never counts, whatever it wants.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "controller/loop/source_watch.hpp"
#include "controller/review/judge.hpp"

namespace matriarch::controller {

struct AsReviewed {
    Planner planner{};
    /// What was said of every pull request that wants an instance so, newest first.
    std::function<Result<std::vector<ReviewedPlan>>(const std::string& instance,
                                                    const std::string& digest)>
        shown{};
    /// The heads of what was merged in a way that git does not show (squashed, rebased). Asked
    /// only where that decides.
    std::function<Result<std::set<std::string>>(const git::Revision&, std::stop_token)> merged{};
    /// The host takes nothing else: what was never reviewed is a departure too, and what cannot be
    /// found out is an error. Else that much is left out.
    bool is_required{false};
};

/// Of each instance that the commit changes. Errors: unavailable (Engine, forge, journal; only
/// where it is required), stopped.
[[nodiscard]] Result<std::vector<Departure>> departures(const AsReviewed& by,
                                                        const git::Revision& revision,
                                                        const Fleets& fleets, std::stop_token stop);

/// The heads of the pull requests that brought the commits of the branch since the one in force, as
/// the forge says it. Errors: those of the forge.
[[nodiscard]] Result<std::set<std::string>> merged_heads(Forge& forge,
                                                         const git::Revision& revision,
                                                         const std::string& branch,
                                                         std::stop_token stop);

/// What a review showed, to be kept.
[[nodiscard]] std::vector<ReviewedPlan> plans_shown(int number, const Review& review);

}  // namespace matriarch::controller
