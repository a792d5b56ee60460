// The clone, its commits and its refs, through libgit2 1.5.
#include "controller/git/repository.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "controller/git/libgit2.hpp"
#include "controller/git/state_folder.hpp"
#include "controller/git/wire.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::git {
namespace {

constexpr const char* accepted_ref = "refs/matriarch/accepted";

/// Text of a commit as one line of at most 200 bytes: it is shown to people, and a stranger's.
std::string one_line(const char* text) {
    std::string line(text == nullptr ? "" : text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, ' ');
    return shown(line, 200);
}

Result<CommitOwner> find_commit(git_repository* repository, const std::string& id) {
    git_oid oid;
    if (!is_commit_id(id) || git_oid_fromstr(&oid, id.c_str()) != 0) {
        return fail(ErrorKind::invalid, "cannot read the commit: its id is not 40 hex digits");
    }
    git_commit* commit = nullptr;
    if (git_commit_lookup(&commit, repository, &oid) != 0) {
        return fail_with_last_words(ErrorKind::conflict, "cannot read commit " + id);
    }
    return CommitOwner(commit);
}

/// Of a commit without one nothing is added.
void add_signature(git_repository* repository, git_oid id, Revision& revision) {
    constexpr std::size_t bytes_max = 64 * std::size_t{1024};
    git_buf signature = GIT_BUF_INIT;
    git_buf bytes = GIT_BUF_INIT;
    const int code = git_commit_extract_signature(&signature, &bytes, repository, &id, nullptr);
    if (code == 0 && signature.size <= bytes_max && bytes.size <= bytes_max) {
        revision.signature.assign(signature.ptr, signature.size);
        revision.signed_bytes.assign(bytes.ptr, bytes.size);
    }
    git_buf_dispose(&signature);
    git_buf_dispose(&bytes);
}

Result<void> unless_removed(const std::error_code& error, const std::string& folder) {
    if (!error) return {};
    return fail(ErrorKind::unavailable,
                "cannot remove the damaged clone " + folder + ": " + error.message());
}

}  // namespace

std::string last_words() {
    const git_error* error = git_error_last();
    return error == nullptr || error->message == nullptr ? "no reason given"
                                                         : one_line(error->message);
}

tl::unexpected<Error> fail_with_last_words(ErrorKind kind, const std::string& cannot) {
    return fail(kind, cannot + ": " + last_words());
}

std::string text_of(const git_oid& id) {
    std::array<char, GIT_OID_HEXSZ + 1> text{};
    git_oid_tostr(text.data(), text.size(), &id);
    return text.data();
}

Result<void> start_library(const std::string& home, const std::string& ca_file) {
    constexpr std::size_t one_mib = 1024 * 1024;
    // Its ssh looks for HOME/.ssh/known_hosts, whatever the search paths say.
    bool is_set = ::setenv("HOME", home.c_str(), 1) == 0 && git_libgit2_init() > 0;
    for (const auto level : {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                             GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL}) {
        is_set = is_set && git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "") == 0;
    }
    is_set = is_set && git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1) == 0 &&
             git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 1) == 0 &&
             git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1) == 0 &&
             // Owners matter to git because it runs hooks and programs of the configuration; we do
             // not, and a fleet repository often belongs to a user called git.
             git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0) == 0 &&
             git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECTS, std::size_t{1'000'000}) == 0 &&
             git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECT_SIZE, 64 * one_mib) == 0 &&
             git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, 16 * one_mib) == 0 &&
             git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, 96 * one_mib) == 0 &&
             git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<ssize_t>(32 * one_mib)) == 0;
    if (!is_set) return fail_with_last_words(ErrorKind::failed, "cannot start libgit2");
    if (!ca_file.empty() &&
        git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, ca_file.c_str(), nullptr) != 0) {
        return fail_with_last_words(ErrorKind::refused, "cannot use the CA file " + ca_file);
    }
    return {};
}

void Repository::Free::operator()(git_repository* repository) const {
    git_repository_free(repository);
}

Result<void> Repository::remove(const std::string& state_folder) {
    std::error_code error;
    std::filesystem::remove_all(clone_folder(state_folder), error);
    return unless_removed(error, clone_folder(state_folder));
}

