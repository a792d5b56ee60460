// Arguments: the command line as CLI11 reads it, and the command that it names.
#pragma once

#include <stop_token>

namespace matriarch::controller {

/// Reads the arguments, runs the command, and returns its exit code.
[[nodiscard]] int run_arguments(int count, const char* const* arguments, std::stop_token stop);

}  // namespace matriarch::controller
