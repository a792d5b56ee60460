// Workloads: from one settled state to the next, as people use the program.
#pragma once

#include "tests/property/universe.hpp"

namespace matriarch::property {

/// All of them, rehearsed. A rehearsal that breaks a property is in `problems`, by name.
struct Workloads {
    std::vector<Workload> all{};
    std::vector<std::pair<std::string, Violation>> problems{};

    [[nodiscard]] const Workload& named(const std::string& name) const;
};

[[nodiscard]] const Workloads& workloads();

/// Where universes keep their state: in memory where the machine has such a place.
[[nodiscard]] std::filesystem::path scratch();

}  // namespace matriarch::property
