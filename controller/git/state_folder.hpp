// State folder: the git child's own place on disk, one child at a time. Only used inside that
// child.
//
// A child may be killed at any instruction, so what it leaves behind is cleared by the next one:
// half-received packs, and lock files that would block git for ever.
#pragma once

#include <string>

#include "controller/git/address.hpp"
#include "controller/git/reader.hpp"

namespace matriarch::git {

/// Makes the folder, waits for whoever else uses it, and clears leftovers. The lock is held until
/// the process ends. Errors: unavailable (disk).
[[nodiscard]] Result<void> take_state_folder(const Source& source);

/// Where libgit2 looks for what git keeps in a home: nothing but .ssh/known_hosts.
[[nodiscard]] std::string home_folder(const Source& source);

/// The bare clone.
[[nodiscard]] std::string clone_folder(const std::string& state_folder);

/// Reads the known hosts, and lays those of this address where libgit2 looks for the kind of key to
/// ask a server for. Empty without a file. Errors: refused (not readable), unavailable (disk).
[[nodiscard]] Result<std::string> prepare_known_hosts(const Source& source, const Address& address);

}  // namespace matriarch::git
