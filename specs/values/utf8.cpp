// By the table of Unicode 15, section 3.9 (table 3-7).
#include "specs/values/utf8.hpp"

#include <cstddef>

namespace matriarch {
namespace {

/// The length that a first byte promises; 0: it cannot begin a character.
std::size_t promised_length(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (first >= 0xE0 && first <= 0xEF) return 3;
    if (first >= 0xF0 && first <= 0xF4) return 4;
    return 0;
}

}  // namespace

Character first_character(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = promised_length(first);
    const Character invalid{.code = first, .bytes = text.substr(0, 1), .is_valid = false};
    if (length == 0 || length > text.size()) return invalid;
    std::uint32_t code = length == 1 ? first : first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80U) return invalid;
        code = (code << 6U) | (byte & 0x3FU);
    }
    const bool is_overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (is_overlong || is_surrogate || code > 0x10FFFF) return invalid;
    return {.code = code, .bytes = text.substr(0, length), .is_valid = true};
}

bool is_control(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029;
}

bool misleads(std::uint32_t code) {
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0x200B || code == 0x200E || code == 0x200F || code == 0xFEFF;
}

}  // namespace matriarch
