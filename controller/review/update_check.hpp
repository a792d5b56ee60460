// UpdateCheck: Mastodon's own list of updates for a version (api.joinmastodon.org/update-check).
// It is told the version, so it is asked only where the host's policy says so.
#pragma once

#include <stop_token>
#include <string>

#include "specs/newer.hpp"
#include "specs/values/result.hpp"

namespace matriarch::controller {

/// Releases that it names, and which of them are urgent. Errors: unavailable, stopped.
[[nodiscard]] Result<specs::Available> ask_update_check(const std::string& url,
                                                        const specs::Version& running,
                                                        std::stop_token stop);

/// Errors: unavailable (not of the form {"updatesAvailable": [{"version", "urgent", ...}]}).
[[nodiscard]] Result<specs::Available> parse_update_check(const std::string& body);

}  // namespace matriarch::controller
