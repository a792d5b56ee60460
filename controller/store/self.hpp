// Self: which controller this is, among all that may ever work on the same Engine.
//
// The state folder has a random number in a file. A copy of the folder has the same number, but its
// file is another one (inode, time of birth) or on another machine: so a copy is another
// controller.
#pragma once

#include <string>

#include "controller/base/state.hpp"

namespace matriarch::controller {

struct Self {
    /// 32 hexadecimal digits. The same after a restart, a reboot and a renamed folder.
    std::string id{};
    /// "/var/lib/matriarch on host alpha", for people.
    std::string place{};
};

/// Makes the file where there is none. Errors: refused (the folder's owner or mode), unavailable,
/// invalid (the file is not one of ours).
[[nodiscard]] Result<Self> self_of(const State& state);

}  // namespace matriarch::controller
