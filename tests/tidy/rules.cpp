// The rules about lines, functions, files, words and folders. The include table is
// include_rules.cpp.
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>
#include <set>

namespace matriarch::tidy {

namespace {

std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

int line_at(std::string_view text, std::size_t offset) {
    return 1 + static_cast<int>(
                   std::count(text.begin(), text.begin() + static_cast<long>(offset), '\n'));
}

/// Characters, not bytes: a dash of three bytes is one column.
int columns(const std::string& line) {
    return static_cast<int>(std::ranges::count_if(
        line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// The words of an identifier: `read_HttpBody_` is read, http, body.
std::vector<std::string> words_of(const std::string& identifier) {
    std::vector<std::string> words(1);
    bool lower_before = false;
    for (const char c : identifier) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '_' || (std::isupper(byte) != 0 && lower_before)) words.emplace_back();
        if (c != '_') words.back() += static_cast<char>(std::tolower(byte));
        lower_before = std::islower(byte) != 0;
    }
    return words;
}

// --- functions -----------------------------------------------------------------------------------

/// What a brace opens, from the text between the last statement and it.
enum class Opening { scope, function, value };

Opening opening_of(const std::string& header) {
    static const std::regex scope(
        R"(^\s*(template\s*<.*>\s*)?(inline\s+)?(namespace|class|struct|union|enum|extern)\b)");
    static const std::regex arguments(R"(\([^()]*\))");
    const bool has_arguments = header.find('(') != std::string::npos;
    if (std::regex_search(header, scope) &&
        (!has_arguments || header.find("alignas") != std::string::npos)) {
        return Opening::scope;
    }
    if (!has_arguments) return Opening::value;
    std::string outside = header;
    for (std::string before; before != outside;) {
        before = outside;
        outside = std::regex_replace(before, arguments, "");
    }
    const bool is_lambda = std::regex_search(header, std::regex(R"(=\s*\[)"));
    const bool assigns = outside.find('=') != std::string::npos &&
                         outside.find("operator") == std::string::npos &&
                         outside.find("template") == std::string::npos;
    return assigns && !is_lambda ? Opening::value : Opening::function;
}

std::size_t closing_brace(std::string_view code, std::size_t open) {
    int depth = 0;
    for (std::size_t at = open; at < code.size(); ++at) {
        if (code[at] == '{') ++depth;
        if (code[at] == '}' && --depth == 0) return at;
    }
    return code.size();
}

/// Measures the functions of one file: outside bodies it follows scopes, a body it skips whole.
void measure_functions(const Source& file, Findings& found) {
    const std::string_view code = file.code;
    std::size_t begin = 0;  // where the current declaration starts
    for (std::size_t at = 0; at < code.size(); ++at) {
        if (code[at] == ';' || code[at] == '}') begin = at + 1;
        if (code[at] != '{') continue;
        const Opening opening = opening_of(std::string(code.substr(begin, at - begin)));
        if (opening == Opening::scope) {
            begin = at + 1;
            continue;
        }
        const std::size_t end = closing_brace(code, at);
        const std::size_t next = code.find_first_not_of(" \n", end + 1);
        at = end;
        // A member initialiser: the function's own body is still to come.
        if (next != std::string_view::npos && (code[next] == ',' || code[next] == '{')) continue;
        const std::size_t first = code.find_first_not_of(" \n", begin);
        const int lines = line_at(code, std::min(end, code.size())) - line_at(code, first) + 1;
        if (opening == Opening::function && lines > function_lines_max) {
            found.push_back({file.path, line_at(code, first),
                             "a function of " + std::to_string(lines) + " lines"});
        }
        begin = end + 1;
    }
}

}  // namespace

Findings long_lines(const Tree& tree) {
    Findings found;
    for (const Source& file : tree) {
        // Tables and long addresses are what Markdown and data are for.
        const bool is_list = ends_with(file.path, "CMakeLists.txt");
        if (ends_with(file.path, ".md") || (ends_with(file.path, ".txt") && !is_list)) continue;
        int number = 0;
        for (const std::string& line : lines_of(file.text)) {
            ++number;
            if (columns(line) > line_length_max) {
                found.push_back({file.path, number, std::to_string(columns(line)) + " columns"});
            }
        }
    }
    return found;
}

Findings long_functions(const Tree& tree) {
    Findings found;
    for (const Source& file : tree) {
        if (is_cpp(file)) measure_functions(file, found);
    }
    return found;
}

Findings long_files(const Tree& tree) {
    Findings found;
    for (const Source& file : tree) {
        const auto count = static_cast<int>(lines_of(file.text).size());
        if (is_cpp(file) && is_production(file) && count > file_lines_max) {
            found.push_back({file.path, 0, std::to_string(count) + " lines"});
        }
    }
    return found;
}

Findings banned_words(const Tree& tree) {
    static const std::set<std::string> banned = {
        "handle",    "handles",   "handled",   "handler", "handling", "process", "processes",
        "processed", "processor", "manage",    "manages", "managed",  "manager", "do",
        "util",      "utils",     "utilities", "utility", "helper",   "helpers"};
    // A keyword, a field of the instance file, and what libraries and the kernel call their things.
    static const std::set<std::string> foreign = {"do",
                                                  "processes",
                                                  "native_handle",
                                                  "handled_access_fs",
                                                  "EventHandler",
                                                  "HandleNextDocument",
                                                  "SECCOMP_RET_KILL_PROCESS",
                                                  "SYS_process_vm_readv",
                                                  "SYS_process_vm_writev"};
    static const std::regex identifier("[A-Za-z_][A-Za-z0-9_]*");
    Findings found;
    const auto judge = [&](const Source& file, int line, const std::string& name) {
        if (foreign.contains(name)) return;
        // The names of tests are sentences.
        if (starts_with(file.path, "tests/") && std::isupper(name[0]) != 0) return;
        for (const std::string& word : words_of(name)) {
            if (banned.contains(word)) found.push_back({file.path, line, "'" + name + "'"});
        }
    };
    for (const Source& file : tree) {
        if (!is_cpp(file)) continue;
        const std::string stem = file.path.substr(file.path.rfind('/') + 1);
        judge(file, 0, stem.substr(0, stem.rfind('.')));
        int number = 0;
        for (const std::string& line : lines_of(file.code)) {
            ++number;
            for (auto at = std::sregex_iterator(line.begin(), line.end(), identifier);
                 at != std::sregex_iterator(); ++at) {
                judge(file, number, at->str());
            }
        }
    }
    return found;
}

Findings todo_without_issue(const Tree& tree) {
    // Assembled, so that this file does not break its own rule.
    static const std::regex mark(std::string("\\b(TO") + "DO|FIX" + "ME|XX" + "X)\\b");
    static const std::regex with_issue(std::string("\\bTO") + "DO ?\\(?#[0-9]+");
    Findings found;
    for (const Source& file : tree) {
        if (starts_with(file.path, "tests/tidy/") || ends_with(file.path, ".md")) continue;
        int number = 0;
        for (const std::string& line : lines_of(file.text)) {
            ++number;
            if (std::regex_search(line, mark) && !std::regex_search(line, with_issue)) {
                found.push_back({file.path, number, line});
            }
        }
    }
    return found;
}

Findings missing_headers(const Tree& tree) {
    Findings found;
    for (const Source& file : tree) {
        if (!is_cpp(file)) continue;
        int count = 0;
        for (const std::string& line : lines_of(file.text)) {
            if (!starts_with(line, "//")) break;
            ++count;
        }
        if (count == 0) found.push_back({file.path, 1, "does not begin with what the file is"});
        if (count > header_lines_max) {
            found.push_back({file.path, 1, "begins with " + std::to_string(count) + " lines"});
        }
    }
    return found;
}

Findings unlisted_sources(const Tree& tree) {
    Findings found;
    for (const Source& file : tree) {
        if (!ends_with(file.path, ".cpp")) continue;
        bool listed = false;
        for (const Source& list : tree) {
            if (!ends_with(list.path, "CMakeLists.txt")) continue;
            const std::string folder = folder_of(list.path);
            const bool is_below = folder.empty() || starts_with(file.path, folder + "/");
            // Below the list by its path from there; elsewhere by the whole path after a variable.
            const std::string name =
                is_below && !folder.empty() ? file.path.substr(folder.size() + 1) : file.path;
            const std::string pattern = std::regex_replace(name, std::regex("\\."), "\\.");
            const std::regex entry("(^|[\\s/(\"])" + pattern + "($|[\\s)\"])");
            listed = listed || std::regex_search(list.text, entry);
        }
        if (!listed) found.push_back({file.path, 0, "in no CMakeLists.txt"});
    }
    return found;
}

Findings missing_readmes(const Tree& tree) {
    std::set<std::string> folders = {"", "specs", "reconcilers", "controller", "examples", "tests"};
    std::set<std::string> present;
    Findings found;
    for (const Source& file : tree) {
        const std::string folder = folder_of(file.path);
        if (is_cpp(file) && folder_of(folder) == "controller") folders.insert(folder);
        if (!ends_with(file.path, "README.md")) continue;
        present.insert(folder);
        const auto count = static_cast<int>(lines_of(file.text).size());
        if (!folder.empty() && count > readme_lines_max) {
            found.push_back({file.path, 0, std::to_string(count) + " lines"});
        }
    }
    for (const std::string& folder : folders) {
        if (!present.contains(folder)) found.push_back({folder + "/", 0, "has no README.md"});
    }
    return found;
}

Findings strange_top_level_names(const Tree& tree) {
    const std::set<std::string> expected = {"CMakeLists.txt", "README.md", "controller", "examples",
                                            "reconcilers",    "specs",     "tests"};
    std::set<std::string> seen;
    for (const Source& file : tree) {
        if (!starts_with(file.path, ".")) seen.insert(file.path.substr(0, file.path.find('/')));
    }
    Findings found;
    for (const std::string& name : seen) {
        if (!expected.contains(name)) found.push_back({name, 0, "is not one of the seven names"});
    }
    for (const std::string& name : expected) {
        if (!seen.contains(name)) found.push_back({name, 0, "is missing"});
    }
    return found;
}

}  // namespace matriarch::tidy
