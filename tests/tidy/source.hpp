// The source tree as the house rules see it: files with their text, and their code without
// comments.
//
// Reading only; it knows C++ just well enough for the rules and never judges.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace matriarch::tidy {

/// One file of the project. `path` is relative to its root.
struct Source {
    std::string path{};
    std::string text{};
    std::string code{};  ///< text with comments, literals and directives blanked; same line breaks
};

/// What a rule found. `line` counts from 1; 0 is the file as a whole.
struct Finding {
    std::string path{};
    int line{0};
    std::string message{};
};

using Findings = std::vector<Finding>;

/// Every file below the root that is ours: no build folder, no .git, no cache.
std::vector<Source> read_tree(const std::string& root);

/// A file made up for a test of the rules themselves.
Source source(std::string path, std::string text);

std::vector<std::string> lines_of(std::string_view text);
bool is_cpp(const Source& file);
bool is_production(const Source& file);
bool ends_with(std::string_view text, std::string_view suffix);
bool starts_with(std::string_view text, std::string_view prefix);

/// The C++ text with comments, string and character literals and preprocessor lines replaced by
/// blanks, so that braces and words can be counted.
std::string code_of(std::string_view text);

}  // namespace matriarch::tidy
