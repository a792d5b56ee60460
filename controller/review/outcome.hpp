// Outcome: what became of a commit after the merge, as one status on it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/review/forge.hpp"
#include "controller/store/journal.hpp"

namespace matriarch::controller {

/// Of the commit in force, from what the journal has of each of its instances. Nothing: it has
/// none. `otherwise` is in what it is not as it was reviewed; empty: in nothing.
[[nodiscard]] std::optional<CommitStatus> outcome_of(const std::string& commit,
                                                     const std::vector<RecordedRevision>& instances,
                                                     const std::string& otherwise);

/// Whether an instance is not, or not yet, as a commit wants it.
[[nodiscard]] bool is_unsettled(const std::string& commit, const std::string& instance,
                                const std::vector<RecordedRevision>& instances);

/// Of a commit that is not in force.
[[nodiscard]] CommitStatus refused_status(const std::string& commit, const Error& problem);

}  // namespace matriarch::controller
