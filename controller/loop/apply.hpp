// Apply: one step, one Engine call, one journal line. No decisions here.
#pragma once

#include <functional>
#include <vector>

#include "controller/base/state.hpp"
#include "controller/engine/engine.hpp"
#include "controller/loop/observe.hpp"
#include "controller/loop/puller.hpp"
#include "controller/store/step_log.hpp"
#include "reconcilers/steps.hpp"
#include "reconcilers/wanted.hpp"

namespace matriarch::controller {

/// Told of each step as it ends: for progress on a terminal.
using StepListener =
    std::function<void(const std::string& instance, const reconcilers::Step& step,
                       const Result<void>& outcome, std::chrono::milliseconds took)>;

class Applier {
 public:
    Applier(Engine& engine, PullSource& puller, Observer& observer, StepLog& journal,
            const State& state, StepListener listener, const Machine& machine = this_machine())
        : engine_(engine),
          puller_(puller),
          observer_(observer),
          journal_(journal),
          state_(state),
          listener_(std::move(listener)),
          machine_(machine) {}

    /// Does all steps of one pass; containers side by side, since they do not depend on one
    /// another. Returns the first error after all were tried. Errors: as Engine; unavailable
    /// (disk).
    [[nodiscard]] Result<void> apply(const reconcilers::Wanted& wanted,
                                     const reconcilers::Steps& steps, const Call& call);

 private:
    [[nodiscard]] Result<void> apply_all(const reconcilers::Wanted& wanted,
                                         const std::vector<const reconcilers::Step*>& work,
                                         std::int64_t pass, const Call& call);
    [[nodiscard]] Result<void> apply_one(const reconcilers::Wanted& wanted,
                                         const reconcilers::Step& step, std::int64_t pass,
                                         const Call& call);
    [[nodiscard]] Result<void> perform(const reconcilers::Wanted& wanted,
                                       const reconcilers::Action& action, const Call& call);
    [[nodiscard]] Result<void> configure(const reconcilers::ConfigureEdge& edge, const Call& call);
    [[nodiscard]] Result<void> remember(const reconcilers::Wanted& wanted,
                                        const reconcilers::RememberFailure& failure);
    [[nodiscard]] Result<void> take(const reconcilers::Wanted& wanted,
                                    const reconcilers::TakeSecrets& secrets, const Call& call);
    [[nodiscard]] Result<void> pin(const reconcilers::Wanted& wanted,
                                   reconcilers::Identity identity);

    Engine& engine_;
    PullSource& puller_;
    Observer& observer_;
    StepLog& journal_;
    const State& state_;
    StepListener listener_;
    const Machine& machine_;
};

}  // namespace matriarch::controller
