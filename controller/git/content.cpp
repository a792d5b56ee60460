// The rules for entries, and the one call that turns YAML text into the tree that the parent reads.
#include "controller/git/content.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "specs/yaml.hpp"

namespace matriarch::git {
namespace {

std::optional<FileKind> kind_of(std::string_view name) {
    if (name.ends_with(".yaml") || name.ends_with(".yml")) return FileKind::yaml;
    if (name.ends_with(".age")) return FileKind::secrets;
    return std::nullopt;
}

bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c >= ' ' && c <= '~' && c != '/' && c != '\\'; });
}

std::string in_lower_case(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

/// The name as it may be printed: what is not plain is written as \xNN.
std::string printable(std::string_view name) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : name.substr(0, 255)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c >= ' ' && c <= '~') {
            text += c;
        } else {
            text.append("\\x");
            text += digits[byte >> 4U];
            text += digits[byte & 15U];
        }
    }
    return text;
}

const char* words_for(EntryKind kind) {
    switch (kind) {
        case EntryKind::symlink:
            return "it is a symbolic link, which is never followed";
        case EntryKind::submodule:
            return "it is a submodule, which is never fetched";
        default:
            return "it is not a regular file";
    }
}

Result<std::string> encoded_tree(const std::string& text, const std::string& shown_path) {
    const specs::Node node = TRY(specs::parse_yaml(text, shown_path));
    return specs::encode(node);
}

}  // namespace

std::string path_of(const Entry& entry) {
    return entry.folder.empty() ? entry.name : entry.folder + "/" + entry.name;
}

/// Counts the entry, and refuses names that mean something else to a file system or a terminal.
bool Content::counts_on(const Entry& entry) {
    if (++entries_ > ContentLimits::entries) {
        overflow("it has more than " + std::to_string(ContentLimits::entries) + " entries");
        return false;
    }
    if (entry.name.empty() || entry.name == "." || entry.name == ".." ||
        in_lower_case(entry.name) == ".git") {
        note(printable(path_of(entry)), "a file or folder must not have this name", true);
        return false;
    }
    // Folders of tools, such as .github, hold YAML of their own.
    return !entry.name.starts_with('.');
}

/// Among these may be a file of an instance whose name was mistyped.
void Content::pass_over(const Entry& entry) {
    constexpr std::size_t names_max = 500;
    if (passed_over_.size() < names_max) passed_over_.push_back(printable(path_of(entry)));
}

bool Content::wants(const Entry& entry) {
    if (is_full_) return false;
    if (!counts_on(entry)) {
        pass_over(entry);
        return false;
    }
    const bool is_ours = kind_of(entry.name).has_value();
    const std::string path = printable(path_of(entry));
    if (entry.kind != EntryKind::file && entry.kind != EntryKind::executable) {
        // A submodule may hide a folder of instances, so it weighs as much as a file of ours.
        note(path, words_for(entry.kind), is_ours || entry.kind == EntryKind::submodule);
        return false;
    }
    if (!is_ours) {
        pass_over(entry);
        return false;
    }
    if (!is_printable_ascii(entry.name)) {
        note(path, "the name has characters outside printable ASCII", true);
        return false;
    }
    if (files_.size() >= ContentLimits::files) {
        overflow("it has more than " + std::to_string(ContentLimits::files) + " files");
        return false;
    }
    if (entry.kind == EntryKind::executable) note(path, "it is executable for no reason", false);
    return true;
}

bool Content::enters(const Entry& entry, int depth) {
    if (is_full_ || !counts_on(entry)) return false;
    const std::string path = printable(path_of(entry));
    if (!is_printable_ascii(entry.name)) {
        note(path, "the name has characters outside printable ASCII", true);
        return false;
    }
    if (depth > ContentLimits::depth) {
        note(path, "it lies deeper than " + std::to_string(ContentLimits::depth) + " folders",
             true);
        return false;
    }
    return true;
}

bool Content::has_room(const std::string& path, std::uint64_t bytes) {
    const bool is_yaml = kind_of(path) == FileKind::yaml;
    const std::uint64_t bytes_max =
        is_yaml ? ContentLimits::yaml_bytes : ContentLimits::secrets_bytes;
    if (bytes > bytes_max) {
        note(path,
             "it has " + std::to_string(bytes) + " bytes, more than " +
                 std::to_string(bytes_max / 1024) + " KiB",
             true);
        return false;
    }
    if (bytes_ + bytes > ContentLimits::total_bytes) {
        overflow("its files have more than " +
                 std::to_string(ContentLimits::total_bytes / 1024 / 1024) + " MiB");
        return false;
    }
    bytes_ += bytes;
    return true;
}

void Content::add(const std::string& path, std::string bytes) {
    if (kind_of(path) == FileKind::secrets) {
        files_.push_back({.path = path,
                          .shown = shown_ + path,
                          .kind = FileKind::secrets,
                          .content = std::move(bytes)});
        return;
    }
    File file{.path = path, .shown = shown_ + path, .kind = FileKind::yaml};
    Result<std::string> tree = encoded_tree(bytes, file.shown);
    if (tree) {
        file.content = std::move(*tree);
    } else {
        file.error = std::move(tree).error();
    }
    files_.push_back(std::move(file));
}

void Content::note(std::string path, std::string message, bool is_error) {
    // A thousand problems help nobody; the first hundred are shown, and the commit is held anyway.
    constexpr std::size_t problems_max = 100;
    if (problems_.size() >= problems_max) return;
    problems_.push_back(
        {.path = std::move(path), .message = std::move(message), .is_error = is_error});
}

void Content::overflow(std::string message) {
    is_full_ = true;
    files_.clear();
    problems_.insert(
        problems_.begin(),
        {.path = "", .message = "the folder is too large: " + message, .is_error = true});
}

void Content::move_into(Revision& revision) {
    std::sort(files_.begin(), files_.end(),
              [](const File& left, const File& right) { return left.path < right.path; });
    std::map<std::string, std::string> spelt;
    for (const File& file : files_) {
        const auto [other, is_new] = spelt.emplace(in_lower_case(file.path), file.path);
        if (!is_new) note(file.path, "it differs from " + other->second + " only in case", true);
    }
    revision.files = std::move(files_);
    revision.problems = std::move(problems_);
    std::sort(passed_over_.begin(), passed_over_.end());
    revision.passed_over = std::move(passed_over_);
}

}  // namespace matriarch::git
