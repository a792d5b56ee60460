// Refusal: from an Engine's status and words to an Error, and which API version to speak.
//
// Pure. The kind says what happens next; the words are the Engine's own, redacted.
#pragma once

#include <string>
#include <string_view>

#include "specs/values/result.hpp"

namespace matriarch::controller {

/// "cannot start container x: port is already allocated"
[[nodiscard]] Error refusal(const std::string& purpose, int status, std::string_view body);

/// Why a pull failed, said inside a 200 or as the body of a 4xx or 5xx. Kinds: refused, invalid,
/// unavailable.
[[nodiscard]] Error pull_refusal(const std::string& purpose, int status, const std::string& words);

/// The same error with the purpose in front.
[[nodiscard]] Error led_by(const std::string& purpose, Error error);

/// What was read of an answer, or its error with the purpose in front.
template <class T>
[[nodiscard]] Result<T> understood(const std::string& purpose, Result<T> read) {
    if (!read) return fail(led_by(purpose, std::move(read).error()));
    return read;
}

/// min(the Engine's, ours), "1.41" to "1.47". Errors: invalid (older than 1.41, or no version).
[[nodiscard]] Result<std::string> choose_version(const std::string& offered);

}  // namespace matriarch::controller
