// Runs another program (age, ssh) to its end: bytes in, bytes out, a deadline, and no shell.
//
// The program gets its own process group. At the deadline, at a stop, or when it ends, the whole
// group is killed and the program is reaped: nothing is left behind. Its environment is what is
// given here and nothing else.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "specs/values/result.hpp"
#include "specs/values/secret.hpp"

namespace matriarch::controller {

struct Program {
    /// The first is the program: a path, or a name looked for in PATH. Everybody on the machine can
    /// read these: never a secret.
    std::vector<std::string> arguments{};
    std::map<std::string, std::string> environment{{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"},
                                                   {"LC_ALL", "C.UTF-8"}};
    /// Written to its standard input, which is then closed.
    Secret input{};
    std::size_t out_bytes_max{1'048'576};
    /// More than this is dropped; it is for messages.
    std::size_t err_bytes_max{16'384};
    std::chrono::milliseconds within{std::chrono::seconds(10)};
    std::stop_token stop{};
};

/// How a program ended.
struct ProgramEnd {
    /// Its exit code; 128 + the signal's number where a signal ended it.
    int exit_code{0};
    Secret out{};
    std::string err{};
};

/// Runs it and waits for its end.
///
/// Errors: invalid (there is no such program), unavailable (deadline, too much output, no process
/// could be made), stopped. An exit code other than 0 is not an error here.
[[nodiscard]] Result<ProgramEnd> run_program(const Program& program);

}  // namespace matriarch::controller
