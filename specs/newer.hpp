// Newer: which releases an instance could go to, from the tags that there are and the catalogue.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "specs/instance.hpp"

namespace matriarch::specs {

/// Releases that there are; true: somebody said that it is urgent.
using Available = std::map<Version, bool>;

struct NewerRelease {
    Version version{};
    /// It, or one on the way to it, closes a hole.
    bool is_security{false};
    friend bool operator==(const NewerRelease&, const NewerRelease&) = default;
};

/// Those of the catalogue.
[[nodiscard]] Available known_releases();

/// The newest of the instance's own line, then the newest of all that its PostgreSQL and settings
/// allow; both only where they are newer, and once where they are the same. Only plain releases:
/// a candidate or a fork's own build is nobody's upgrade.
[[nodiscard]] std::vector<NewerRelease> newer_releases(const Instance& instance,
                                                       const Available& available);

}  // namespace matriarch::specs
