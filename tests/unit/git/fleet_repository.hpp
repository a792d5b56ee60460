// A fleet repository in a temporary folder, made with the git command. For tests only.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "controller/git/reader.hpp"

namespace matriarch::git {

/// Generous: tests assert what happens, never how fast.
constexpr std::chrono::seconds patience{60};

/// A folder that is gone when the test is over.
class TemporaryFolder {
 public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();
    [[nodiscard]] std::string path() const { return path_.string(); }

 private:
    std::filesystem::path path_{};
};

/// Writes a file with mode 0600, and the folders above it.
void write_file(const std::string& path, const std::string& text);

/// A work tree with a branch `main`, and the state folder of whoever watches it.
class FleetRepository {
 public:
    FleetRepository();

    /// Runs git in the work tree; throws if it fails. Returns its output without the last newline.
    std::string git(const std::string& arguments) const;

    void write(const std::string& path, const std::string& text) const;

    /// Commits everything that is there; returns the commit's id.
    std::string commit(const std::string& subject) const;

    /// The source that watches `fleet` of `main` by path.
    [[nodiscard]] Source source() const;

    [[nodiscard]] std::string folder() const { return root_.path() + "/work"; }
    [[nodiscard]] std::string state_folder() const { return root_.path() + "/state"; }
    [[nodiscard]] std::string root() const { return root_.path(); }

 private:
    TemporaryFolder root_{};
};

/// read_revision() with patience.
[[nodiscard]] Result<Revision> read(const Source& source);

/// The file of that path, or nullptr.
[[nodiscard]] const File* find_file(const Revision& revision, const std::string& path);

/// "path: message" of every problem, one a line.
[[nodiscard]] std::string problems_text(const Revision& revision);

/// What a Result says, for a failed expectation.
template <class T>
std::string words_of(const Result<T>& result) {
    return result ? "no error" : to_text(result.error().kind) + (": " + to_text(result.error()));
}

}  // namespace matriarch::git
