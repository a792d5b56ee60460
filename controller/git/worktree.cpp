// The git work tree around a local folder: which commit it is at, and whether it was edited since.
#include <array>
#include <climits>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "controller/git/folder.hpp"
#include "controller/git/libgit2.hpp"
#include "controller/git/repository.hpp"

namespace matriarch::git {
namespace {

/// The real path of a folder; empty if there is none.
std::string real_path(const std::string& folder) {
    std::array<char, PATH_MAX> resolved{};
    return ::realpath(folder.c_str(), resolved.data()) == nullptr ? "" : resolved.data();
}

/// Whether anything below the folder is new, changed or staged. Ignored files do not count.
bool has_changes_below(git_repository* repository, const std::string& folder) {
    const char* top = git_repository_workdir(repository);
    if (top == nullptr) return false;
    std::string below = real_path(folder) + "/";
    const std::string_view prefix = top;
    below = below.starts_with(prefix) ? below.substr(prefix.size()) : "";
    char* paths[] = {below.data()};
    git_status_options options = GIT_STATUS_OPTIONS_INIT;
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH |
                    GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
    if (!below.empty()) options.pathspec = {.strings = paths, .count = 1};
    git_status_list* list = nullptr;
    if (git_status_list_new(&list, repository, &options) != 0) return true;
    const StatusOwner owner(list);
    return git_status_list_entrycount(list) > 0;
}

}  // namespace

std::optional<Repository> Repository::open_around(const std::string& folder) {
    git_repository* repository = nullptr;
    if (git_repository_open_ext(&repository, folder.c_str(), 0, nullptr) != 0) return std::nullopt;
    return Repository(repository);
}

void add_worktree_facts(const std::string& folder, Revision& revision) {
    const std::optional<Repository> repository = Repository::open_around(folder);
    git_oid head;
    if (!repository || git_reference_name_to_id(&head, repository->raw(), "HEAD") != 0) return;
    Result<Revision> facts = repository->facts(text_of(head));
    if (!facts) return;
    revision = std::move(*facts);
    revision.is_dirty = has_changes_below(repository->raw(), folder);
}

}  // namespace matriarch::git
