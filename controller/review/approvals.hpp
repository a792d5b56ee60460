// Approvals: whether people have reviewed what a commit brings, as the host's policy asks.
//
// What a forge calls merged counts as merged: keep the branch protected there, so that nobody can
// push past it.
#pragma once

#include <set>

#include "controller/git/reader.hpp"
#include "controller/review/forge.hpp"
#include "specs/policy.hpp"

namespace matriarch::controller {

/// Who of those that count has approved of what was merged. The newest word of each is taken; of an
/// older head, or of one's own work, there is no approval. Pure.
[[nodiscard]] std::set<std::string> approvers_of(const specs::ReviewRule& rule,
                                                 const Merged& merged);

/// Whether each commit that the branch went through was merged with enough approvals.
/// Errors: refused (one was not), and those of the forge as unavailable.
[[nodiscard]] Result<void> approved_at_forge(const specs::ReviewRule& rule, Forge& forge,
                                             const git::Revision& revision,
                                             const std::string& branch, std::stop_token stop);

/// The same from the lines `Reviewed-by: Ada <ada@example.org>` at the end of the message that was
/// signed; who signed stands behind them. Pure. Errors: refused.
[[nodiscard]] Result<void> approved_in_message(const specs::ReviewRule& rule,
                                               const git::Revision& revision);

}  // namespace matriarch::controller
