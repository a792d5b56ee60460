// Content: which entries of a fleet folder are read, and what becomes of them. No I/O, no git.
//
// The same rules hold for a tree in git and for a local folder: only regular *.yaml, *.yml and
// *.age files count; nothing is followed; everything has a ceiling. What is refused is said, never
// skipped in silence, because an instance that seems to be gone is worse than a commit that is
// held.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/git/reader.hpp"

namespace matriarch::git {

/// Ceilings of one revision. A fleet of 500 instances has about 1,100 files and 2 MiB.
struct ContentLimits {
    static constexpr std::uint64_t yaml_bytes = 64 * 1024;
    static constexpr std::uint64_t secrets_bytes = 256 * 1024;
    static constexpr std::uint64_t total_bytes = 4 * 1024 * 1024;
    static constexpr std::size_t files = 2000;
    /// Entries looked at, wanted or not: bounds the time of a walk.
    static constexpr std::size_t entries = 20'000;
    static constexpr int depth = 8;
};

enum class EntryKind { file, executable, folder, symlink, submodule, other };

/// One entry of a folder, before anything of it is read.
struct Entry {
    /// Of the folder it is in, relative to the watched one; empty for the watched one itself.
    std::string folder{};
    std::string name{};
    EntryKind kind{EntryKind::other};
};

/// Gathers the files of one revision under the rules above.
class Content {
 public:
    /// `shown` stands before every path in messages: "fleet/" or the folder as the user wrote it.
    explicit Content(std::string shown) : shown_(std::move(shown)) {}

    /// True: read this file and hand its bytes to add(). False: it does not count, or a problem was
    /// noted.
    [[nodiscard]] bool wants(const Entry& entry);

    /// True: look into this folder, which lies `depth` folders below the watched one (its own: 1).
    [[nodiscard]] bool enters(const Entry& entry, int depth);

    /// True: a file of this size may be loaded. Asked before loading it.
    [[nodiscard]] bool has_room(const std::string& path, std::uint64_t bytes);

    /// Parses (yaml) or keeps (secrets) what was loaded.
    void add(const std::string& path, std::string bytes);

    void note(std::string path, std::string message, bool is_error);

    /// A ceiling of the whole revision is passed: no files are kept, and the walk should end.
    [[nodiscard]] bool is_full() const { return is_full_; }

    /// Everything, sorted; paths that differ only in case are problems.
    void move_into(Revision& revision);

 private:
    [[nodiscard]] bool counts_on(const Entry& entry);
    void pass_over(const Entry& entry);
    void overflow(std::string message);

    std::string shown_{};
    std::vector<File> files_{};
    std::vector<Problem> problems_{};
    std::vector<std::string> passed_over_{};
    std::size_t entries_{0};
    std::uint64_t bytes_{0};
    bool is_full_{false};
};

/// "folder/name", or just the name in the watched folder itself.
[[nodiscard]] std::string path_of(const Entry& entry);

}  // namespace matriarch::git
