// Repository: our bare clone of the fleet repository. Only used inside the git child.
//
// It is read by object, never checked out; no hook, filter or configuration of anybody takes part.
// It can be lost at any time: the next fetch makes it anew. Damage is reported as `conflict` (the
// clone is not what it was), never blamed on the commit.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "controller/git/content.hpp"
#include "controller/git/writer.hpp"

struct git_repository;

namespace matriarch::git {

/// Starts libgit2 with everything of the user and the system switched off, strict checks on and
/// ceilings set. `home` holds nothing but .ssh/known_hosts; `ca_file` may be empty. Errors: failed.
[[nodiscard]] Result<void> start_library(const std::string& home, const std::string& ca_file);

class Repository {
 public:
    /// Opens the clone in `state_folder`, or makes an empty one; one that cannot be opened is
    /// replaced. Errors: unavailable (disk).
    [[nodiscard]] static Result<Repository> open_or_create(const std::string& state_folder);

    /// Opens the repository whose work tree a folder lies in. Nothing: it lies in none.
    [[nodiscard]] static std::optional<Repository> open_around(const std::string& folder);

    /// Removes the clone. Errors: unavailable (disk).
    [[nodiscard]] static Result<void> remove(const std::string& state_folder);

    /// Facts of a commit, without its files. Errors: conflict (not there, damaged), invalid (no
    /// id).
    [[nodiscard]] Result<Revision> facts(const std::string& commit) const;

    /// How `commit` relates to an earlier one (which may be empty).
    [[nodiscard]] Relation relation(const std::string& commit, const std::string& earlier) const;

    /// From `commit` on by first parents to the first that `earlier` is or contains; see
    /// Revision::since.
    [[nodiscard]] std::vector<std::string> since(const std::string& commit,
                                                 const std::string& earlier) const;

    /// What commits of since() were merged with; see Revision::merged.
    [[nodiscard]] std::vector<std::string> merged_by(const std::vector<std::string>& since,
                                                     const std::string& earlier) const;

    /// The commit that a person means by a name of it. Errors: invalid (there is none).
    [[nodiscard]] Result<std::string> named(const std::string& name) const;

    /// A folder's path inside the work tree; nothing: it lies outside.
    [[nodiscard]] std::optional<std::string> path_inside(const std::string& folder) const;

    /// Gathers the files below `path` as they are in a commit.
    /// Errors: invalid (no such folder, wrong kind of object), conflict (objects damaged or
    /// missing).
    [[nodiscard]] Result<void> read_files(const std::string& commit, const std::string& path,
                                          Content& content) const;

    /// The commit last accepted, if any.
    [[nodiscard]] std::optional<std::string> accepted() const;

    /// Errors: invalid (no such commit here), unavailable (disk).
    [[nodiscard]] Result<void> accept(const std::string& commit) const;

    /// Makes a commit of ours on top of one (empty: the first of its branch) with these files in
    /// it; `after` is a commit that it follows too, without what that one changed. Returns its id;
    /// `parent` where it has them already. Errors: invalid (a path that cannot be, no such parent,
    /// nothing to edit there), unavailable (disk).
    [[nodiscard]] Result<std::string> commit_files(const std::string& parent,
                                                   const Writing& writing,
                                                   const std::string& after = {}) const;

    /// Whether the files to be edited are in `base` as they were where `tip` left it. Errors:
    /// conflict (not there).
    [[nodiscard]] Result<bool> is_up_to_date(const std::string& tip, const std::string& base,
                                             const Writing& writing) const;

    /// Whether we made a commit, and nobody made it anew since. Errors: conflict (not there).
    [[nodiscard]] Result<bool> is_ours(const std::string& commit) const;

    /// Writes a note of ours about a commit, in the place of the one before. Errors: conflict (no
    /// such commit), unavailable (disk).
    [[nodiscard]] Result<void> note(const std::string& commit, const std::string& text) const;

    /// Makes one pack of many once there are too many. A failure changes nothing.
    void repack() const;

    [[nodiscard]] git_repository* raw() const { return raw_.get(); }

 private:
    explicit Repository(git_repository* raw) : raw_(raw) {}

    struct Free {
        void operator()(git_repository* repository) const;
    };
    std::unique_ptr<git_repository, Free> raw_;
};

}  // namespace matriarch::git
