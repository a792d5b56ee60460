// YAML is read for its meaning elsewhere: a line that is not plainly what it seems is left alone.
#include "controller/git/edit.hpp"

#include <optional>

#include "specs/values/shown.hpp"

namespace matriarch::git {
namespace {

/// The place of the value behind `key:` in a line; nothing: it is another line.
std::optional<std::string_view> value_in(std::string_view line, std::string_view key) {
    if (!line.starts_with(key)) return std::nullopt;
    line.remove_prefix(key.size());
    while (line.starts_with(' ')) line.remove_prefix(1);
    if (!line.starts_with(':')) return std::nullopt;
    line.remove_prefix(1);
    while (line.starts_with(' ')) line.remove_prefix(1);
    if (line.starts_with('"') || line.starts_with('\'')) {
        const char quote = line.front();
        line.remove_prefix(1);
        return line.substr(0, line.find(quote));
    }
    return line.substr(0, line.find_first_of(" \t\r"));
}

}  // namespace

Result<std::string> edited(std::string_view text, const Edit& edit) {
    std::optional<std::string_view> found;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        if (const auto value = value_in(text.substr(at, end - at), edit.key)) {
            if (found) {
                return fail(ErrorKind::invalid,
                            "cannot change " + edit.path + ": two lines begin with " + edit.key);
            }
            found = value;
        }
        at = end + 1;
    }
    if (!found || *found != edit.from) {
        return fail(ErrorKind::invalid,
                    "cannot change " + edit.path + ": it has no line '" + edit.key + ": " +
                        shown(edit.from, 60) + "'",
                    "Write it as a line of its own, at the left edge of the instance's file.");
    }
    const auto at = static_cast<std::size_t>(found->data() - text.data());
    return std::string(text.substr(0, at)) + edit.to + std::string(text.substr(at + found->size()));
}

}  // namespace matriarch::git
