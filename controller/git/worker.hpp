// Worker: the git child's whole life. Called by main() for the hidden command `git-worker`.
#pragma once

namespace matriarch::git {

/// Limits itself, reads one request from standard input, raises its fences, answers on standard
/// output, ends. Never call it in a process that has anything to lose. Returns the exit code.
[[nodiscard]] int git_worker_main();

}  // namespace matriarch::git
