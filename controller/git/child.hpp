// Child: one run of our own program as `git-worker`, with a deadline that always holds.
//
// The child gets a scrubbed environment, its own process group and no descriptors but its standard
// three; its group is killed at the deadline, on stop, and when it says too much, and it is reaped.
// Its input is never logged: it may hold a token.
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>

#include "specs/values/result.hpp"

namespace matriarch::git {

/// How a child's run ended.
enum class Ending { exited, killed_by_signal, too_late, too_much, stopped };

struct ChildRun {
    Ending ending{Ending::exited};
    /// The exit code, or the signal's number.
    int code{0};
    /// As much as was said before it ended.
    std::string output{};
    /// The first 4 KiB.
    std::string complaint{};
};

/// Starts the worker, feeds it, listens until it ends or its time is over.
///
/// Errors: unavailable (the child could not be started).
[[nodiscard]] Result<ChildRun> run_worker(const std::string& input, std::size_t output_bytes_max,
                                          std::chrono::milliseconds within, std::stop_token stop);

}  // namespace matriarch::git
