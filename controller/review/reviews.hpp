// Reviews: looks for pull requests against the watched branch and says in each what a merge would
// do. On a thread of its own; a forge that is slow, refuses or is down holds nothing else up.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "controller/loop/planning.hpp"
#include "controller/review/comment.hpp"
#include "controller/review/forge.hpp"
#include "controller/secrets/redactor.hpp"

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
};

/// What was said last in a pull request.
struct Said {
    std::string head{};
    /// The commit in force at that time.
    std::string base{};
    std::string comment{};
    friend bool operator==(const Said&, const Said&) = default;
};

[[nodiscard]] std::string print_said(const std::map<int, Said>& said);
/// Lines that are not ours are passed over.
[[nodiscard]] std::map<int, Said> parse_said(const std::string& text);

class Reviews {
 public:
    using Base = std::function<std::shared_ptr<const Fleet>()>;
    /// Plans instances of a fleet that is not in force.
    using Planner = std::function<Result<std::vector<Planned>>(
        const Fleet& fleet, const std::vector<specs::Instance>& instances, std::stop_token stop)>;

    /// The newest that the journal has of commits, at each instance.
    using Outcomes = std::function<std::vector<RecordedRevision>()>;
    struct Sources {
        /// The fleet in force.
        Base base{};
        Planner planner{};
        Outcomes outcomes{};
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
    /// `from` is the branch that it is merged from.
    [[nodiscard]] Result<void> review(const git::PullHead& pull, const std::string& from,
                                      const Fleet& base, std::stop_token stop);
    [[nodiscard]] Review judged(const git::Revision& revision, const Fleet& base,
                                Redactor& redactor, std::stop_token stop);
    [[nodiscard]] InstanceReview planned(const Fleet& fleet, const specs::Instance& instance,
                                         Redactor& redactor, std::stop_token stop);
    void remember(int number, Said said);
    [[nodiscard]] Result<void> tell_outcome(const std::string& commit, std::stop_token stop);

    ReviewOptions options_;
    Forge forge_;
    Sources sources_;
    /// The status told last of the commit in force.
    std::string told_outcome_{};
    std::map<int, Said> said_{};
    std::mutex mutex_{};
    std::condition_variable_any nudged_{};
    bool is_nudged_{false};
    // Last: it uses all of the above.
    std::jthread thread_{};
};

}  // namespace matriarch::controller
