// Plain search and replace; the values are few and the texts short.
// It may take out too much, never too little.
#include "controller/secrets/redactor.hpp"

#include <algorithm>

#include "controller/base/encoding.hpp"
#include "controller/base/text.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t value_length_min = 6;
constexpr std::string_view mark = "[redacted]";
constexpr std::string_view scheme_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-";
constexpr std::string_view unreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

/// As a URL writes it (RFC 3986, section 2.1), with upper-case digits.
std::string percent_encoded(std::string_view value) {
    std::string text;
    for (const char character : value) {
        if (unreserved.find(character) != std::string_view::npos) {
            text += character;
            continue;
        }
        std::string digits = to_hex({&character, 1});
        for (char& digit : digits) digit = static_cast<char>(digit >= 'a' ? digit - 32 : digit);
        text += "%" + digits;
    }
    return text;
}

std::string json_escaped(std::string_view value) {
    const std::string quoted = json_string(value);
    return quoted.substr(1, quoted.size() - 2);
}

void replace_all(std::string& text, const std::string& value) {
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value, at)) {
        text.replace(at, value.size(), mark);
        at += mark.size();
    }
}

/// Blots out the password of each URL: from the first ':' of the user part to its '@'.
void redact_urls(std::string& text) {
    constexpr std::string_view separator = "://";
    for (auto at = text.find(separator); at != std::string::npos; at = text.find(separator, at)) {
        const bool has_scheme =
            at > 0 && scheme_characters.find(text[at - 1]) != std::string_view::npos;
        at += separator.size();
        const auto end = std::min(text.find_first_of("/?# \t\r\n\"'<>", at), text.size());
        const auto host = std::string_view(text).substr(0, end).rfind('@');
        const auto colon = text.find(':', at);
        if (!has_scheme || host == std::string::npos || host < at || colon >= host) continue;
        text.replace(colon + 1, host - colon - 1, mark);
    }
}

}  // namespace

void Redactor::add(const Secrets& secrets) {
    for (const auto& [name, value] : secrets) add(value);
}

void Redactor::add(const Secret& secret) {
    const std::string& value = secret.reveal();
    if (value.size() < value_length_min) return;
    values_.insert(values_.end(), {value, percent_encoded(value), json_escaped(value)});
    // A program that prints a secret of several lines prints them one by one.
    for (std::size_t at = 0; value.find('\n') != std::string::npos && at < value.size();) {
        const auto end = std::min(value.find('\n', at), value.size());
        if (end - at >= value_length_min) values_.push_back(value.substr(at, end - at));
        at = end + 1;
    }
    std::sort(values_.begin(), values_.end(), [](const auto& left, const auto& right) {
        return left.size() != right.size() ? left.size() > right.size() : left < right;
    });
    values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
}

std::string Redactor::redact(std::string_view text) const {
    std::string clean(text);
    for (const std::string& value : values_) replace_all(clean, value);
    redact_urls(clean);
    return clean;
}

}  // namespace matriarch::controller
