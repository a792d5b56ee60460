// UTF-8 read one character at a time, and which characters are never shown as they are.
//
// The one reader that the parser of files, messages, logs, JSON and HTML share.
#pragma once

#include <cstdint>
#include <string_view>

namespace matriarch {

/// One character of a text: its code point and bytes. Not valid: one byte that is not UTF-8 (RFC
/// 3629: overlong forms and surrogates are none).
struct Character {
    std::uint32_t code{0};
    std::string_view bytes{};
    bool is_valid{false};
};

/// The first character of a text that is not empty.
[[nodiscard]] Character first_character(std::string_view text);

/// Calls `take` for each character of the text, in order.
template <class Take>
void each_character(std::string_view text, Take take) {
    while (!text.empty()) {
        const Character character = first_character(text);
        take(character);
        text.remove_prefix(character.bytes.size());
    }
}

/// Moves a cursor or ends a line: C0, DEL, C1, line and paragraph separator.
[[nodiscard]] bool is_control(std::uint32_t code);

/// Cannot be seen, or turns the direction of what a reader sees (Unicode TR36, "bidirectional text
/// spoofing").
[[nodiscard]] bool misleads(std::uint32_t code);

}  // namespace matriarch
