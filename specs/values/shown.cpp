// Cutting between characters, and what is not to be shown made visible.
#include "specs/values/shown.hpp"

#include <cstdio>

#include "specs/values/utf8.hpp"

namespace matriarch {
namespace {

std::string escaped(const char* format, std::uint32_t number) {
    char text[16];
    std::snprintf(text, sizeof text, format, number);
    return text;
}

}  // namespace

std::string control_escape(std::uint32_t code) {
    if (code == '\n') return "\\n";
    if (code == '\t') return "\\t";
    if (code == '\r') return "\\r";
    return escaped("\\u%04x", code);
}

std::string shown(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    each_character(text, [&](const Character& character) {
        if (!character.is_valid) {
            line += escaped("\\x%02x", character.code);
        } else if (is_control(character.code) || misleads(character.code)) {
            line += control_escape(character.code);
        } else {
            line += character.bytes;
        }
    });
    return line;
}

std::string shown(std::string_view text, std::size_t bytes_max) {
    return shown(shortened(text, bytes_max));
}

std::string shortened(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return std::string(text);
    std::size_t end = bytes_max < 3 ? 0 : bytes_max - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string(text.substr(0, end)) + "...";
}

}  // namespace matriarch
