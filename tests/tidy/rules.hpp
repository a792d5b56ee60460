// The house rules (styles.md 2.1-2.11), one function each: the tree in, what breaks the rule out.
//
// A rule knows no exceptions; those are the list in tidy_test.cpp.
#pragma once

#include <vector>

#include "tests/tidy/source.hpp"

namespace matriarch::tidy {

using Tree = std::vector<Source>;

constexpr int line_length_max = 100;
constexpr int function_lines_max = 60;
constexpr int file_lines_max = 300;
constexpr int header_lines_max = 8;
constexpr int readme_lines_max = 80;

Findings long_lines(const Tree& tree);
Findings long_functions(const Tree& tree);
Findings long_files(const Tree& tree);
Findings forbidden_includes(const Tree& tree);
Findings banned_words(const Tree& tree);
Findings todo_without_issue(const Tree& tree);
Findings missing_headers(const Tree& tree);
Findings unlisted_sources(const Tree& tree);
Findings missing_readmes(const Tree& tree);
Findings strange_top_level_names(const Tree& tree);

}  // namespace matriarch::tidy
