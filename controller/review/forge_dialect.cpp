// Three tables of names, and JSON with nothing taken for granted.
#include "controller/review/forge_dialect.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "controller/base/text.hpp"

namespace matriarch::controller {

namespace json = boost::json;

namespace {

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

Result<json::value> parse_object(const std::string& body) {
    boost::system::error_code error;
    json::value value = json::parse(body, error);
    if (error || !value.is_object()) return odd();
    return value;
}

bool is_true_at(const json::value& value, const char* pointer) {
    boost::system::error_code error;
    const json::value* found = value.find_pointer(pointer, error);
    return found != nullptr && found->is_bool() && found->as_bool();
}

/// Nothing: it is against another branch, or has no commit yet.
std::optional<PullRequest> pull_against(ForgeKind kind, const json::value& one,
                                        const std::string& branch) {
    const bool is_gitlab = kind == ForgeKind::gitlab;
    PullRequest pull{.number = number_in(text_at(one, is_gitlab ? "/iid" : "/number")),
                     .head = text_at(one, is_gitlab ? "/sha" : "/head/sha"),
                     .from = text_at(one, is_gitlab ? "/source_branch" : "/head/ref"),
                     .author = text_at(one, is_gitlab ? "/author/username" : "/user/login")};
    const std::string home =
        text_at(one, is_gitlab ? "/target_project_id" : "/base/repo/full_name");
    pull.is_from_here = !home.empty() && home == text_at(one, is_gitlab ? "/source_project_id"
                                                                        : "/head/repo/full_name");
    const bool is_ours = text_at(one, is_gitlab ? "/target_branch" : "/base/ref") == branch;
    // A merge request without a commit has none yet.
    if (is_ours && pull.number > 0 && pull.head.size() == 40) return pull;
    return std::nullopt;
}

const char* word_of(ForgeKind kind, Verdict verdict) {
    if (verdict == Verdict::pending) return "pending";
    if (verdict == Verdict::success) return "success";
    return kind == ForgeKind::gitlab ? "failed" : "failure";
}

}  // namespace

int number_in(const std::string& text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
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

bool is_said_already(ForgeKind kind, const WebAnswer& answer) {
    return kind == ForgeKind::gitlab && answer.status == 400 &&
           answer.body.find("Cannot transition status") != std::string::npos;
}

Result<std::vector<PullRequest>> parse_pulls(ForgeKind kind, const std::string& body,
                                             const std::string& branch) {
    std::vector<PullRequest> pulls;
    for (const json::value& one : TRY(parse_array(body))) {
        if (auto pull = pull_against(kind, one, branch)) pulls.push_back(std::move(*pull));
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

Result<std::optional<PullRequest>> parse_merged(ForgeKind kind, const std::string& body,
                                                const std::string& branch) {
    json::array all;
    if (kind == ForgeKind::gitea) {
        all.push_back(TRY(parse_object(body)));
    } else {
        all = TRY(parse_array(body));
    }
    for (const json::value& one : all) {
        const bool is_merged = kind == ForgeKind::gitlab ? text_at(one, "/state") == "merged"
                                                         : !text_at(one, "/merged_at").empty();
        if (!is_merged) continue;
        if (auto pull = pull_against(kind, one, branch)) return pull;
    }
    return std::nullopt;
}

Result<std::vector<Approval>> parse_approvals(ForgeKind kind, const std::string& body) {
    std::vector<Approval> found;
    if (kind == ForgeKind::gitlab) {
        const json::value whole = TRY(parse_object(body));
        boost::system::error_code none;
        const json::value* by = whole.find_pointer("/approved_by", none);
        if (by == nullptr || !by->is_array()) return odd();
        for (const json::value& one : by->as_array()) {
            found.push_back({.by = text_at(one, "/user/username"), .is_given = true});
        }
        return found;
    }
    for (const json::value& one : TRY(parse_array(body))) {
        const std::string state = text_at(one, "/state");
        if (state == "COMMENTED" || state == "COMMENT" || state == "PENDING") continue;
        found.push_back({.by = text_at(one, "/user/login"),
                         .is_given = state == "APPROVED" && !is_true_at(one, "/dismissed"),
                         .head = text_at(one, "/commit_id")});
    }
    return found;
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

}  // namespace matriarch::controller
