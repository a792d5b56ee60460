// Reviews: looks for pull requests against the watched branch and says in each what a merge would
// do. On a thread of its own; a forge that is slow, refuses or is down holds nothing else up.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "controller/review/forge.hpp"
#include "controller/review/judge.hpp"

namespace matriarch::controller {

struct ReviewOptions {
    /// The fleet's repository and folder, with a state folder of its own.
    git::Source source{};
    /// The watched branch, as the forge calls it.
    std::string branch{};
    std::chrono::milliseconds poll{60'000};
    /// How long one look at git may take.
    std::chrono::milliseconds within{60'000};
    /// What was said, in a file; may be lost: then it is said again in the same place.
    std::filesystem::path file{};
    /// What a merged commit will have to meet.
    specs::Policy policy{};
};

/// What was said last in a pull request.
struct Said {
    std::string head{};
    /// The commit in force at that time.
    std::string base{};
    std::string comment{};
    /// What it says is not all yet: a rehearsal is under way.
    bool is_waiting{false};
    /// It was planned while the commit in force was not reached yet: it is planned again once it
    /// is, since what was left to do then is no part of the pull request.
    bool is_early{false};
    friend bool operator==(const Said&, const Said&) = default;
};

[[nodiscard]] std::string print_said(const std::map<int, Said>& said);
/// Lines that are not ours are passed over.
[[nodiscard]] std::map<int, Said> parse_said(const std::string& text);

class Reviews {
 public:
    using Base = std::function<std::shared_ptr<const Fleet>()>;
    /// The newest that the journal has of commits, at each instance.
    using Outcomes = std::function<std::vector<RecordedRevision>()>;
    struct Sources {
        /// The fleet in force.
        Base base{};
        /// What git says, and why its newest commit is not in force.
        std::function<SourceReport()> source{};
        Planner planner{};
        Rehearse rehearse{};
        Outcomes outcomes{};
        /// In what a commit is not as it was reviewed; empty: in nothing.
        std::function<std::string(const std::string& commit)> otherwise{};
        /// Keeps what a pull request was said to do.
        std::function<Result<void>(int number, const std::vector<ReviewedPlan>&)> keep{};
    };

    /// The sources are asked from the thread of the reviews.
    Reviews(ReviewOptions options, Forge forge, Sources sources);
    ~Reviews();
    Reviews(const Reviews&) = delete;
    Reviews& operator=(const Reviews&) = delete;

    /// Looks now.
    void nudge();

 private:
    void run(std::stop_token stop);
    [[nodiscard]] Result<void> look(std::stop_token stop);
    /// Of these heads those that are open, with the branch that each is merged from.
    [[nodiscard]] Result<std::map<int, std::string>> open_of(
        const std::vector<git::PullHead>& pulls, const std::string& base, std::stop_token stop);
    /// `from` is the branch that it is merged from.
    [[nodiscard]] Result<void> review(const git::PullHead& pull, const std::string& from,
                                      const Fleet& base, std::stop_token stop);
    void remember(int number, Said said);
    /// Whether something has ended that a comment waits for.
    [[nodiscard]] bool has_news(int number, const Said& said) const;
    [[nodiscard]] Result<void> tell_outcome(const std::string& commit, std::stop_token stop);
    /// That a commit is not in force, and why.
    [[nodiscard]] Result<void> tell_refusal(std::stop_token stop);
    /// As tell() of a status that was told already: nothing.
    [[nodiscard]] Result<void> tell(const CommitStatus& status, std::stop_token stop);

    ReviewOptions options_;
    Forge forge_;
    Sources sources_;
    /// The status told last of each commit.
    std::map<std::string, std::string> told_{};
    std::map<int, Said> said_{};
    /// The last look ended before it had come to all that is new.
    bool is_cut_{false};
    /// What the forge said is open, and of what.
    struct Open {
        std::vector<git::PullHead> pulls{};
        std::string base{};
        std::map<int, std::string> from{};
    };
    std::optional<Open> open_{};
    /// Instances and releases whose rehearsals a pull request waits for.
    std::map<int, std::vector<std::pair<std::string, specs::Version>>> waiting_{};
    /// Instances that were not settled when a pull request was planned.
    std::map<int, std::set<std::string>> unsettled_{};
    std::mutex mutex_{};
    std::condition_variable_any nudged_{};
    bool is_nudged_{false};
    // Last: it uses all of the above.
    std::jthread thread_{};
};

}  // namespace matriarch::controller
