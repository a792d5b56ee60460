// Waves: in which order the instances of a fleet take another version of Mastodon.
//
//     waves: [[canary-one, canary-two], 10, 25%]     # in defaults.yaml; then all the rest
#pragma once

#include <map>
#include <string>
#include <vector>

#include "specs/findings.hpp"

namespace matriarch::specs {

/// One of the three is set.
struct Wave {
    std::vector<std::string> names{};
    int count{0};
    /// Of all instances, rounded up.
    int percent{0};
    friend bool operator==(const Wave&, const Wave&) = default;
};

/// What is wrong with them goes into the findings.
[[nodiscard]] std::vector<Wave> parse_waves(const Node& node, Findings& findings);

/// The wave of each instance, from 1 on; those that no wave names or counts are in the last one.
/// What is only counted is taken in the order of names.
[[nodiscard]] std::map<std::string, int> wave_of_each(const std::vector<Wave>& waves,
                                                      const std::vector<std::string>& names);

}  // namespace matriarch::specs
