// Folder: a plain local folder read by the rules of a fleet. Only used inside the git child.
//
// Symbolic links below the folder are never followed: every open is relative to an open folder.
#pragma once

#include <string>

#include "controller/git/content.hpp"

namespace matriarch::git {

/// Gathers the files of a folder. Errors: invalid (not a folder, not readable).
[[nodiscard]] Result<void> read_folder_files(const std::string& folder, Content& content);

/// Fills in the commit that the folder's git work tree is at, and whether the folder differs from
/// it. Leaves the revision as it is where there is no git.
void add_worktree_facts(const std::string& folder, Revision& revision);

}  // namespace matriarch::git
