// Message: named byte strings between the program and its git child, each with its length.
//
// The text of a field is "name length\nbytes\n"; the last field is "end". What a child says is as
// little trusted as what it read: names, lengths and order are checked, and nothing is assumed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace matriarch::git {

struct Field {
    std::string name{};
    std::string value{};
};

/// What was understood of a message, in order.
struct Fields {
    std::vector<Field> list{};
    /// It ended with "end" and nothing followed: nothing was cut off or garbled.
    bool is_whole{false};

    /// The value of the first field of that name; empty if there is none.
    [[nodiscard]] std::string_view first(std::string_view name) const;
};

/// Appends one field to the text. The name is ours: [a-z_]{1,24}.
void append_field(std::string& text, std::string_view name, std::string_view value);

/// Appends the field that ends a message.
void append_end(std::string& text);

/// Reads as many fields as are complete and well-formed.
[[nodiscard]] Fields parse_fields(std::string_view text);

}  // namespace matriarch::git
