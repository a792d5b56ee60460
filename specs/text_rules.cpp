// What a file may not contain, and the edit distance.
#include "specs/text_rules.hpp"

#include <algorithm>

#include "specs/values/utf8.hpp"

namespace matriarch::specs {
namespace {

std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::optional<BadText> find_bad_text(std::string_view text) {
    std::optional<BadText> bad;
    std::size_t at = 0;
    while (at < text.size() && !bad) {
        const Character character = first_character(text.substr(at));
        const bool is_layout =
            character.code == '\t' || character.code == '\n' || character.code == '\r';
        if (!character.is_valid) {
            bad = {at, "invalid UTF-8"};
        } else if (is_control(character.code) && !is_layout) {
            bad = {at, "a control character"};
        } else if (misleads(character.code)) {
            bad = {at, "an invisible or reordering character"};
        }
        at += character.bytes.size();
    }
    return bad;
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
    if (word.size() > 64) return {};
    std::string best;
    // A third of the word may be wrong: "memroy" is near "memory", "foo" is near nothing.
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const std::string& candidate : known) {
        const std::size_t found = distance(word, candidate);
        if (found < best_distance) {
            best = candidate;
            best_distance = found;
        }
    }
    return best;
}

}  // namespace matriarch::specs
