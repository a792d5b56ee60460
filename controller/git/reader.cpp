// The parent's side: one child per question, and what each way it can end means for the caller.
#include "controller/git/reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "controller/git/address.hpp"
#include "controller/git/child.hpp"
#include "controller/git/wire.hpp"

namespace matriarch::git {
namespace {

constexpr std::size_t answer_bytes_max = 16 * std::size_t{1024} * 1024;
constexpr std::size_t token_bytes_max = 4096;

/// Refuses a secret file that others on this machine can read.
Result<void> check_private(int file, const std::string& path) {
    struct stat facts {};
    if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return fail(ErrorKind::refused, "cannot use " + path + ": it is not a file");
    }
    if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fail(ErrorKind::refused, "cannot use " + path + ": other users can read it",
                    "Run: chmod 600 " + path + ".");
    }
    return {};
}

/// The text of a secret file (empty path: nothing), without the line's end.
Result<Secret> read_secret(const std::string& path) {
    if (path.empty()) return Secret();
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return fail(ErrorKind::refused, "cannot use " + path + ": " + std::strerror(errno));
    }
    Result<void> is_private = check_private(file, path);
    std::string text(token_bytes_max + 1, '\0');
    const ssize_t count = is_private ? ::read(file, text.data(), text.size()) : 0;
    ::close(file);
    TRY(std::move(is_private));
    if (count <= 0 || static_cast<std::size_t>(count) > token_bytes_max) {
        return fail(ErrorKind::refused, "cannot use " + path + ": it is empty or above 4 KiB");
    }
    text.resize(static_cast<std::size_t>(count));
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return Secret(std::move(text));
}

Result<Secret> token_of(const Source& source) {
    if (!source.token_file.empty() || source.token_variable.empty()) {
        return read_secret(source.token_file);
    }
    const char* value = std::getenv(source.token_variable.c_str());
    if (value == nullptr || *value == '\0') {
        return fail(ErrorKind::refused, "cannot use the token in " + source.token_variable +
                                            ": the variable is not set");
    }
    return Secret(value);
}

Result<void> check_key_file(const std::string& path) {
    if (path.empty()) return {};
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) {
        return fail(ErrorKind::refused, "cannot use " + path + ": " + std::strerror(errno));
    }
    Result<void> is_private = check_private(file, path);
    ::close(file);
    return is_private;
}

/// "commit 9f2c...", as far as the child got.
std::string subject_of(const Fields& fields) {
    std::string tip;
    for (const Field& field : fields.list) {
        if (field.name == "tip" && is_commit_id(field.value)) tip = field.value;
    }
    return tip.empty() ? "the repository" : "commit " + tip;
}

std::string in_seconds(std::chrono::milliseconds time) {
    const auto tenths = time.count() / 100;
    return std::to_string(tenths / 10) +
           (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " s";
}

/// The first line of what the child complained about, as far as it is printable.
std::string first_line(const std::string& complaint) {
    std::string line;
    for (const char c : complaint.substr(0, 200)) {
        if (c == '\n') break;
        line += c >= ' ' && c <= '~' ? c : '?';
    }
    return line.empty() ? "" : " (" + line + ")";
}

Result<Revision> ask(const Request& request, std::chrono::milliseconds within,
                     std::stop_token stop) {
    const ChildRun run =
        TRY(run_worker(encode_request(request), answer_bytes_max, within, std::move(stop)));
    const Fields fields = parse_fields(run.output);
    const std::string cannot = "cannot read " + subject_of(fields);
    switch (run.ending) {
        case Ending::stopped:
            return fail(ErrorKind::stopped, cannot + ": stopping");
        case Ending::too_late:
            return fail(ErrorKind::unavailable,
                        cannot + ": it was not done within " + in_seconds(within));
        case Ending::too_much:
            return fail(ErrorKind::invalid, cannot + ": it is larger than 16 MiB");
        case Ending::killed_by_signal:
            return fail(ErrorKind::invalid,
                        cannot + ": the reader was ended by signal " + std::to_string(run.code) +
                            " (" + ::strsignal(run.code) + ")" + first_line(run.complaint),
                        "Nothing was changed; revert that commit, and report this as a bug.");
        case Ending::exited:
            break;
    }
    if (!fields.is_whole) {
        return fail(ErrorKind::invalid, cannot + ": the reader ended with code " +
                                            std::to_string(run.code) + " before it was done" +
                                            first_line(run.complaint));
    }
    return decode_answer(fields);
}

/// With what the remote asks for.
Result<Revision> ask_remote(Request request, std::chrono::milliseconds within,
                            std::stop_token stop) {
    const Source& source = request.source;
    const Address address = TRY(parse_address(source.url, source.allow_insecure));
    if (address.transport == Transport::https) request.token = TRY(token_of(source));
    if (address.transport == Transport::ssh) TRY(check_key_file(source.ssh_key_file));
    return ask(request, within, std::move(stop));
}

}  // namespace

