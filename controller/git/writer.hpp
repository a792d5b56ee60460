// Writing to a branch of the fleet repository that is ours alone: reports, and proposals for the
// fleet; never the branch that a fleet is read from.
//
//     const auto written = TRY(write_branch(source, {.files = files, .subject = "..."}, 1min,
//     stop));
//
// The same child process with the same limits as for reading. Never by force: where somebody else
// pushed meanwhile, the next call begins with what they pushed.
#pragma once

#include "controller/git/reader.hpp"

namespace matriarch::git {

struct WrittenFile {
    /// From the top of the repository: reports/example-social.md.
    std::string path{};
    std::string content{};
};

/// One value of one line: `key: from` at the left edge of the file becomes `key: to`.
struct Edit {
    std::string path{};
    std::string key{};
    std::string from{};
    std::string to{};
};

/// Beginning of the branches that proposals are on.
constexpr std::string_view proposal_branches = "matriarch/propose/";

/// What a branch is to hold. Its other files stay as they are.
struct Writing {
    std::vector<WrittenFile> files{};
    /// In files that are there already.
    std::vector<Edit> edits{};
    /// The branch that ours begins with. Where that one changed the edited files since, ours is
    /// brought up to date, unless somebody else has added to it. Empty: it begins with nothing.
    std::string base{};
    /// The first line of the commit's message.
    std::string subject{};
};

/// Makes a commit with the files on top of `source.branch` and pushes it; a branch that is not
/// there yet begins with it. Returns the commit; empty: the branch has these files already.
///
/// `source.state_folder` is another one than the fleet's. Errors: as read_revision; refused also
/// where the server does not take the push, unavailable where somebody pushed at the same time.
[[nodiscard]] Result<std::string> write_branch(const Source& source, const Writing& writing,
                                               std::chrono::milliseconds within,
                                               std::stop_token stop);

/// A branch of the remote, and the commit that it names.
struct BranchHead {
    std::string name{};
    std::string commit{};
};

/// The branches of proposals that the remote has. Errors: as read_revision.
[[nodiscard]] Result<std::vector<BranchHead>> list_proposals(const Source& source,
                                                             std::chrono::milliseconds within,
                                                             std::stop_token stop);

/// Takes `source.branch` away from the remote, where it is one of proposals and still names a
/// commit that we made. Returns whether it did. Errors: as write_branch.
[[nodiscard]] Result<bool> remove_proposal(const Source& source, std::chrono::milliseconds within,
                                           std::stop_token stop);

/// Writes a text about a commit ("HEAD") of the repository around a local folder under
/// refs/notes/matriarch, in the place of what was there: `git notes --ref matriarch show` prints
/// it.
///
/// Errors: invalid (no repository, a linked work tree, no such commit), unavailable (disk).
[[nodiscard]] Result<void> write_note(const std::string& folder, const std::string& commit,
                                      const std::string& text, std::chrono::milliseconds within,
                                      std::stop_token stop);

}  // namespace matriarch::git
