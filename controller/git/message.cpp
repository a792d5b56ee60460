// Fields as text and back. Never trusts a length further than the text that is there.
#include "controller/git/message.hpp"

#include <algorithm>
#include <charconv>

namespace matriarch::git {
namespace {

constexpr std::size_t name_length_max = 24;
constexpr std::string_view end_name = "end";

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= name_length_max &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

/// Takes one field off the front of the text; false if there is no complete one.
bool take_field(std::string_view& text, Field& field) {
    const auto space = text.substr(0, name_length_max + 1).find(' ');
    if (space == std::string_view::npos || !is_name(text.substr(0, space))) return false;
    std::size_t length = 0;
    const char* const begin = text.data() + space + 1;
    const char* const limit = text.data() + text.size();
    const auto [end, error] = std::from_chars(begin, limit, length);
    if (error != std::errc{} || end == limit || *end != '\n') return false;
    const std::string_view rest = text.substr(static_cast<std::size_t>(end + 1 - text.data()));
    if (rest.size() <= length || rest[length] != '\n') return false;
    field.name = text.substr(0, space);
    field.value = rest.substr(0, length);
    text = rest.substr(length + 1);
    return true;
}

}  // namespace

std::string_view Fields::first(std::string_view name) const {
    for (const Field& field : list) {
        if (field.name == name) return field.value;
    }
    return {};
}

void append_field(std::string& text, std::string_view name, std::string_view value) {
    text.append(name).append(" ").append(std::to_string(value.size())).append("\n");
    text.append(value).append("\n");
}

void append_end(std::string& text) {
    append_field(text, end_name, {});
}

Fields parse_fields(std::string_view text) {
    Fields fields;
    Field field;
    while (take_field(text, field)) {
        if (field.name == end_name) {
            fields.is_whole = text.empty();
            break;
        }
        fields.list.push_back(std::move(field));
        field = {};
    }
    return fields;
}

}  // namespace matriarch::git
