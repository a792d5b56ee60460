// Fuzz: what every target shares. A target is one file that defines try_input(); it is handed bytes
// of any kind and stops the process (CHECK, a sanitizer) where something does not hold.
//
// Beside "it does not crash" a target states what must be true of whatever was understood.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "specs/values/result.hpp"

namespace matriarch::fuzz {

/// Defined by the target: one input, tried once. Keeps nothing from one call to the next.
void try_input(std::string_view input);

/// The parts of an input between bytes 0xFF, which no valid UTF-8 has; at least one.
[[nodiscard]] std::vector<std::string_view> parts_of(std::string_view input);

/// Takes the first byte off; 0 where there is none.
[[nodiscard]] unsigned char take_byte(std::string_view& input);

/// Stops where text for people could command a terminal, forge a line or mislead: control
/// characters, tabs and line breaks, invalid UTF-8, and what specs::find_bad_text() refuses.
void check_shown(std::string_view text);

/// Stops where an error's message, hint or place is not fit to be shown, or where it says nothing.
void check_error(const Error& error);

/// Hands the input to `take` whole, then once more cut where its own bytes say; stops at the first
/// error of either. For readers that must not depend on how the network cuts.
using Take = std::function<Result<void>(std::string_view)>;
[[nodiscard]] Result<void> take_whole(std::string_view input, const Take& take);
[[nodiscard]] Result<void> take_cut(std::string_view input, const Take& take);

}  // namespace matriarch::fuzz