bool Revision::is_readable() const {
    return std::none_of(problems.begin(), problems.end(),
                        [](const Problem& problem) { return problem.is_error; }) &&
           std::none_of(files.begin(), files.end(),
                        [](const File& file) { return file.error.has_value(); });
}

const char* to_text(Relation relation) {
    switch (relation) {
        case Relation::unknown:
            return "unknown";
        case Relation::same:
            return "same";
        case Relation::fast_forward:
            return "fast-forward";
        case Relation::rewritten:
            return "rewritten";
    }
    return "unknown";
}

Result<Revision> read_revision(const Source& source, std::chrono::milliseconds within,
                               std::stop_token stop) {
    return ask_remote({.task = Task::read, .source = source}, within, std::move(stop));
}

Result<std::vector<PullHead>> list_pulls(const Source& source, std::chrono::milliseconds within,
                                         std::stop_token stop) {
    auto pulls =
        TRY(ask_remote({.task = Task::list, .source = source}, within, std::move(stop))).pulls;
    std::erase_if(pulls, [](const PullHead& pull) { return pull.number == 0; });
    return pulls;
}

Result<std::vector<BranchHead>> list_proposals(const Source& source,
                                               std::chrono::milliseconds within,
                                               std::stop_token stop) {
    constexpr std::string_view whole = "refs/heads/";
    const Revision listed =
        TRY(ask_remote({.task = Task::list, .source = source}, within, std::move(stop)));
    std::vector<BranchHead> branches;
    for (const PullHead& head : listed.pulls) {
        if (head.number != 0 || !head.ref.starts_with(whole)) continue;
        branches.push_back({.name = head.ref.substr(whole.size()), .commit = head.commit});
    }
    return branches;
}

Result<bool> remove_proposal(const Source& source, std::chrono::milliseconds within,
                             std::stop_token stop) {
    const Request request{.task = Task::remove, .source = source};
    return !TRY(ask_remote(request, within, std::move(stop))).id.empty();
}

Result<std::string> write_branch(const Source& source, const Writing& writing,
                                 std::chrono::milliseconds within, std::stop_token stop) {
    const Request request{.task = Task::write, .source = source, .writing = writing};
    return TRY(ask_remote(request, within, std::move(stop))).id;
}

Result<void> write_note(const std::string& folder, const std::string& commit,
                        const std::string& text, std::chrono::milliseconds within,
                        std::stop_token stop) {
    const Request request{.task = Task::note,
                          .commit = commit,
                          .folder = folder,
                          .writing = {.files = {{.path = "note", .content = text}}}};
    TRY(ask(request, within, std::move(stop)));
    return {};
}

Result<std::optional<Revision>> read_accepted(const Source& source,
                                              std::chrono::milliseconds within,
                                              std::stop_token stop) {
    Revision revision =
        TRY(ask({.task = Task::read_accepted, .source = source}, within, std::move(stop)));
    if (revision.id.empty()) return std::nullopt;
    return revision;
}

Result<void> accept(const Source& source, const std::string& commit,
                    std::chrono::milliseconds within, std::stop_token stop) {
    static_cast<void>(TRY(
        ask({.task = Task::accept, .source = source, .commit = commit}, within, std::move(stop))));
    return {};
}

Result<Revision> read_folder(const std::string& folder, std::chrono::milliseconds within,
                             std::stop_token stop) {
    return ask({.task = Task::read_folder, .folder = folder}, within, std::move(stop));
}

Result<Revision> read_commit(const std::string& folder, const std::string& commit,
                             const std::string& earlier, std::chrono::milliseconds within,
                             std::stop_token stop) {
    return ask({.task = Task::read_commit,
                .source = {.previous_commit = earlier},
                .commit = commit,
                .folder = folder},
               within, std::move(stop));
}

}  // namespace matriarch::git
