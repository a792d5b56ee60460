// Connecting, listing, fetching, pushing; and what each failure means for what happens next.
#include "controller/git/remote.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include "controller/git/credentials.hpp"

namespace matriarch::git {
namespace {

constexpr const char* incoming_ref = "refs/matriarch/incoming";
constexpr const char* outgoing_ref = "refs/matriarch/outgoing";

std::string place_of(const Address& address) {
    return address.transport == Transport::local ? address.path : address.host;
}

Error network_error(const std::string& cannot, const std::string& words) {
    const auto says = [&words](const char* part) { return words.find(part) != std::string::npos; };
    Error error{.kind = ErrorKind::unavailable, .message = cannot + ": " + words};
    if (says("status code: 401") || says("status code: 403")) {
        error.kind = ErrorKind::refused;
        error.hint = "Check that the token may read this repository.";
    } else if (says("status code: 404")) {
        error.kind = ErrorKind::invalid;
        error.hint = "Check the URL; a private repository also answers so without a token.";
    } else if (says("status code: 3") || says("redirect")) {
        error.kind = ErrorKind::invalid;
        error.hint = "Redirects are not followed; write the address it redirects to.";
    }
    if (says("SSH") || says("exchange")) {
        error.hint = "If known_hosts has only an ssh-rsa key of the host, add its ed25519 one.";
    }
    return error;
}

/// The error that a failed call of libgit2 stands for.
Error error_after(int code, const Conversation& conversation) {
    if (conversation.refusal) return *conversation.refusal;
    const std::string cannot =
        std::string("cannot ") + conversation.doing + " " + place_of(conversation.errand.address);
    const std::string words = last_words();
    const git_error* last = git_error_last();
    if (code == GIT_EAUTH) {
        return {.kind = ErrorKind::refused,
                .message = cannot + ": " + words,
                .hint = "Check the token or the ssh key."};
    }
    if (code == GIT_ECERTIFICATE) {
        return {.kind = ErrorKind::refused,
                .message = cannot + ": " + words,
                .hint = "Name the file of the authority that signed the certificate."};
    }
    switch (last == nullptr ? GIT_ERROR_NONE : last->klass) {
        case GIT_ERROR_INDEXER:
        case GIT_ERROR_ODB:
        case GIT_ERROR_OBJECT:
        case GIT_ERROR_ZLIB:
        case GIT_ERROR_TREE:
        case GIT_ERROR_NOMEMORY:
            return {.kind = ErrorKind::invalid,
                    .message = cannot + ": " + words,
                    .hint = "Run git fsck in the repository that is fetched from."};
        default:
            return network_error(cannot, words);
    }
}

Error moved_on(const Errand& errand) {
    const std::string cannot = "cannot push to " + place_of(errand.address);
    return {.kind = ErrorKind::unavailable,
            .message = cannot + ": somebody else pushed to the branch at the same time",
            .hint = "It is tried again."};
}

/// Disconnects before its owner goes: the callbacks' payload lives in the caller.
struct Connection {
    RemoteOwner remote{};
    ~Connection() {
        if (remote) git_remote_disconnect(remote.get());
    }
};

Result<void> open_connection(Connection& connection, const Repository& repository,
                             Conversation& conversation, git_direction direction) {
    git_remote* remote = nullptr;
    const std::string& url = conversation.errand.address.url;
    if (git_remote_create_anonymous(&remote, repository.raw(), url.c_str()) != 0) {
        return fail_with_last_words(ErrorKind::invalid, "cannot use the repository's URL");
    }
    connection.remote.reset(remote);
    git_remote_connect_options connect = GIT_REMOTE_CONNECT_OPTIONS_INIT;
    connect.callbacks = callbacks_for(conversation);
    connect.proxy_opts.type = GIT_PROXY_NONE;
    connect.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    if (const int code = git_remote_connect_ext(remote, direction, &connect); code != 0) {
        return fail(error_after(code, conversation));
    }
    return {};
}

Result<std::string> branch_of(git_remote* remote, const Errand& errand) {
    if (!errand.request.source.branch.empty()) return errand.request.source.branch;
    git_buf name = GIT_BUF_INIT;
    const int code = git_remote_default_branch(&name, remote);
    std::string branch = code == 0 ? name.ptr : "";
    git_buf_dispose(&name);
    constexpr std::string_view prefix = "refs/heads/";
    if (!branch.starts_with(prefix)) {
        return fail(ErrorKind::invalid,
                    "cannot choose a branch of " + place_of(errand.address) +
                        ": it has no commit yet, or its HEAD names none",
                    "Push a first commit, or name the branch with --branch.");
    }
    return branch.substr(prefix.size());
}

constexpr std::string_view branches = "refs/heads/";

/// The whole name of a branch, which may be one already.
std::string ref_of(const std::string& branch) {
    return branch.starts_with("refs/") ? branch : std::string(branches) + branch;
}

/// What the remote advertises: names of refs, and their commits.
using Tips = std::map<std::string, std::string, std::less<>>;

Result<Tips> tips_of(git_remote* remote, const Errand& errand) {
    const git_remote_head** heads = nullptr;
    std::size_t count = 0;
    if (git_remote_ls(&heads, &count, remote) != 0) {
        return fail_with_last_words(ErrorKind::unavailable,
                                    "cannot list " + place_of(errand.address));
    }
    Tips tips;
    for (std::size_t i = 0; i < count; ++i) {
        tips.emplace(heads[i]->name, text_of(heads[i]->oid));
    }
    return tips;
}

Result<std::string> tip_of(git_remote* remote, const std::string& branch, const Errand& errand) {
    const Tips tips = TRY(tips_of(remote, errand));
    if (const auto found = tips.find(ref_of(branch)); found != tips.end()) return found->second;
    std::string others;
    int shown = 0;
    for (const auto& [name, tip] : tips) {
        if (!name.starts_with(branches) || shown++ >= 5) continue;
        others.append(others.empty() ? "" : ", ").append(name.substr(branches.size(), 60));
    }
    return fail(ErrorKind::invalid,
                "cannot watch branch " + branch + " of " + place_of(errand.address) +
                    ": there is no such branch",
                others.empty() ? "The repository has no branch yet; push a first commit."
                               : "It has: " + others + ".");
}

/// 7 for refs/pull/7/head and refs/merge-requests/7/head; 0 for any other.
int pull_number(std::string_view ref) {
    constexpr std::string_view ending = "/head";
    for (const std::string_view beginning : {"refs/pull/", "refs/merge-requests/"}) {
        if (!ref.starts_with(beginning) || !ref.ends_with(ending)) continue;
        ref.remove_prefix(beginning.size());
        ref.remove_suffix(ending.size());
        int number = 0;
        const auto [end, error] = std::from_chars(ref.data(), ref.data() + ref.size(), number);
        return error == std::errc{} && end == ref.data() + ref.size() && number > 0 ? number : 0;
    }
    return 0;
}

Result<std::string> incoming(const Repository& repository) {
    git_oid id;
    if (git_reference_name_to_id(&id, repository.raw(), incoming_ref) != 0) return std::string();
    return text_of(id);
}

git_fetch_options fetch_options(Conversation& conversation) {
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    options.callbacks = callbacks_for(conversation);
    options.prune = GIT_FETCH_NO_PRUNE;
    options.update_fetchhead = 0;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.proxy_opts.type = GIT_PROXY_NONE;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    return options;
}

/// Fetches the branch, which was listed as `tip`. Returns what arrived: it may have moved on since.
Result<std::string> fetch(git_remote* remote, const Repository& repository,
                          Conversation& conversation, const std::string& branch,
                          const std::string& tip) {
    if (tip == TRY(incoming(repository))) return tip;
    std::string refspec = "+" + ref_of(branch) + ":" + incoming_ref;
    char* refspecs[] = {refspec.data()};
    const git_strarray wanted{.strings = refspecs, .count = 1};
    const git_fetch_options options = fetch_options(conversation);
    if (const int code = git_remote_fetch(remote, &wanted, &options, nullptr); code != 0) {
        return fail(error_after(code, conversation));
    }
    const std::string fetched = TRY(incoming(repository));
    if (fetched.empty()) {
        return fail(ErrorKind::invalid, "cannot fetch branch " + branch + ": nothing arrived");
    }
    return fetched;
}

Result<void> push(Connection& connection, Conversation& conversation, std::string refspec) {
    char* refspecs[] = {refspec.data()};
    const git_strarray wanted{.strings = refspecs, .count = 1};
    git_push_options options = GIT_PUSH_OPTIONS_INIT;
    options.callbacks = callbacks_for(conversation);
    options.proxy_opts.type = GIT_PROXY_NONE;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    const int code = git_remote_push(connection.remote.get(), &wanted, &options);
    if (code == GIT_ENONFASTFORWARD) return fail(moved_on(conversation.errand));
    // The server's answer for the branch comes by a callback: libgit2 itself calls that success.
    if (code != 0 || conversation.refusal) return fail(error_after(code, conversation));
    return {};
}

}  // namespace

Result<std::string> fetch_tip(const Repository& repository, const Errand& errand,
                              const std::function<void(const std::string& commit)>& report) {
    Conversation conversation{.errand = errand};
    Connection connection;
    TRY(open_connection(connection, repository, conversation, GIT_DIRECTION_FETCH));
    git_remote* remote = connection.remote.get();
    const std::string branch = TRY(branch_of(remote, errand));
    const std::string tip = TRY(tip_of(remote, branch, errand));
    report(tip);
    if (tip == errand.request.source.known_commit) return tip;
    const std::string fetched = TRY(fetch(remote, repository, conversation, branch, tip));
    if (fetched != tip) report(fetched);
    return fetched;
}

Result<std::string> fetch_branch(const Repository& repository, const Errand& errand) {
    Conversation conversation{.errand = errand};
    Connection connection;
    TRY(open_connection(connection, repository, conversation, GIT_DIRECTION_FETCH));
    git_remote* remote = connection.remote.get();
    const std::string& branch = errand.request.source.branch;
    const Tips tips = TRY(tips_of(remote, errand));
    const auto found = tips.find(ref_of(branch));
    if (found == tips.end()) return std::string();
    return fetch(remote, repository, conversation, branch, found->second);
}

Result<std::vector<PullHead>> list_heads(const Repository& repository, const Errand& errand) {
    constexpr std::size_t pulls_max = 100'000;
    Conversation conversation{.errand = errand};
    Connection connection;
    TRY(open_connection(connection, repository, conversation, GIT_DIRECTION_FETCH));
    std::vector<PullHead> pulls;
    for (const auto& [ref, commit] : TRY(tips_of(connection.remote.get(), errand))) {
        const int number = pull_number(ref);
        if (number > 0 || ref.starts_with(ref_of(std::string(proposal_branches)))) {
            pulls.push_back({.number = number, .ref = ref, .commit = commit});
        }
    }
    std::sort(pulls.begin(), pulls.end(),
              [](const auto& one, const auto& other) { return one.number > other.number; });
    if (pulls.size() > pulls_max) pulls.resize(pulls_max);
    return pulls;
}

Result<void> push_branch(const Repository& repository, const Errand& errand,
                         const std::string& commit) {
    git_oid id;
    git_reference* raw_reference = nullptr;
    const bool is_named =
        git_oid_fromstr(&id, commit.c_str()) == 0 &&
        git_reference_create(&raw_reference, repository.raw(), outgoing_ref, &id, 1, nullptr) == 0;
    const ReferenceOwner reference(raw_reference);
    if (!is_named) return fail_with_last_words(ErrorKind::unavailable, "cannot name the commit");
    Conversation conversation{.errand = errand, .doing = "push to"};
    Connection connection;
    TRY(open_connection(connection, repository, conversation, GIT_DIRECTION_PUSH));
    return push(connection, conversation,
                std::string(outgoing_ref) + ":" + ref_of(errand.request.source.branch));
}

Result<void> remove_branch(const Repository& repository, const Errand& errand,
                           const std::string& commit) {
    Conversation conversation{.errand = errand, .doing = "push to"};
    Connection connection;
    TRY(open_connection(connection, repository, conversation, GIT_DIRECTION_PUSH));
    // The server is sent what it just said, and refuses where that is no longer so.
    const Tips tips = TRY(tips_of(connection.remote.get(), errand));
    const auto tip = tips.find(ref_of(errand.request.source.branch));
    if (tip == tips.end() || tip->second != commit) return fail(moved_on(errand));
    return push(connection, conversation, ":" + tip->first);
}

}  // namespace matriarch::git
