// libgit2: owners for its objects, its errors in our words. Private to the files that call libgit2.
//
// Included by repository, commit, repack, tree, worktree, remote and credentials, and by nothing
// else.
#pragma once

#include <git2.h>
#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>

#include <memory>
#include <string>

#include "specs/values/result.hpp"

namespace matriarch::git {

template <auto Free>
struct Release {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

using RepositoryOwner = std::unique_ptr<git_repository, Release<git_repository_free>>;
using RemoteOwner = std::unique_ptr<git_remote, Release<git_remote_free>>;
using CommitOwner = std::unique_ptr<git_commit, Release<git_commit_free>>;
using TreeOwner = std::unique_ptr<git_tree, Release<git_tree_free>>;
using TreeEntryOwner = std::unique_ptr<git_tree_entry, Release<git_tree_entry_free>>;
using BlobOwner = std::unique_ptr<git_blob, Release<git_blob_free>>;
using ObjectsOwner = std::unique_ptr<git_odb, Release<git_odb_free>>;
using ReferenceOwner = std::unique_ptr<git_reference, Release<git_reference_free>>;
using StatusOwner = std::unique_ptr<git_status_list, Release<git_status_list_free>>;

/// What libgit2 said last, on one line and without control characters.
[[nodiscard]] std::string last_words();

/// "cannot X: <libgit2's words>".
[[nodiscard]] tl::unexpected<Error> fail_with_last_words(ErrorKind kind, const std::string& cannot);

/// The id as 40 hex digits.
[[nodiscard]] std::string text_of(const git_oid& id);

}  // namespace matriarch::git
