// Comment: what a merge would do to the live servers, in words for whoever reviews it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/loop/report.hpp"
#include "controller/review/forge.hpp"
#include "specs/policy.hpp"

namespace matriarch::controller {

/// One instance that the pull request changes.
struct InstanceReview {
    enum class Change { added, changed, removed };
    std::string name{};
    Change change{Change::changed};
    /// Of what the head wants.
    std::string digest{};
    /// Of what is removed there is none.
    std::optional<reconcilers::Plan> plan{};
    /// The migrations are tried on a copy first; what came of that, where it is known; and whether
    /// it is being found out.
    bool is_rehearsed_first{false};
    std::optional<reconcilers::Rehearsal> rehearsal{};
    bool is_rehearsing{false};
    /// There is no backup yet to begin with.
    bool lacks_backup{false};
    /// Why it could not be planned.
    std::optional<Error> error{};
};

struct Review {
    std::string head{};
    /// The commit in force that it is compared with.
    std::string base{};
    /// The head does not contain that commit: a merge has more in it than the head.
    bool is_behind{false};
    /// What is wrong with the files: then a merge changes nothing.
    std::vector<Error> problems{};
    std::vector<InstanceReview> instances{};
    /// Those that stay as they are.
    int unchanged{0};
    /// Who must approve before a merge comes into force.
    specs::ReviewRule asks{};
    /// A merge comes into force only while it would do this.
    bool is_held_to_this{false};
};

[[nodiscard]] std::string comment_text(const Review& review);

/// One for each instance that changes, or one for all where there is none.
[[nodiscard]] std::vector<CommitStatus> statuses_of(const Review& review);

}  // namespace matriarch::controller
