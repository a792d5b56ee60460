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
};

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
