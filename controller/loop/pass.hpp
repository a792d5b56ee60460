// Pass: one round of the loop over one instance: observe, plan, check, apply, report. Read this
// first.
#pragma once

#include "controller/loop/apply.hpp"
#include "controller/loop/holder.hpp"
#include "controller/loop/observe.hpp"
#include "reconcilers/status.hpp"

namespace matriarch::controller {

struct PassResult {
    reconcilers::Steps steps{};
    /// Scheduled backups, beside them: whatever becomes of these, the instance is as wanted or not.
    reconcilers::Steps upkeep{};
    /// The upkeep of the host's disk, beside both.
    reconcilers::Steps housekeeping{};
    /// References of everything that the instance runs, wants, or would go back to.
    std::set<std::string> needed_images{};
    reconcilers::InstanceStatus status{};
    /// When to look again: at once after a change, soon while waiting, else at the interval.
    std::chrono::milliseconds next{};
    /// The first step that failed, if any; the others were tried.
    std::optional<Error> error{};
};

/// Errors: refused (the identity is damaged), unavailable.
[[nodiscard]] Result<Written> written_of(const InstanceFolder& folder);

class Pass {
 public:
    Pass(Observer& observer, Applier& applier, PullSource& puller, Holder& holder,
         const State& state)
        : observer_(observer), applier_(applier), puller_(puller), holder_(holder), state_(state) {}

    /// Errors: unavailable, stopped (the Engine could not be asked); held (there is work to do, and
    /// another controller does it).
    [[nodiscard]] Result<PassResult> run(const reconcilers::Wanted& wanted,
                                         const Discovery& discovery,
                                         std::chrono::milliseconds interval, std::stop_token stop,
                                         const reconcilers::Restraint& restraint = {},
                                         const reconcilers::Surroundings& surroundings = {});

    /// Takes away what runs of an instance whose file is gone. `wanted` is what was settled last.
    struct Removal {
        /// What was left to do, and what is in the way. Neither: it is done.
        reconcilers::Steps steps{};
        /// What stays, in words.
        std::string stays{};
        std::chrono::milliseconds next{};
    };
    [[nodiscard]] Result<Removal> remove(const reconcilers::Wanted& wanted,
                                         const Discovery& discovery,
                                         std::chrono::milliseconds interval, std::stop_token stop);

    /// The same as run() without applying anything, for instances that are suspended.
    [[nodiscard]] Result<PassResult> look(const reconcilers::Wanted& wanted,
                                          const Discovery& discovery, std::stop_token stop);

 private:
    void keep_up(const reconcilers::Wanted& wanted, const reconcilers::Steps& steps,
                 const std::string& condition, PassResult& result,
                 std::chrono::milliseconds interval, std::stop_token stop);
    [[nodiscard]] Result<reconcilers::World> observe(const reconcilers::Wanted& wanted,
                                                     const Discovery& discovery,
                                                     const reconcilers::Surroundings& surroundings,
                                                     std::stop_token stop);

    Observer& observer_;
    Applier& applier_;
    PullSource& puller_;
    Holder& holder_;
    const State& state_;
};

}  // namespace matriarch::controller
