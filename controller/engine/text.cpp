// Text: escaping for request lines, redaction for messages. Pure; knows nothing of the Engine.
#include "controller/engine/text.hpp"

#include <algorithm>

#include "specs/values/shown.hpp"

namespace matriarch::controller {
namespace {

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

// A URL in prose ends where its sentence or quotation goes on.
bool ends_url(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' ||
           c == '`';
}

std::string redact_one(std::string_view url) {
    const std::size_t authority = url.find("://") + 3;
    const std::size_t path = std::min(url.find_first_of("/?#", authority), url.size());
    std::string text(url.substr(0, authority));
    // The last @ counts: an unescaped one in a password must not leave its tail behind.
    const std::size_t at = url.substr(authority, path - authority).rfind('@');
    if (at != std::string_view::npos) {
        text += "[redacted]";
        text += url.substr(authority + at, path - authority - at);
    } else {
        text += url.substr(authority, path - authority);
    }
    const std::size_t query = std::min(url.find('?', path), url.size());
    text += url.substr(path, query - path);
    if (query + 1 < url.size()) text += "?[redacted]";
    return text;
}

}  // namespace

std::string escape(std::string_view text, std::string_view keep) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string escaped;
    for (const char c : text) {
        if (is_unreserved(c) || keep.find(c) != std::string_view::npos) {
            escaped += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        escaped += '%';
        escaped += digits[byte >> 4U];
        escaped += digits[byte & 0xFU];
    }
    return escaped;
}

std::string redact_urls(std::string_view text) {
    std::string redacted;
    while (true) {
        const std::size_t scheme_end = text.find("://");
        if (scheme_end == std::string_view::npos) break;
        std::size_t begin = scheme_end;
        while (begin > 0 && !ends_url(text[begin - 1])) --begin;
        std::size_t end = scheme_end;
        while (end < text.size() && !ends_url(text[end])) ++end;
        redacted += text.substr(0, begin);
        redacted += redact_one(text.substr(begin, end - begin));
        text.remove_prefix(end);
    }
    return redacted += text;
}

std::string one_line(std::string_view text, std::size_t length_max) {
    std::string line;
    for (const char c : redact_urls(text)) {
        const bool is_blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
        if (is_blank && (line.empty() || line.back() == ' ')) continue;
        line += is_blank ? ' ' : c;
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return shown(line, length_max);
}

}  // namespace matriarch::controller
