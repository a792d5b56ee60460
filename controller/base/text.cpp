// One UTF-8 reader (specs/values/utf8.hpp), three ways to escape what it finds.
// What is not UTF-8 is shown as what it is, never passed on.
#include "controller/base/text.hpp"

#include "specs/values/shown.hpp"
#include "specs/values/utf8.hpp"

namespace matriarch::controller {
namespace {

/// Never shown as it is.
bool is_hidden(const Character& character) {
    return is_control(character.code) || misleads(character.code);
}

}  // namespace

std::string printable(std::string_view text) {
    return shown(text);
}

std::string in_markdown(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        if (c == '@') {
            out += "&#64;";  // nobody is called
            continue;
        }
        if (std::string_view("|`<*_[\\").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

std::string json_string(std::string_view text) {
    std::string json = "\"";
    each_character(text, [&](const Character& character) {
        if (!character.is_valid) {
            json += "\\ufffd";
        } else if (character.code == '"' || character.code == '\\') {
            json += '\\';
            json += character.bytes;
        } else if (is_hidden(character)) {
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
        if (!character.is_valid || (is_hidden(character) && character.code != '\n')) {
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

}  // namespace matriarch::controller
