// Outcome: what became of a commit after the merge, as one status on it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/review/forge.hpp"
#include "controller/store/journal.hpp"

namespace matriarch::controller {

/// Of the commit in force, from what the journal has of each of its instances. Nothing: it has
/// none.
[[nodiscard]] std::optional<CommitStatus> outcome_of(
    const std::string& commit, const std::vector<RecordedRevision>& instances);

/// Of a commit that is not in force.
[[nodiscard]] CommitStatus refused_status(const std::string& commit, const Error& problem);

}  // namespace matriarch::controller
