// Error: why something could not be done, and what should happen next.
//
// The kind is the only part that code looks at, and it says the next action, not the cause.
// Message, hint and place are for people. Render with to_text(); exit codes follow from
// exit_code().
#pragma once

#include <string>

namespace matriarch {

/// What happens next after an error. See the table in controller/README.md.
enum class ErrorKind {
    /// The commit, file or argument is wrong; wait for new input, never retry.
    invalid,
    /// Policy, disk, memory, a window or a safety rule says no; wait for time, a human or a commit.
    refused,
    /// A step was tried and did not work; the old version is kept or put back.
    failed,
    /// Engine, registry, git or disk did not answer in time; retry with back-off.
    unavailable,
    /// The world changed between looking and acting; look again at once.
    conflict,
    /// Another controller holds the instance; stand by.
    held,
    /// We are shutting down; leave quietly.
    stopped,
};

/// One error. The message is lower-case without a full stop, operation and object first; the hint
/// is one sentence with a full stop that names a command or a field; `where` is file:line:column.
struct Error {
    ErrorKind kind{ErrorKind::failed};
    std::string message{};
    std::string hint{};
    std::string where{};
};

/// "file:1:2: message\n  HINT: sentence." Several lines only where there is a hint.
[[nodiscard]] std::string to_text(const Error& error);

/// The kind's name in logs and JSON.
[[nodiscard]] const char* to_text(ErrorKind kind);

/// Exit code of a command that ends with this kind (contract, section 3).
[[nodiscard]] int exit_code(ErrorKind kind);

}  // namespace matriarch
