// Confine: what the git child gives up before it touches anything of a stranger.
//
// Two steps: limits as its first act; the fences (Landlock, seccomp) once the request says which
// files it needs. A fence that the kernel does not have is left out; a limit that fails is an
// error.
#pragma once

#include <string>
#include <vector>

#include "specs/values/result.hpp"

namespace matriarch::git {

/// Ceilings of memory, processor time, file size and descriptors; no core files; no new privileges;
/// no inherited descriptors; umask 077; dies with its parent. Errors: failed.
[[nodiscard]] Result<void> set_limits();

/// Files and folders that the fences leave open. Those that do not exist are skipped.
struct Openings {
    std::vector<std::string> readable{};
    std::vector<std::string> writable{};
};

/// Closes the file system but for the openings (Landlock, from Linux 5.13), and forbids to run
/// programs, to trace, and to open unix sockets, such as the Engine's (seccomp). Errors: failed.
[[nodiscard]] Result<void> raise_fences(const Openings& openings);

/// What name resolution and the system's certificate authorities need.
[[nodiscard]] std::vector<std::string> files_for_network();

}  // namespace matriarch::git