Result<Repository> Repository::open_or_create(const std::string& state_folder) {
    const std::string folder = clone_folder(state_folder);
    git_repository* repository = nullptr;
    if (git_repository_open_bare(&repository, folder.c_str()) == 0) return Repository(repository);
    TRY(remove(state_folder));
    if (git_repository_init(&repository, folder.c_str(), 1) != 0) {
        return fail_with_last_words(ErrorKind::unavailable, "cannot make the clone " + folder);
    }
    return Repository(repository);
}

Result<Revision> Repository::facts(const std::string& id) const {
    const CommitOwner commit = TRY(find_commit(raw(), id));
    const git_signature* author = git_commit_author(commit.get());
    Revision revision{
        .id = id,
        .author = one_line(author->name),
        .email = one_line(author->email),
        .subject = one_line(git_commit_summary(commit.get())),
        .time = std::chrono::sys_seconds(std::chrono::seconds(git_commit_time(commit.get())))};
    add_signature(raw(), *git_commit_id(commit.get()), revision);
    // An octopus merge of more than this many branches is no fleet's history.
    const unsigned int parents = std::min(git_commit_parentcount(commit.get()), 16U);
    for (unsigned int i = 0; i < parents; ++i) {
        revision.parents.push_back(text_of(*git_commit_parent_id(commit.get(), i)));
    }
    return revision;
}

Relation Repository::relation(const std::string& commit, const std::string& earlier) const {
    if (commit == earlier) return Relation::same;
    git_oid tip;
    git_oid base;
    if (!is_commit_id(earlier) || git_oid_fromstr(&tip, commit.c_str()) != 0 ||
        git_oid_fromstr(&base, earlier.c_str()) != 0) {
        return Relation::unknown;
    }
    const Result<CommitOwner> known = find_commit(raw(), earlier);
    if (!known) return Relation::unknown;
    const int answer = git_graph_descendant_of(raw(), &tip, &base);
    if (answer < 0) return Relation::unknown;
    return answer == 1 ? Relation::fast_forward : Relation::rewritten;
}

std::vector<std::string> Repository::since(const std::string& commit,
                                           const std::string& earlier) const {
    std::vector<std::string> found{commit};
    git_oid base;
    if (commit == earlier || relation(commit, earlier) == Relation::unknown ||
        git_oid_fromstr(&base, earlier.c_str()) != 0) {
        return found;
    }
    while (found.size() <= since_max) {
        const Result<CommitOwner> newest = find_commit(raw(), found.back());
        if (!newest || git_commit_parentcount(newest->get()) == 0) break;
        const git_oid& parent = *git_commit_parent_id(newest->get(), 0);
        const bool is_in_force = git_oid_equal(&parent, &base) != 0 ||
                                 git_graph_descendant_of(raw(), &base, &parent) == 1;
        if (is_in_force) break;
        found.push_back(text_of(parent));
    }
    return found;
}

std::vector<std::string> Repository::merged_by(const std::vector<std::string>& since,
                                               const std::string& earlier) const {
    std::vector<std::string> found;
    git_oid base;
    const bool has_base =
        find_commit(raw(), earlier) && git_oid_fromstr(&base, earlier.c_str()) == 0;
    for (const std::string& id : since) {
        const Result<CommitOwner> commit = find_commit(raw(), id);
        const unsigned int parents = commit ? git_commit_parentcount(commit->get()) : 0;
        for (unsigned int at = 1; at < parents && found.size() < since_max; ++at) {
            const git_oid& parent = *git_commit_parent_id(commit->get(), at);
            const bool is_in_force =
                has_base && (git_oid_equal(&parent, &base) != 0 ||
                             git_graph_descendant_of(raw(), &base, &parent) == 1);
            if (!is_in_force) found.push_back(text_of(parent));
        }
    }
    return found;
}

std::optional<std::string> Repository::accepted() const {
    git_oid id;
    if (git_reference_name_to_id(&id, raw(), accepted_ref) != 0) return std::nullopt;
    return text_of(id);
}

Result<void> Repository::accept(const std::string& commit) const {
    static_cast<void>(TRY(find_commit(raw(), commit)));
    git_oid id;
    git_oid_fromstr(&id, commit.c_str());
    git_reference* made = nullptr;
    const int code = git_reference_create(&made, raw(), accepted_ref, &id, 1, nullptr);
    const ReferenceOwner reference(made);
    if (code != 0) {
        return fail_with_last_words(ErrorKind::unavailable, "cannot remember commit " + commit);
    }
    return {};
}

}  // namespace matriarch::git
