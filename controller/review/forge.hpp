// Forge: where pull requests are reviewed (GitHub, Gitea, Forgejo, GitLab), over its API.
//
// Only what a reviewer sees is written: one comment that is kept up to date, and commit statuses.
// Each call waits at most half a minute; what the forge refuses or delays is for a later look.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/base/web.hpp"
#include "controller/review/forge_settings.hpp"

namespace matriarch::controller {

/// An open pull request against the watched branch.
struct PullRequest {
    int number{0};
    std::string head{};
    /// The branch that it is merged from, in whatever repository that is.
    std::string from{};
    std::string author{};
    /// That branch is in the fleet's own repository.
    bool is_from_here{false};
};

/// What somebody said of a pull request, without comments that are no verdict.
struct Approval {
    std::string by{};
    bool is_given{false};
    /// What they looked at; empty where the forge itself takes back what is older (GitLab).
    std::string head{};
};

/// The pull request that brought a commit onto the branch, and what was said of it, oldest first.
struct Merged {
    PullRequest pull{};
    std::vector<Approval> approvals{};
};

/// What is to be asked of people.
struct NewPull {
    std::string from{};
    std::string base{};
    std::string title{};
    std::string body{};
};

/// From the best to the worst.
enum class Verdict { success, pending, failure };

struct CommitStatus {
    std::string commit{};
    /// "matriarch/example-social": one line in the forge for each.
    std::string context{};
    Verdict verdict{Verdict::pending};
    /// One line of at most 140 characters; what is longer is cut.
    std::string description{};
    /// PullRequest::from: GitLab wants it for a commit that is on no branch of its own.
    std::string from{};
};

class Forge {
 public:
    /// `marker` begins our comments, and nobody else's: it is not shown.
    Forge(ForgeSettings settings, std::string marker)
        : settings_(std::move(settings)), marker_(std::move(marker)) {}

    /// Those that are open against a branch, newest first. Errors: unavailable (also: the forge
    /// wants fewer calls), refused (token), invalid (no such repository).
    [[nodiscard]] Result<std::vector<PullRequest>> open_pulls(const std::string& branch,
                                                              std::stop_token stop);

    /// Nothing: no pull request that was merged into the branch brought it there. Errors: as above.
    [[nodiscard]] Result<std::optional<Merged>> merged_with(const std::string& commit,
                                                            const std::string& branch,
                                                            std::stop_token stop);

    /// Writes our comment, or changes it where there is one already. `known` is its id, where it is
    /// known; returns its id.
    [[nodiscard]] Result<std::string> put_comment(int number, const std::string& known,
                                                  const std::string& text, std::stop_token stop);

    [[nodiscard]] Result<void> put_status(const CommitStatus& status, std::stop_token stop);

    /// Whether there ever was one from this branch of ours, open or not. Errors: as open_pulls.
    [[nodiscard]] Result<bool> has_pull_from(const std::string& base, const std::string& from,
                                             std::stop_token stop);

    /// Returns its number. Errors: as open_pulls; unavailable too where there is one.
    [[nodiscard]] Result<int> open_pull(const NewPull& pull, std::stop_token stop);

    /// Closes one of ours without merging it; `text` takes the place of what it said.
    [[nodiscard]] Result<void> close_pull(int number, const std::string& text,
                                          std::stop_token stop);

 private:
    [[nodiscard]] Result<WebAnswer> ask(const std::string& method, const std::string& path,
                                        const std::string& body, std::stop_token stop);
    [[nodiscard]] Result<std::string> own_comment(int number, std::stop_token stop);

    ForgeSettings settings_;
    std::string marker_;
    /// No call before then: the forge said so.
    std::chrono::steady_clock::time_point not_before_{};
};

}  // namespace matriarch::controller
