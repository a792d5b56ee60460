// The git child: limits, request, fences, one task, answer. Trusts nobody but its parent.
#include "controller/git/worker.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "controller/git/confine.hpp"
#include "controller/git/folder.hpp"
#include "controller/git/remote.hpp"
#include "controller/git/state_folder.hpp"

namespace matriarch::git {
namespace {

/// A thousand reports.
constexpr std::size_t request_bytes_max = 16 * std::size_t{1024} * 1024;

std::string read_standard_input() {
    std::string text;
    std::array<char, 16 * 1024> buffer{};
    while (text.size() <= request_bytes_max) {
        const ssize_t count = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
}

bool write_standard_output(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

/// Reads the files of a commit of the clone into its facts.
Result<Revision> read_commit(const Repository& repository, const Source& source,
                             const std::string& commit) {
    const std::string path = TRY(parse_watched_path(source.path));
    Revision revision = TRY(repository.facts(commit));
    revision.relation = repository.relation(commit, source.previous_commit);
    revision.since = repository.since(commit, source.previous_commit);
    revision.merged = repository.merged_by(revision.since, source.previous_commit);
    Content content(path.empty() ? "" : path + "/");
    TRY(repository.read_files(commit, path, content));
    content.move_into(revision);
    return revision;
}

/// Sent at once: should this process die of the commit, its name is known.
void report_tip(const std::string& commit) {
    std::string text;
    append_tip(text, commit);
    static_cast<void>(write_standard_output(text));
}

Result<Revision> fetch_and_read(const Errand& errand) {
    const Source& source = errand.request.source;
    const Repository repository = TRY(Repository::open_or_create(source.state_folder));
    const std::string tip = TRY(fetch_tip(repository, errand, report_tip));
    if (tip == source.known_commit) return Revision{.id = tip, .unchanged = true};
    if (!repository.accepted() && !source.previous_commit.empty()) {
        // The clone was made anew. If the remote no longer has that commit, the caller will see
        // that the relation is unknown.
        static_cast<void>(repository.accept(source.previous_commit));
    }
    Result<Revision> revision = read_commit(repository, source, tip);
    if (revision) repository.repack();
    return revision;
}

/// Does what the parent asks of a remote, behind fences. A damaged clone is made anew once: what is
/// wrong then is wrong at the remote.
Result<Revision> with_remote(const Request& request, Result<Revision> (*act)(const Errand&)) {
    const Source& source = request.source;
    TRY(check_branch(source.branch));
    static_cast<void>(TRY(parse_watched_path(source.path)));
    const Address address = TRY(parse_address(source.url, source.allow_insecure));
    TRY(take_state_folder(source));
    const bool is_ssh = address.transport == Transport::ssh;
    const std::string known_hosts =
        is_ssh ? TRY(prepare_known_hosts(source, address)) : std::string();
    Openings openings{.readable = {source.ca_file, source.ssh_key_file},
                      .writable = {source.state_folder}};
    if (address.transport == Transport::local) {
        const bool is_change = request.task == Task::write || request.task == Task::remove;
        auto& open = is_change ? openings.writable : openings.readable;
        open.push_back(address.path);
    } else {
        for (std::string& path : files_for_network()) openings.readable.push_back(std::move(path));
    }
    TRY(raise_fences(openings));
    TRY(start_library(home_folder(source), source.ca_file));

    const Errand errand{.request = request, .address = address, .known_hosts = known_hosts};
    Result<Revision> done = act(errand);
    if (done || done.error().kind != ErrorKind::conflict) return done;
    TRY(Repository::remove(source.state_folder));
    return act(errand);
}

/// The tip of the branch that ours begins with.
Result<std::string> fetch_base(const Repository& repository, const Errand& errand) {
    Request beginning = errand.request;
    beginning.source.branch = errand.request.writing.base;
    TRY(check_branch(beginning.source.branch));
    return fetch_tip(
        repository,
        {.request = beginning, .address = errand.address, .known_hosts = errand.known_hosts},
        [](const std::string&) {});
}

Result<Revision> commit_and_push(const Errand& errand) {
    const Source& source = errand.request.source;
    const Repository repository = TRY(Repository::open_or_create(source.state_folder));
    const Writing& writing = errand.request.writing;
    const std::string tip = TRY(fetch_branch(repository, errand));
    std::string commit;
    if (writing.base.empty()) {
        commit = TRY(repository.commit_files(tip, writing));
        if (commit == tip) return Revision{};
    } else {
        const std::string base = TRY(fetch_base(repository, errand));
        const bool is_left = !tip.empty() && (!TRY(repository.is_ours(tip)) ||
                                              TRY(repository.is_up_to_date(tip, base, writing)));
        if (is_left) return Revision{};
        commit = TRY(repository.commit_files(base, writing, tip));
    }
    TRY(push_branch(repository, errand, commit));
    repository.repack();
    return Revision{.id = commit};
}

/// Only what we made, and nobody has added to: whoever pushes meanwhile makes the server refuse.
Result<Revision> remove_ours(const Errand& errand) {
    const Source& source = errand.request.source;
    if (!source.branch.starts_with(proposal_branches)) return Revision{};
    const Repository repository = TRY(Repository::open_or_create(source.state_folder));
    const std::string tip = TRY(fetch_branch(repository, errand));
    if (tip.empty() || !TRY(repository.is_ours(tip))) return Revision{};
    TRY(remove_branch(repository, errand, tip));
    return Revision{.id = tip};
}

Result<Revision> list(const Errand& errand) {
    const Repository repository =
        TRY(Repository::open_or_create(errand.request.source.state_folder));
    return Revision{.pulls = TRY(list_heads(repository, errand))};
}

/// Raises the fences around the clone alone, and opens it.
Result<Repository> open_clone(const Source& source) {
    TRY(take_state_folder(source));
    TRY(raise_fences({.writable = {source.state_folder}}));
    TRY(start_library(home_folder(source), ""));
    return Repository::open_or_create(source.state_folder);
}

Result<Revision> read_accepted_commit(const Request& request) {
    const Repository repository = TRY(open_clone(request.source));
    const std::optional<std::string> commit = repository.accepted();
    if (!commit) return Revision{};
    return read_commit(repository, request.source, *commit);
}

Result<Revision> accept_commit(const Request& request) {
    const Repository repository = TRY(open_clone(request.source));
    TRY(repository.accept(request.commit));
    return Revision{.id = request.commit};
}

/// The folder is the caller's own, and its git folder may be anywhere: all may be read but what is
/// the system's, such as passwords. (And the
/// certificates of authorities, which libgit2 would read through for nothing.)
std::vector<std::string> files_of_people(const std::string& folder) {
    std::error_code code;
    const std::string whole = std::filesystem::canonical(folder, code).string() + "/";
    std::vector<std::string> open;
    for (const auto& entry : std::filesystem::directory_iterator("/", code)) {
        const std::string path = entry.path().string();
        const bool is_systems = path == "/etc" || path == "/proc" || path == "/sys";
        if (!is_systems || whole.starts_with(path + "/")) open.push_back(path);
    }
    return open;
}

Result<Revision> read_local(const Request& request) {
    TRY(raise_fences({.readable = files_of_people(request.folder)}));
    TRY(start_library("", ""));
    Revision revision;
    add_worktree_facts(request.folder, revision);
    std::string shown = request.folder;
    while (shown.size() > 1 && shown.ends_with('/')) shown.pop_back();
    Content content(shown == "." ? "" : shown + "/");
    TRY(read_folder_files(request.folder, content));
    content.move_into(revision);
    return revision;
}

/// The same rules for files as from a remote.
Result<Revision> read_local_commit(const Request& request) {
    TRY(raise_fences({.readable = files_of_people(request.folder)}));
    TRY(start_library("", ""));
    const auto repository = Repository::open_around(request.folder);
    const auto path = repository ? repository->path_inside(request.folder) : std::nullopt;
    if (!path) {
        return fail(ErrorKind::invalid,
                    "cannot read a commit of " + request.folder + ": it is not in a git work tree",
                    "Clone the fleet's repository, and name a folder in the clone.");
    }
    Source source{.path = *path};
    while (source.path.ends_with('/')) source.path.pop_back();
    if (!request.source.previous_commit.empty()) {
        source.previous_commit = TRY(repository->named(request.source.previous_commit));
    }
    return read_commit(*repository, source, TRY(repository->named(request.commit)));
}

/// The folder with git's objects, found without git: it is opened for writing before git is asked.
Result<std::string> git_folder_around(const std::string& folder) {
    std::error_code code;
    std::filesystem::path path = std::filesystem::canonical(folder, code);
    while (path.has_relative_path() && !std::filesystem::exists(path / ".git", code)) {
        path = path.parent_path();
    }
    const bool is_there = path.is_absolute() && std::filesystem::is_directory(path / ".git", code);
    if (is_there) return (path / ".git").string();
    return fail(ErrorKind::invalid,
                "cannot write a note: there is no git repository of its own around " + folder,
                "Name a folder in a clone, not in a linked work tree.");
}

Result<Revision> write_local_note(const Request& request) {
    const std::string git_folder = TRY(git_folder_around(request.folder));
    TRY(raise_fences({.readable = files_of_people(request.folder), .writable = {git_folder}}));
    TRY(start_library("", ""));
    const auto repository = Repository::open_around(request.folder);
    if (!repository || request.writing.files.size() != 1) {
        return fail(ErrorKind::invalid, "cannot write a note into " + git_folder);
    }
    const std::string commit = TRY(repository->named(request.commit));
    TRY(repository->note(commit, request.writing.files.front().content));
    return Revision{.id = commit};
}

Result<Revision> answer_to(std::string_view text) {
    const Request request = TRY(decode_request(text));
    switch (request.task) {
        case Task::read:
            return with_remote(request, fetch_and_read);
        case Task::read_accepted:
            return read_accepted_commit(request);
        case Task::accept:
            return accept_commit(request);
        case Task::read_folder:
            return read_local(request);
        case Task::write:
            return with_remote(request, commit_and_push);
        case Task::list:
            return with_remote(request, list);
        case Task::remove:
            return with_remote(request, remove_ours);
        case Task::read_commit:
            return read_local_commit(request);
        case Task::note:
            return write_local_note(request);
    }
    return fail(ErrorKind::invalid, "cannot read the request: its task is not known");
}

}  // namespace

int git_worker_main() {
    std::string answer;
    Result<void> limited = set_limits();
    Result<Revision> revision =
        limited ? answer_to(read_standard_input()) : fail(std::move(limited).error());
    if (!revision && revision.error().kind == ErrorKind::conflict) {
        revision.error().kind = ErrorKind::invalid;
    }
    if (revision) {
        append_revision(answer, *revision);
    } else {
        append_error(answer, revision.error());
    }
    return write_standard_output(answer) ? 0 : 1;
}

}  // namespace matriarch::git
