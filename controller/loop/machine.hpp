// Machine: what a pass meets beside the Engine: the clock, the disk, how much it may do at once.
//
// The real one is this_machine(); the tests' one is simulated, so that a pass can be repeated
// exactly.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "controller/base/clock.hpp"
#include "specs/values/units.hpp"

namespace matriarch::controller {

struct Machine {
    std::function<WallTime()> now{};
    /// Free bytes of the file system that holds a folder; nothing where it cannot be seen.
    std::function<std::optional<Bytes>(const std::string& folder)> free_space{};
    /// Engine calls under way at once. Creating and starting containers side by side saves time up
    /// to about the number of cores; 1: one after the other, always in the same order.
    std::size_t side_by_side{4};
};

[[nodiscard]] const Machine& this_machine();

}  // namespace matriarch::controller
