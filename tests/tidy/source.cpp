// Reads the tree and blanks what is not code.
#include "tests/tidy/source.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace matriarch::tidy {

namespace {

bool is_ours(const std::filesystem::path& path) {
    const std::string name = path.filename().string();
    if (name == ".ci" || name == ".github" || name == ".clang-tidy") return true;
    return !starts_with(name, ".") && !starts_with(name, "build") && name != "__pycache__";
}

bool is_text(const std::string& path) {
    constexpr std::string_view endings[] = {".cpp", ".hpp", ".py", ".txt", ".md", ".sql", ".cmake"};
    return std::ranges::any_of(endings, [&](auto ending) { return ends_with(path, ending); });
}

std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Walks C++ text once; each function takes one kind of thing from the input, blanked or not.
class Blanker {
 public:
    explicit Blanker(std::string_view text) : text_(text) {}

    std::string run() {
        while (at_ < text_.size()) step();
        return out_;
    }

 private:
    void step() {
        if (starts("//")) {
            blank_until("\n");
        } else if (starts("/*")) {
            blank(2);
            blank_until("*/");
            blank(2);
        } else if (line_is_empty_ && text_[at_] == '#') {
            blank_directive();
        } else if (starts("R\"")) {
            blank_raw_string();
        } else if (text_[at_] == '"' || (text_[at_] == '\'' && !in_number())) {
            blank_literal(text_[at_]);
        } else {
            keep();
        }
    }

    bool starts(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

    /// 1'000'000: a quote between digits is no literal.
    bool in_number() const {
        return at_ > 0 && std::isalnum(static_cast<unsigned char>(text_[at_ - 1])) != 0;
    }

    void keep() {
        const char c = text_[at_++];
        if (c == '\n') line_is_empty_ = true;
        if (std::isspace(static_cast<unsigned char>(c)) == 0) line_is_empty_ = false;
        out_ += c;
    }

    void blank(std::size_t count) {
        for (; count > 0 && at_ < text_.size(); --count) {
            const char c = text_[at_++];
            if (c == '\n') line_is_empty_ = true;
            out_ += c == '\n' ? '\n' : ' ';
        }
    }

    void blank_until(std::string_view end) {
        while (at_ < text_.size() && !starts(end)) blank(1);
    }

    void blank_directive() {
        while (at_ < text_.size() && text_[at_] != '\n') {
            const bool continues = starts("\\\n");
            blank(continues ? 2 : 1);
        }
    }

    void blank_raw_string() {
        const std::size_t open = text_.find('(', at_);
        if (open == std::string_view::npos) return blank(1);
        const std::string end = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
        blank_until(end);
        blank(end.size());
        line_is_empty_ = false;
    }

    void blank_literal(char quote) {
        blank(1);
        while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
            blank(text_[at_] == '\\' ? 2 : 1);
        }
        blank(1);
        line_is_empty_ = false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool line_is_empty_ = true;
    std::string out_{};
};

}  // namespace

bool ends_with(std::string_view text, std::string_view suffix) {
    return text.ends_with(suffix);
}
bool starts_with(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix);
}

bool is_cpp(const Source& file) {
    return ends_with(file.path, ".cpp") || ends_with(file.path, ".hpp");
}

bool is_production(const Source& file) {
    return starts_with(file.path, "specs/") || starts_with(file.path, "reconcilers/") ||
           starts_with(file.path, "controller/");
}

std::string code_of(std::string_view text) {
    return Blanker(text).run();
}

Source source(std::string path, std::string text) {
    Source file{.path = std::move(path), .text = std::move(text), .code = {}};
    if (is_cpp(file)) file.code = code_of(file.text);
    return file;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

std::vector<Source> read_tree(const std::string& root) {
    namespace fs = std::filesystem;
    std::vector<Source> files;
    for (auto entry = fs::recursive_directory_iterator(root); entry != fs::end(entry); ++entry) {
        if (!is_ours(entry->path())) {
            if (entry->is_directory()) entry.disable_recursion_pending();
            continue;
        }
        if (!entry->is_regular_file()) continue;
        const std::string path = fs::relative(entry->path(), root).string();
        const bool readable = is_text(path) || entry->path().extension().empty();
        files.push_back(source(path, readable ? read(entry->path()) : std::string{}));
    }
    std::ranges::sort(files, {}, &Source::path);
    return files;
}

}  // namespace matriarch::tidy
