// Pages are read one after the other, never more of them than a forge of people can have.
#include "controller/review/forge.hpp"

#include "controller/review/forge_dialect.hpp"

namespace matriarch::controller {

using std::chrono::steady_clock;

namespace {

/// Of pull requests: 10,000 of them, and more.
constexpr int pages_max = 400;
/// Of the comments of one pull request.
constexpr int comment_pages_max = 20;
/// Below what every forge takes (GitHub: 65,536 characters).
constexpr std::size_t comment_bytes_max = 60'000;

std::string cut(std::string text) {
    if (text.size() <= comment_bytes_max) return text;
    text.resize(text.rfind('\n', comment_bytes_max));
    return text + "\n\n*(cut: `matriarch plan` on the host says all of it)*\n";
}

}  // namespace

Result<WebAnswer> Forge::ask(const std::string& method, const std::string& path,
                             const std::string& body, std::stop_token stop) {
    if (const auto now = steady_clock::now(); now < not_before_) {
        return fail(wants_fewer_calls(std::chrono::ceil<std::chrono::seconds>(not_before_ - now)));
    }
    WebRequest request{.method = method,
                       .url = Secret(api_of(settings_) + path),
                       .headers = headers_of(settings_),
                       .body = body,
                       .stop = std::move(stop)};
    if (!body.empty()) request.headers.emplace_back("Content-Type: application/json");
    WebAnswer answer = TRY(ask_web(request));
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (is_said_already(settings_.kind, answer)) return answer;
    const Refusal refusal = refusal_of(
        answer, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    not_before_ = steady_clock::now() + refusal.wait;
    return fail(refusal.error);
}

Result<std::vector<PullRequest>> Forge::open_pulls(const std::string& branch,
                                                   std::stop_token stop) {
    std::vector<PullRequest> all;
    for (int page = 1; page <= pages_max; ++page) {
        const auto answer = TRY(ask("GET", pulls_path(settings_.kind, branch, page), "", stop));
        for (PullRequest& one : TRY(parse_pulls(settings_.kind, answer.body, branch))) {
            all.push_back(std::move(one));
        }
        if (!has_next_page(settings_.kind, answer, page)) break;
    }
    return all;
}

Result<std::optional<Merged>> Forge::merged_with(const std::string& commit,
                                                 const std::string& branch, std::stop_token stop) {
    const ForgeKind kind = settings_.kind;
    const auto found = ask("GET", merged_path(kind, commit), "", stop);
    // So Gitea says that there is none.
    if (!found && found.error().kind == ErrorKind::invalid && kind == ForgeKind::gitea) {
        return std::nullopt;
    }
    if (!found) return fail(found.error());
    const auto pull = TRY(parse_merged(kind, found->body, branch));
    if (!pull) return std::nullopt;
    Merged merged{.pull = *pull};
    for (int page = 1; page <= comment_pages_max; ++page) {
        const auto answer = TRY(ask("GET", approvals_page(kind, pull->number, page), "", stop));
        for (Approval& one : TRY(parse_approvals(kind, answer.body))) {
            merged.approvals.push_back(std::move(one));
        }
        const bool is_all = kind == ForgeKind::gitlab || !has_next_page(kind, answer, page);
        if (is_all) break;
    }
    return merged;
}

/// The first of ours; empty: there is none.
Result<std::string> Forge::own_comment(int number, std::stop_token stop) {
    const int pages = settings_.kind == ForgeKind::gitea ? 1 : comment_pages_max;
    for (int page = 1; page <= pages; ++page) {
        const auto answer = TRY(ask("GET", comments_page(settings_.kind, number, page), "", stop));
        for (const ForgeComment& comment : TRY(parse_comments(answer.body))) {
            if (comment.text.starts_with(marker_)) return comment.id;
        }
        if (!has_next_page(settings_.kind, answer, page)) break;
    }
    return std::string();
}

Result<std::string> Forge::put_comment(int number, const std::string& known,
                                       const std::string& text, std::stop_token stop) {
    const std::string body = comment_body(marker_ + "\n" + cut(text));
    const std::string id = known.empty() ? TRY(own_comment(number, stop)) : known;
    if (!id.empty()) {
        const char* method = settings_.kind == ForgeKind::gitlab ? "PUT" : "PATCH";
        const auto changed = ask(method, comment_path(settings_.kind, number, id), body, stop);
        if (changed) return id;
        // Somebody else's that begins like ours, or ours that was deleted: we write one of our own.
        const bool is_gone = changed.error().kind == ErrorKind::invalid ||
                             changed.error().kind == ErrorKind::refused;
        if (!is_gone) return fail(changed.error());
    }
    const auto answer = TRY(ask("POST", comments_path(settings_.kind, number), body, stop));
    return TRY(parse_comment(answer.body)).id;
}

Result<bool> Forge::has_pull_from(const std::string& base, const std::string& from,
                                  std::stop_token stop) {
    for (int page = 1; page <= pages_max; ++page) {
        const auto answer = TRY(ask("GET", pulls_from_path(settings_, base, from, page), "", stop));
        for (const PullRequest& one : TRY(parse_pulls(settings_.kind, answer.body, base))) {
            if (one.from == from && one.is_from_here) return true;
        }
        if (!has_next_page(settings_.kind, answer, page)) break;
    }
    return false;
}

Result<int> Forge::open_pull(const NewPull& pull, std::stop_token stop) {
    const auto answer = TRY(ask("POST", new_pull_path(settings_.kind),
                                new_pull_body(settings_.kind, pull), std::move(stop)));
    return parse_pull_number(settings_.kind, answer.body);
}

Result<void> Forge::close_pull(int number, const std::string& text, std::stop_token stop) {
    const char* method = settings_.kind == ForgeKind::gitlab ? "PUT" : "PATCH";
    TRY(ask(method, pull_path(settings_.kind, number), close_body(settings_.kind, text),
            std::move(stop)));
    return {};
}

Result<void> Forge::put_status(const CommitStatus& status, std::stop_token stop) {
    TRY(ask("POST", status_path(status.commit), status_body(settings_.kind, status), stop));
    return {};
}

}  // namespace matriarch::controller
