// One UTF-8 reader, three ways to escape what it finds.
// What is not UTF-8 is shown as what it is, never passed on.
#include "controller/base/text.hpp"

#include <cstdint>
#include <cstdio>

namespace matriarch::controller {
namespace {

/// One character of a text: its code point and bytes. Invalid: one byte that is not UTF-8.
struct Character {
    std::uint32_t code{0};
    std::string_view bytes{};
    bool is_valid{false};
};

/// The length that a first byte promises (RFC 3629); 0: it cannot begin a character.
std::size_t promised_length(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return 2;
    if (first >= 0xE0 && first <= 0xEF) return 3;
    if (first >= 0xF0 && first <= 0xF4) return 4;
    return 0;
}

Character next_character(std::string_view text) {
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

/// Calls `take` for each character of the text, in order.
template <class Take>
void each_character(std::string_view text, Take take) {
    while (!text.empty()) {
        const Character character = next_character(text);
        take(character);
        text.remove_prefix(character.bytes.size());
    }
}

/// Moves a cursor, ends a line or turns the writing direction: never shown as it is.
bool is_control(std::uint32_t code) {
    if (code < 0x20 || (code >= 0x7F && code <= 0x9F)) return true;
    if (code == 0x2028 || code == 0x2029 || code == 0xFEFF) return true;
    return (code >= 0x200E && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

std::string escaped(const char* format, std::uint32_t number) {
    char text[16];
    std::snprintf(text, sizeof text, format, number);
    return text;
}

/// \n, \t, \u001b: the same in a log line and in JSON.
std::string control_escape(std::uint32_t code) {
    if (code == '\n') return "\\n";
    if (code == '\t') return "\\t";
    if (code == '\r') return "\\r";
    return escaped("\\u%04x", code);
}

}  // namespace

std::string printable(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    each_character(text, [&](const Character& character) {
        if (!character.is_valid) {
            line += escaped("\\x%02x", character.code);
        } else if (is_control(character.code)) {
            line += control_escape(character.code);
        } else {
            line += character.bytes;
        }
    });
    return line;
}

std::string json_string(std::string_view text) {
    std::string json = "\"";
    each_character(text, [&](const Character& character) {
        if (!character.is_valid) {
            json += "\\ufffd";
        } else if (character.code == '"' || character.code == '\\') {
            json += '\\';
            json += character.bytes;
        } else if (is_control(character.code)) {
            json += control_escape(character.code);
        } else {
            json += character.bytes;
        }
    });
    return json + "\"";
}

std::string html_text(std::string_view text) {
    std::string html;
    each_character(text, [&](const Character& character) {
        if (!character.is_valid || (is_control(character.code) && character.code != '\n')) {
            html += "&#xfffd;";
            return;
        }
        switch (character.code) {
            case '&':
                html += "&amp;";
                break;
            case '<':
                html += "&lt;";
                break;
            case '>':
                html += "&gt;";
                break;
            case '"':
                html += "&quot;";
                break;
            case '\'':
                html += "&#39;";
                break;
            default:
                html += character.bytes;
        }
    });
    return html;
}

std::string shortened(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return std::string(text);
    std::size_t end = bytes_max < 3 ? 0 : bytes_max - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string(text.substr(0, end)) + "...";
}

}  // namespace matriarch::controller
