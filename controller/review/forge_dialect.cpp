// Three tables of names, and JSON with nothing taken for granted.
#include "controller/review/forge_dialect.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "controller/base/text.hpp"

namespace matriarch::controller {

namespace json = boost::json;

namespace {

/// As many to a page as the forge gives: of Gitea's 50 is the usual ceiling.
constexpr int page_size(ForgeKind kind) {
    return kind == ForgeKind::gitea ? 50 : 100;
}

std::string page_of(ForgeKind kind, int page) {
    return std::string(kind == ForgeKind::gitea ? "limit=" : "per_page=") +
           std::to_string(page_size(kind)) + "&page=" + std::to_string(page);
}

std::string text_at(const json::value& value, const char* pointer) {
    boost::system::error_code error;
    const json::value* found = value.find_pointer(pointer, error);
    if (found == nullptr) return "";
    if (found->is_string()) return std::string(found->as_string());
    return found->is_int64() ? std::to_string(found->get_int64()) : "";
}

tl::unexpected<Error> odd() {
    return fail(ErrorKind::unavailable, "the forge's answer is not what its API describes",
                "Check kind and url in the forge's file.");
}

Result<json::array> parse_array(const std::string& body) {
    boost::system::error_code error;
    json::value value = json::parse(body, error);
    if (error || !value.is_array()) return odd();
    return std::move(value.as_array());
}

int number_in(const std::string& text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

const char* word_of(ForgeKind kind, Verdict verdict) {
    if (verdict == Verdict::pending) return "pending";
    if (verdict == Verdict::success) return "success";
    return kind == ForgeKind::gitlab ? "failed" : "failure";
}

}  // namespace

std::string api_of(const ForgeSettings& forge) {
    switch (forge.kind) {
        case ForgeKind::github:
            return forge.url + "/repos/" + forge.repository;
        case ForgeKind::gitea:
            return forge.url + "/api/v1/repos/" + forge.repository;
        case ForgeKind::gitlab:
            break;
    }
    return forge.url + "/api/v4/projects/" + percent_encoded(forge.repository);
}

std::vector<Secret> headers_of(const ForgeSettings& forge) {
    const std::string token = forge.token.reveal();
    switch (forge.kind) {
        case ForgeKind::github:
            return {Secret("Authorization: Bearer " + token),
                    Secret("Accept: application/vnd.github+json"),
                    Secret("X-GitHub-Api-Version: 2022-11-28")};
        case ForgeKind::gitea:
            return {Secret("Authorization: token " + token)};
        case ForgeKind::gitlab:
            break;
    }
    return {Secret("PRIVATE-TOKEN: " + token)};
}

std::string pulls_path(ForgeKind kind, const std::string& branch, int page) {
    const std::string base = percent_encoded(branch);
    if (kind == ForgeKind::gitlab) {
        return "/merge_requests?state=opened&target_branch=" + base + "&" + page_of(kind, page);
    }
    // Not every Gitea knows a parameter for the base.
    const std::string of_base = kind == ForgeKind::github ? "&base=" + base : "";
    return "/pulls?state=open" + of_base + "&" + page_of(kind, page);
}

std::string pulls_from_path(const ForgeSettings& forge, const std::string& base,
                            const std::string& from, int page) {
    const std::string target = percent_encoded(base);
    const std::string source = percent_encoded(from);
    const std::string pages = "&" + page_of(forge.kind, page);
    switch (forge.kind) {
        case ForgeKind::github: {
            const std::string owner = forge.repository.substr(0, forge.repository.find('/'));
            return "/pulls?state=all&base=" + target + "&head=" + percent_encoded(owner + ":") +
                   source + pages;
        }
        case ForgeKind::gitea:
            return "/pulls?state=all" + pages;
        case ForgeKind::gitlab:
            break;
    }
    return "/merge_requests?state=all&target_branch=" + target + "&source_branch=" + source + pages;
}

std::string new_pull_path(ForgeKind kind) {
    return kind == ForgeKind::gitlab ? "/merge_requests" : "/pulls";
}

std::string pull_path(ForgeKind kind, int number) {
    return new_pull_path(kind) + "/" + std::to_string(number);
}

std::string comments_path(ForgeKind kind, int number) {
    if (kind == ForgeKind::gitlab) return "/merge_requests/" + std::to_string(number) + "/notes";
    return "/issues/" + std::to_string(number) + "/comments";
}

std::string comments_page(ForgeKind kind, int number, int page) {
    // Gitea gives all of them at once.
    if (kind == ForgeKind::gitea) return comments_path(kind, number);
    return comments_path(kind, number) + "?" + page_of(kind, page);
}

std::string comment_path(ForgeKind kind, int number, const std::string& id) {
    if (kind == ForgeKind::gitlab) return comments_path(kind, number) + "/" + id;
    return "/issues/comments/" + id;
}

std::string status_path(const std::string& commit) {
    return "/statuses/" + commit;
}

std::string status_body(ForgeKind kind, const CommitStatus& status) {
    const bool is_gitlab = kind == ForgeKind::gitlab;
    json::object body{{"state", word_of(kind, status.verdict)},
                      {is_gitlab ? "name" : "context", status.context},
                      {"description", shortened(status.description, 140)}};
    if (is_gitlab && !status.from.empty()) body["ref"] = status.from;
    return json::serialize(body);
}

std::string new_pull_body(ForgeKind kind, const NewPull& pull) {
    const bool is_gitlab = kind == ForgeKind::gitlab;
    return json::serialize(json::object{{"title", pull.title},
                                        {is_gitlab ? "source_branch" : "head", pull.from},
                                        {is_gitlab ? "target_branch" : "base", pull.base},
                                        {is_gitlab ? "description" : "body", pull.body}});
}

std::string close_body(ForgeKind kind, const std::string& text) {
    if (kind == ForgeKind::gitlab) {
        return json::serialize(json::object{{"state_event", "close"}, {"description", text}});
    }
    return json::serialize(json::object{{"state", "closed"}, {"body", text}});
}

std::string comment_body(const std::string& text) {
    return json::serialize(json::object{{"body", text}});
}

bool has_next_page(ForgeKind kind, const WebAnswer& answer, int page) {
    switch (kind) {
        case ForgeKind::github:
            return answer.header("link").find("rel=\"next\"") != std::string::npos;
        case ForgeKind::gitea:
            return page * page_size(kind) < number_in(answer.header("x-total-count"));
        case ForgeKind::gitlab:
            break;
    }
    return !answer.header("x-next-page").empty();
}

bool is_said_already(ForgeKind kind, const WebAnswer& answer) {
    return kind == ForgeKind::gitlab && answer.status == 400 &&
           answer.body.find("Cannot transition status") != std::string::npos;
}

Result<std::vector<PullRequest>> parse_pulls(ForgeKind kind, const std::string& body,
                                             const std::string& branch) {
    const bool is_gitlab = kind == ForgeKind::gitlab;
    std::vector<PullRequest> pulls;
    for (const json::value& one : TRY(parse_array(body))) {
        PullRequest pull{.number = number_in(text_at(one, is_gitlab ? "/iid" : "/number")),
                         .head = text_at(one, is_gitlab ? "/sha" : "/head/sha"),
                         .from = text_at(one, is_gitlab ? "/source_branch" : "/head/ref")};
        const std::string home =
            text_at(one, is_gitlab ? "/target_project_id" : "/base/repo/full_name");
        pull.is_from_here =
            !home.empty() &&
            home == text_at(one, is_gitlab ? "/source_project_id" : "/head/repo/full_name");
        const bool is_ours = text_at(one, is_gitlab ? "/target_branch" : "/base/ref") == branch;
        // A merge request without a commit has none yet.
        if (is_ours && pull.number > 0 && pull.head.size() == 40) pulls.push_back(std::move(pull));
    }
    return pulls;
}

Result<int> parse_pull_number(ForgeKind kind, const std::string& body) {
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    const char* name = kind == ForgeKind::gitlab ? "/iid" : "/number";
    const int number = error ? 0 : number_in(text_at(value, name));
    if (number <= 0) return odd();
    return number;
}

Result<std::vector<ForgeComment>> parse_comments(const std::string& body) {
    std::vector<ForgeComment> comments;
    for (const json::value& one : TRY(parse_array(body))) {
        comments.push_back({.id = text_at(one, "/id"), .text = text_at(one, "/body")});
    }
    return comments;
}

Result<ForgeComment> parse_comment(const std::string& body) {
    boost::system::error_code error;
    const json::value value = json::parse(body, error);
    ForgeComment comment;
    if (!error && value.is_object()) comment = {text_at(value, "/id"), text_at(value, "/body")};
    if (comment.id.empty()) return odd();
    return comment;
}

Error wants_fewer_calls(std::chrono::seconds wait) {
    // The message is the same each time: it is said once.
    return {.kind = ErrorKind::unavailable,
            .message = "the forge wants fewer calls",
            .hint = "The next one is in " + std::to_string(wait.count()) + " s."};
}

Refusal refusal_of(const WebAnswer& answer, std::chrono::sys_seconds now) {
    const int status = answer.status;
    const bool is_spent = answer.header("x-ratelimit-remaining") == "0" ||
                          answer.header("ratelimit-remaining") == "0";
    if (status == 429 || (status == 403 && (is_spent || !answer.header("retry-after").empty()))) {
        const std::string reset = answer.header("x-ratelimit-reset").empty()
                                      ? answer.header("ratelimit-reset")
                                      : answer.header("x-ratelimit-reset");
        auto wait = std::chrono::seconds(number_in(answer.header("retry-after")));
        if (wait.count() == 0 && !reset.empty()) {
            wait = std::chrono::seconds(number_in(reset)) - now.time_since_epoch();
        }
        // Neither a clock that is wrong nor a server that is makes us ask without a pause.
        wait =
            std::clamp<std::chrono::seconds>(wait, std::chrono::seconds(1), std::chrono::hours(1));
        return {.error = wants_fewer_calls(wait), .wait = wait};
    }
    const std::string said = "the forge answers " + std::to_string(status);
    if (status == 401 || status == 403) {
        return {.error = {.kind = ErrorKind::refused,
                          .message = said + ": it does not take the token for this",
                          .hint = "It must be allowed to read pull requests and to write comments "
                                  "and commit statuses; to propose releases, pull requests too."}};
    }
    if (status == 404) {
        return {.error = {.kind = ErrorKind::invalid,
                          .message = said + ": there is no such repository or pull request, or the "
                                            "token may not see it",
                          .hint = "Check repository, url and token in the forge's file."}};
    }
    return {.error = {.kind = ErrorKind::unavailable, .message = said}};
}

}  // namespace matriarch::controller
