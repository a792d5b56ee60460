// Holder: one controller at a time on an instance, wherever each of them runs.
//
// The Engine has no lease. What it decides by itself is whose labels a volume gets that two make at
// once: the first one's, and for good. So whoever holds an instance has written his id on an empty
// volume NAME-holder-1; who takes over makes NAME-holder-2, and the highest number counts. No clock
// is asked and nothing is renewed: a controller that was killed finds itself the holder when it is
// back, and another one stands by until a person says `matriarch take-over NAME`.
#pragma once

#include <string>

#include "controller/engine/engine.hpp"
#include "controller/store/self.hpp"
#include "controller/store/step_log.hpp"

namespace matriarch::controller {

class Holder {
 public:
    /// Engine and log must outlive it.
    Holder(Engine& engine, StepLog& log, Self self)
        : engine_(engine), log_(log), self_(std::move(self)) {}

    /// Before anything is changed: makes sure that this controller holds the instance. Where nobody
    /// does, it does from now on. Errors: held (another one does), unavailable, stopped.
    [[nodiscard]] Result<void> confirm(const std::string& instance, const Call& call);

    /// What a person asked for: whoever held it does not any more. Errors: held (a third one was
    /// quicker), unavailable, stopped.
    [[nodiscard]] Result<void> take_over(const std::string& instance, const Call& call);

 private:
    /// The claim with the highest number; 0: there is none.
    struct Claim {
        int number{0};
        std::string id{};
        std::string place{};
        std::string since{};
    };
    [[nodiscard]] Result<Claim> newest(const std::string& instance, const Call& call);
    [[nodiscard]] Result<void> claim(const std::string& instance, int number,
                                     const std::string& reason, const Call& call);
    [[nodiscard]] Result<Claim> claim_after(const Claim& last, const std::string& instance,
                                            const std::string& reason, const Call& call);
    [[nodiscard]] Result<void> mine(const std::string& instance, const Claim& claim) const;

    Engine& engine_;
    StepLog& log_;
    Self self_;
};

}  // namespace matriarch::controller
