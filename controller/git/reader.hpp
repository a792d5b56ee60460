// Reading a fleet repository or folder: what the rest of the program calls.
//
//     const Revision revision = TRY(read_revision(source, 30s, stop));
//     if (!revision.unchanged) ...            // facts of the commit, files, problems
//     TRY(accept(source, revision.id, 5s, stop));
//
// Git and YAML are only ever touched in a child process with limits, which is killed at its
// deadline. Nothing here writes outside `state_folder`, checks anything out, or runs anything.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "specs/values/result.hpp"

namespace matriarch::git {

/// A fleet repository, and how to reach it.
struct Source {
    /// https://host/path, ssh://user@host/path, user@host:path, file:///path or /path. http:// and
    /// git:// only to loopback, or with allow_insecure.
    std::string url{};
    /// Empty: the branch that the remote's HEAD names. A whole name: refs/pull/7/head.
    std::string branch{};
    /// The watched folder inside the repository; empty: all of it.
    std::string path{};
    /// Ours alone, mode 0700: the bare clone lives here. One source, one folder.
    std::string state_folder{};
    /// A file (mode 0600) or the name of an environment variable with the token for https.
    std::string token_file{};
    std::string token_variable{};
    /// PEM file with the certificate authorities to trust for https instead of the system's.
    std::string ca_file{};
    /// Private key without passphrase (ed25519 or ecdsa), and OpenSSH's known_hosts, for ssh.
    std::string ssh_key_file{};
    std::string known_hosts_file{};
    /// The commit accepted last: the relation is to this one. Empty: none yet.
    std::string previous_commit{};
    /// The commit seen last, good or bad: if the branch still names it, nothing is fetched or
    /// parsed.
    std::string known_commit{};
    /// Allows http:// and git:// to other hosts. A token is never sent over http.
    bool allow_insecure{false};
};

/// How a commit relates to the one accepted last.
enum class Relation {
    /// There is no earlier commit, or the clone no longer holds it.
    unknown,
    same,
    /// A descendant.
    fast_forward,
    /// Not a descendant: the branch was force-pushed, reset or replaced.
    rewritten,
};

enum class FileKind {
    /// *.yaml, *.yml: `content` is the tree for specs::decode(content, shown).
    yaml,
    /// *.age: `content` is the raw, still encrypted bytes.
    secrets,
};

/// One file of the fleet.
struct File {
    /// Relative to the watched folder.
    std::string path{};
    /// As messages name it: relative to the top of the repository, or below the folder as given.
    std::string shown{};
    FileKind kind{FileKind::yaml};
    /// Empty where there is an error.
    std::string content{};
    /// Why it could not be parsed; `where` is file:line:column.
    std::optional<Error> error{};
};

/// Something in the folder that was not read, or only read with a remark.
struct Problem {
    std::string path{};
    std::string message{};
    /// False: worth a line in the report. True: the revision must not be accepted.
    bool is_error{true};
};

/// The head of a pull request (GitHub, Gitea, Forgejo) or merge request (GitLab).
struct PullHead {
    int number{0};
    std::string ref{};
    std::string commit{};
    friend bool operator==(const PullHead&, const PullHead&) = default;
};

/// More commits than this at once are nobody's merge.
inline constexpr std::size_t since_max = 100;

/// One commit of the watched branch, or the state of a local folder.
struct Revision {
    /// 40 hex digits; empty for a folder outside git.
    std::string id{};
    std::string author{};
    std::string email{};
    std::string subject{};
    /// When it was committed.
    std::chrono::sys_seconds time{};
    std::vector<std::string> parents{};
    /// As the commit carries it (OpenSSH's or OpenPGP's armor), and the bytes it is over; not
    /// checked. Empty: none, or one above 64 KiB.
    std::string signature{};
    std::string signed_bytes{};
    Relation relation{Relation::unknown};
    /// What the branch went through since the commit accepted last, by first parents, newest first;
    /// at most since_max + 1. Only this one where there is no earlier commit.
    std::vector<std::string> since{};
    /// The other parents of those: what was merged, without what the commit accepted last has in
    /// it already; at most since_max.
    std::vector<std::string> merged{};
    /// The branch still names `known_commit`: only `id` is filled in.
    bool unchanged{false};
    /// Folders only: the work tree differs from `id` below the folder.
    bool is_dirty{false};
    /// Sorted by path.
    std::vector<File> files{};
    std::vector<Problem> problems{};
    /// Files that are none of a fleet, by their names: some of them, sorted.
    std::vector<std::string> passed_over{};
    /// What list_pulls found, and nothing else.
    std::vector<PullHead> pulls{};

    /// Nothing in it forbids accepting it (the meaning of the files is specs' business).
    [[nodiscard]] bool is_readable() const;
};

/// Asks the remote for the branch's tip, fetches it if it is new, and reads the watched folder.
///
/// Errors: unavailable (remote not reached in time, network), invalid (no such branch or folder,
/// bad repository, too large, or the reader crashed on it), refused (host key, certificate,
/// credential, insecure transport), stopped.
[[nodiscard]] Result<Revision> read_revision(const Source& source, std::chrono::milliseconds within,
                                             std::stop_token stop);

/// Reads the commit accepted last from our clone, without the network. Nothing: none was accepted.
///
/// Errors: invalid (the clone is damaged; the next read_revision makes it anew), stopped.
[[nodiscard]] Result<std::optional<Revision>> read_accepted(const Source& source,
                                                            std::chrono::milliseconds within,
                                                            std::stop_token stop);

/// Remembers a commit of our clone as the last good one (refs/matriarch/accepted).
///
/// Errors: invalid (the clone does not hold that commit), unavailable (disk), stopped.
[[nodiscard]] Result<void> accept(const Source& source, const std::string& commit,
                                  std::chrono::milliseconds within, std::stop_token stop);

/// Reads a plain local folder by the same rules; `id` and `is_dirty` if it is inside a git work
/// tree.
///
/// Errors: invalid (no such folder), stopped.
[[nodiscard]] Result<Revision> read_folder(const std::string& folder,
                                           std::chrono::milliseconds within, std::stop_token stop);

/// Reads a local folder as it was in a commit ("main", "HEAD~1", "v1.2") of the repository around
/// it. The relation is to `earlier`, which may be empty.
///
/// Errors: invalid (no repository, no such commit, no such folder in it), stopped.
[[nodiscard]] Result<Revision> read_commit(const std::string& folder, const std::string& commit,
                                           const std::string& earlier,
                                           std::chrono::milliseconds within, std::stop_token stop);

/// The heads of all pull requests that the remote has, closed ones too; at most 100,000, those with
/// the highest numbers. Fetches nothing. Errors: as read_revision.
[[nodiscard]] Result<std::vector<PullHead>> list_pulls(const Source& source,
                                                       std::chrono::milliseconds within,
                                                       std::stop_token stop);

/// Makes the child of the next question now, by fork: to load the program anew takes 20 ms. Only at
/// the beginning of main(), while there is one thread and nothing was read but the arguments and
/// the environment, which the child wipes. Where it fails, the question makes its child itself.
void fork_reader();

/// The name of a relation in logs and JSON.
[[nodiscard]] const char* to_text(Relation relation);

/// For tests: the program started as `PROGRAM git-worker` instead of /proc/self/exe. Empty: undo.
void set_worker_program(std::string program);

}  // namespace matriarch::git
