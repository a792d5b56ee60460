// Remote: asking a server for a branch's tip and fetching it. Only used inside the git child.
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

}  // namespace matriarch::git
