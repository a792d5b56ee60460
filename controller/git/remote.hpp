// Remote: asking a server for a branch's tip, fetching and pushing it. Only used inside the git
// child.
//
// The credential goes to the configured host only; redirects and proxies are off; the server's
// certificate or host key must be valid. Waiting has no limit here: the parent ends the child.
#pragma once

#include <functional>
#include <string>

#include "controller/git/address.hpp"
#include "controller/git/repository.hpp"
#include "controller/git/wire.hpp"

namespace matriarch::git {

struct Errand {
    const Request& request;
    const Address& address;
    /// The text of the known_hosts file.
    const std::string& known_hosts;
};

/// Asks for the tip of the branch, reports it, and fetches it unless it is known or already here.
/// Returns the tip, which is refs/matriarch/incoming of the clone unless it was known.
///
/// Errors: unavailable (network), refused (key, certificate, credential), invalid (no such branch,
/// damaged or too large).
[[nodiscard]] Result<std::string> fetch_tip(
    const Repository& repository, const Errand& errand,
    const std::function<void(const std::string& commit)>& report);

/// Fetches the branch, known or not. Returns its tip; empty: there is no such branch yet.
/// Errors: as fetch_tip.
[[nodiscard]] Result<std::string> fetch_branch(const Repository& repository, const Errand& errand);

/// The heads of pull requests, those with the highest numbers first, then the branches of
/// proposals, which have no number. Errors: as fetch_tip.
[[nodiscard]] Result<std::vector<PullHead>> list_heads(const Repository& repository,
                                                       const Errand& errand);

/// Has the branch name a commit of the clone, which must descend from what it names now.
///
/// Errors: unavailable (network, or somebody else pushed meanwhile), refused (key, certificate,
/// credential, or the server's rules).
[[nodiscard]] Result<void> push_branch(const Repository& repository, const Errand& errand,
                                       const std::string& commit);

/// Takes the branch away, if the remote still names this commit by it.
///
/// Errors: as push_branch; unavailable too where the branch has moved on.
[[nodiscard]] Result<void> remove_branch(const Repository& repository, const Errand& errand,
                                         const std::string& commit);

}  // namespace matriarch::git
