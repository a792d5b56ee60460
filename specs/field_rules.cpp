// Forms of text, by the standard library's regular expressions.
#include "specs/field_rules.hpp"

#include <map>
#include <regex>

namespace matriarch::specs {

bool matches(const std::string& text, const Form& form) {
    // The library's matcher recurses for every character: the length comes first.
    if (text.size() > form.length_max) return false;
    // Compiling an expression costs more than reading the rest of the file: each is made once.
    thread_local std::map<std::string_view, std::regex> expressions;
    auto at = expressions.find(form.pattern);
    if (at == expressions.end()) {
        at = expressions.emplace(form.pattern, std::regex(form.pattern.begin(), form.pattern.end()))
                 .first;
    }
    return std::regex_match(text, at->second);
}

}  // namespace matriarch::specs
