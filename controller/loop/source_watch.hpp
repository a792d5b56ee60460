// SourceWatch: asks git for the newest commit, on a thread of its own: every poll interval, and at
// once when nudged. A commit is taken whole or not at all; the last good one stays in force while a
// newer one is broken or git cannot be reached.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "controller/loop/fleet.hpp"
#include "controller/loop/report.hpp"
#include "controller/store/journal.hpp"

namespace matriarch::controller {

/// Of one instance: what a commit would do now is not what was shown of it.
struct Departure {
    std::string instance{};
    /// The pull request that showed it; 0: none did.
    int number{0};
    /// In words.
    std::vector<std::string> what{};
};

/// What a commit comes after, and what it wants.
struct Fleets {
    const Fleet& in_force;
    const Fleet& wanted;
};

struct WatchOptions {
    git::Source source{};
    std::chrono::milliseconds poll{60'000};
    /// How long one look at git may take.
    std::chrono::milliseconds within{60'000};
    /// Takes commits that are no descendants of the one in force (force-pushes).
    bool allow_rewrite{false};
    /// What a commit must meet: its signers (see signature.hpp), and bounds.
    specs::Policy policy{};
    /// Whether people have approved of a commit; nothing: nobody needs to. Errors: refused (they
    /// have not yet), unavailable (who knows it cannot be asked); both are asked again.
    std::function<Result<void>(const git::Revision&, std::stop_token)> reviewed{};
    /// Compares what a commit would do now with what was reviewed of it; nothing: nobody reviews.
    /// Where the policy asks for it, a departure holds the commit, and so does an error; else it is
    /// said.
    std::function<Result<std::vector<Departure>>(const git::Revision&, const Fleets&,
                                                 std::stop_token)>
        departures{};
};

/// The key of the fact that says in what a commit that is in force is not as it was reviewed.
[[nodiscard]] std::string departures_fact(const std::string& commit);

class SourceWatch {
 public:
    /// `changed` is called, from the watch's thread, whenever something new is in force or known.
    SourceWatch(WatchOptions options, Journal& journal, std::function<void()> changed);
    ~SourceWatch();
    SourceWatch(const SourceWatch&) = delete;
    SourceWatch& operator=(const SourceWatch&) = delete;

    /// Looks now. Nudges while it looks lead to one more look.
    void nudge();

    /// The fleet in force; nothing before the first good commit.
    [[nodiscard]] std::shared_ptr<const Fleet> fleet() const;
    [[nodiscard]] SourceReport report() const;

 private:
    void run(std::stop_token stop);
    void look(std::stop_token stop);
    void consider(const git::Revision& revision, std::stop_token stop);
    /// Of the host's policy; a commit that does not is refused.
    [[nodiscard]] bool meets_requirements(const git::Revision& revision, const Fleet& fleet,
                                          std::stop_token stop);
    /// Whether nothing of it keeps the commit from coming into force; it says what departs.
    [[nodiscard]] bool is_as_reviewed(const git::Revision& revision, const Fleet& fleet,
                                      std::stop_token stop);
    void say_departures(const std::string& revision, const std::vector<Departure>& found);
    void take(Fleet fleet);
    void refuse(const git::Revision& revision, std::vector<Error> problems);

    WatchOptions options_;
    Journal& journal_;
    std::function<void()> changed_;
    mutable std::mutex mutex_{};
    std::condition_variable_any nudged_{};
    bool is_nudged_{false};
    std::shared_ptr<const Fleet> fleet_{};
    SourceReport report_{};
    /// The newest commit may yet be accepted without another one being pushed.
    bool looks_again_{false};
    /// It is the same one as at the look before.
    bool is_known_{false};
    std::jthread thread_{};
};

}  // namespace matriarch::controller
