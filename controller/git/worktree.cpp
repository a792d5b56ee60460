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
#include "specs/values/shown.hpp"

namespace matriarch::git {
namespace {

/// The real path of a folder; empty if there is none.
std::string real_path(const std::string& folder) {
    std::array<char, PATH_MAX> resolved{};
    return ::realpath(folder.c_str(), resolved.data()) == nullptr ? "" : resolved.data();
}

/// Whether anything below the path is new, changed or staged. Ignored files do not count.
bool has_changes_below(git_repository* repository, std::string below) {
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

std::optional<std::string> Repository::path_inside(const std::string& folder) const {
    const char* top = git_repository_workdir(raw());
    const std::string path = real_path(folder) + "/";
    if (top == nullptr || !path.starts_with(top)) return std::nullopt;
    return path.substr(std::string_view(top).size());
}

Result<std::string> Repository::named(const std::string& name) const {
    git_object* object = nullptr;
    const std::string commit = name + "^{commit}";
    const int code = git_revparse_single(&object, raw(), commit.c_str());
    const std::unique_ptr<git_object, Release<git_object_free>> owner(object);
    if (code == 0) return text_of(*git_object_id(object));
    return fail(ErrorKind::invalid, "cannot find the commit " + shown(name, 100),
                "Name a branch, a tag or a commit of this repository: HEAD, main, origin/main.");
}

void add_worktree_facts(const std::string& folder, Revision& revision) {
    const std::optional<Repository> repository = Repository::open_around(folder);
    git_oid head;
    if (!repository || git_reference_name_to_id(&head, repository->raw(), "HEAD") != 0) return;
    Result<Revision> facts = repository->facts(text_of(head));
    if (!facts) return;
    revision = std::move(*facts);
    if (const auto below = repository->path_inside(folder)) {
        revision.is_dirty = has_changes_below(repository->raw(), *below);
    }
}

}  // namespace matriarch::git
