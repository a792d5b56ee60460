// Dialect: how each forge's API names the same things. Pure. Facts: the forges' public API
// descriptions (GitHub REST 2022-11-28, Gitea 1.19 and Forgejo /api/v1, GitLab /api/v4).
#pragma once

#include <string>
#include <vector>

#include "controller/review/forge.hpp"

namespace matriarch::controller {

/// What a call begins with: "https://api.github.com/repos/people/fleet".
[[nodiscard]] std::string api_of(const ForgeSettings& forge);
[[nodiscard]] std::vector<Secret> headers_of(const ForgeSettings& forge);

/// Paths below api_of.
[[nodiscard]] std::string pulls_path(ForgeKind kind, const std::string& branch, int page);
/// Those from a branch of the repository itself, open or not.
[[nodiscard]] std::string pulls_from_path(const ForgeSettings& forge, const std::string& base,
                                          const std::string& from, int page);
/// Where one is opened.
[[nodiscard]] std::string new_pull_path(ForgeKind kind);
[[nodiscard]] std::string pull_path(ForgeKind kind, int number);
[[nodiscard]] std::string comments_path(ForgeKind kind, int number);
[[nodiscard]] std::string comments_page(ForgeKind kind, int number, int page);
[[nodiscard]] std::string comment_path(ForgeKind kind, int number, const std::string& id);
/// The pull requests that a commit came with, and the verdicts on one.
[[nodiscard]] std::string merged_path(ForgeKind kind, const std::string& commit);
[[nodiscard]] std::string approvals_page(ForgeKind kind, int number, int page);
[[nodiscard]] std::string status_path(const std::string& commit);

[[nodiscard]] std::string status_body(ForgeKind kind, const CommitStatus& status);
[[nodiscard]] std::string new_pull_body(ForgeKind kind, const NewPull& pull);
[[nodiscard]] std::string close_body(ForgeKind kind, const std::string& text);
[[nodiscard]] std::string comment_body(const std::string& text);

/// Whether there is a page after this one.
[[nodiscard]] bool has_next_page(ForgeKind kind, const WebAnswer& answer, int page);

/// GitLab refuses a state that the commit has already.
[[nodiscard]] bool is_said_already(ForgeKind kind, const WebAnswer& answer);

/// Those against the branch. Errors: unavailable (not what the API describes).
[[nodiscard]] Result<std::vector<PullRequest>> parse_pulls(ForgeKind kind, const std::string& body,
                                                           const std::string& branch);

/// The number of the one that was opened. Errors: unavailable (not what the API describes).
[[nodiscard]] Result<int> parse_pull_number(ForgeKind kind, const std::string& body);
/// The one that was merged into the branch; nothing: there is none.
[[nodiscard]] Result<std::optional<PullRequest>> parse_merged(ForgeKind kind,
                                                              const std::string& body,
                                                              const std::string& branch);
[[nodiscard]] Result<std::vector<Approval>> parse_approvals(ForgeKind kind,
                                                            const std::string& body);

struct ForgeComment {
    std::string id{};
    std::string text{};
};
[[nodiscard]] Result<std::vector<ForgeComment>> parse_comments(const std::string& body);
[[nodiscard]] Result<ForgeComment> parse_comment(const std::string& body);

/// 0: the text does not begin with a number.
[[nodiscard]] int number_in(const std::string& text);

[[nodiscard]] Error wants_fewer_calls(std::chrono::seconds wait);

/// What a refusal means; `wait` is how long the forge wants to be left alone.
struct Refusal {
    Error error{};
    std::chrono::seconds wait{};
};
[[nodiscard]] Refusal refusal_of(const WebAnswer& answer, std::chrono::sys_seconds now);

}  // namespace matriarch::controller
