// Builds the text of an instance file for tests: the four required fields and what a test adds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "specs/parse_instance.hpp"
#include "specs/yaml.hpp"

namespace matriarch::specs {

/// Lines 1 to 4; a test's own lines start at line 5.
inline std::string shortest(std::string_view more = {}) {
    return "instance: example\ndomain: example.social\nmastodon: v4.7.5\n"
           "backups: {repository: /srv/backups}\n" +
           std::string(more);
}

/// All problems of a text, one in each line: "a.yaml:5:3: cannot ...".
inline std::string problems(const std::string& text) {
    const auto tree = parse_yaml(text, "a.yaml");
    if (!tree) return tree.error().where + ": " + tree.error().message + "\n";
    std::string lines;
    const ParsedInstance parsed = parse_instance(*tree);
    for (const Error& error : parsed.findings.errors()) {
        lines += error.where + ": " + error.message + "\n";
    }
    return lines;
}

inline std::string hints(const std::string& text) {
    const auto tree = parse_yaml(text, "a.yaml");
    if (!tree) return tree.error().hint;
    std::string lines;
    const ParsedInstance parsed = parse_instance(*tree);
    for (const Error& error : parsed.findings.errors()) lines += error.hint + "\n";
    return lines;
}

}  // namespace matriarch::specs
