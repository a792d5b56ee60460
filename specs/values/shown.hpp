// Shown: a stranger's text as a message may repeat it: one line of valid UTF-8 that a reader sees
// as it is.
//
// A message goes to a terminal, a commit status, a log and JSON. Text in quotes in a file may hold
// line breaks, and what the Engine or git says anything at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace matriarch {

/// Control characters and those that mislead become \n, \t, \u001b...; a byte that is not UTF-8
/// becomes \xNN.
[[nodiscard]] std::string shown(std::string_view text);

/// The same of at most `bytes_max` bytes, never a part of a character; "..." says that something is
/// gone.
[[nodiscard]] std::string shown(std::string_view text, std::size_t bytes_max);

/// \n, \t, \u001b: the same in a message, a log line and JSON.
[[nodiscard]] std::string control_escape(std::uint32_t code);

/// At most `bytes_max` bytes, never cutting a UTF-8 character in two; "..." says that something is
/// gone.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t bytes_max);

/// How much of a value is repeated where nothing else is said.
constexpr std::size_t shown_bytes = 40;

}  // namespace matriarch
