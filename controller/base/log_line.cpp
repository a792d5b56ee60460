// A log line as text or JSON. Values are escaped and cut to a line's length.
// Nothing from outside leaves here unescaped.
#include "controller/base/log_line.hpp"

#include "controller/base/text.hpp"

namespace matriarch::controller::log {
namespace {

// A reason or an error fits; a container's whole output does not.
constexpr std::size_t value_bytes_max = 2'048;

const char* name_of(Level level) {
    switch (level) {
        case Level::debug:
            return "debug";
        case Level::info:
            return "info";
        case Level::warn:
            return "warn";
        case Level::error:
            return "error";
        case Level::off:
            return "off";
    }
    return "off";
}

/// SGR sequence of a level's name: grey, green, yellow, red.
const char* colour_of(Level level) {
    switch (level) {
        case Level::debug:
            return "\033[90m";
        case Level::info:
            return "\033[32m";
        case Level::warn:
            return "\033[33m";
        case Level::error:
        case Level::off:
            return "\033[31m";
    }
    return "";
}

std::string quoted_if_needed(const std::string& text) {
    const bool is_plain = !text.empty() && text.find_first_of(" \"=\\") == std::string::npos;
    if (is_plain) return text;
    std::string quoted = "\"";
    for (const char character : text) {
        if (character == '"') quoted += '\\';
        quoted += character;
    }
    return quoted + "\"";
}

}  // namespace

std::string to_text(const Line& line, bool is_coloured) {
    std::string level = name_of(line.level);
    level.resize(5, ' ');
    if (is_coloured) level = colour_of(line.level) + level + "\033[0m";
    std::string text = controller::to_text(line.time) + " " + level + " " + printable(line.message);
    const char* gap = "  ";
    for (const Field& field : line.fields) {
        const std::string value = printable(shortened(field.value.text(), value_bytes_max));
        text += gap + printable(field.key) + "=" + quoted_if_needed(value);
        gap = " ";
    }
    return text;
}

std::string to_json(const Line& line) {
    std::string json = "{\"time\":" + json_string(controller::to_text(line.time)) +
                       ",\"level\":" + json_string(name_of(line.level)) +
                       ",\"message\":" + json_string(line.message);
    for (const Field& field : line.fields) {
        json += "," + json_string(field.key) + ":";
        json += field.value.is_bare() ? field.value.text()
                                      : json_string(shortened(field.value.text(), value_bytes_max));
    }
    return json + "}";
}

}  // namespace matriarch::controller::log
