// Releases: what the registries were last seen to have, so that `status` can say how far behind an
// instance is without asking anybody. May be lost: then the catalogue alone knows.
#pragma once

#include <map>
#include <string>

#include "controller/base/state.hpp"
#include "specs/newer.hpp"

namespace matriarch::controller {

/// By the name of the image's repository, registry included.
using SeenReleases = std::map<std::string, specs::Available>;

/// Errors: unavailable.
[[nodiscard]] Result<void> keep_releases(const State& state, const SeenReleases& seen);

/// What is not ours in the file is passed over; where it cannot be read there is nothing.
[[nodiscard]] SeenReleases load_releases(const State& state);

[[nodiscard]] std::string print_releases(const SeenReleases& seen);
[[nodiscard]] SeenReleases parse_releases(const std::string& text);

}  // namespace matriarch::controller
