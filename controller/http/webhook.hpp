// Webhook: somebody pushed, look sooner. It carries no facts: the payload is never parsed.
//
// A signature over the raw bytes proves that the sender knows the secret. A replay only makes us
// look once more, at most once a second.
#pragma once

#include <chrono>
#include <string_view>

#include "controller/base/clock.hpp"
#include "controller/http/routes.hpp"

namespace matriarch::controller {

/// Whether a request carries a right signature, by any one of: GitHub's X-Hub-Signature-256
/// ("sha256=" and HMAC-SHA-256), Gitea's X-Gitea-Signature and Forgejo's X-Forgejo-Signature (the
/// HMAC alone), GitLab's X-Gitlab-Token (the secret itself). A header that is there twice, or a
/// wrong one beside a right one, is a no. Compared in constant time.
[[nodiscard]] bool is_signed(const Request& request, const Secret& secret);

/// 202 and a nudge, or 401.
[[nodiscard]] Answer webhook_answer(const Request& request, const Secret& secret);

/// Lets one nudge through at a time. None is lost: one that comes too early is due later.
class NudgeGate {
 public:
    explicit NudgeGate(std::chrono::milliseconds quiet) : quiet_(quiet) {}

    enum class Verdict {
        /// Pass it on now.
        now,
        /// Come back at due(), then call open().
        later,
        /// One is waiting already; nothing to do.
        joined,
    };
    [[nodiscard]] Verdict knock(SteadyTime now);
    /// When the one that waits may pass.
    [[nodiscard]] SteadyTime due() const { return last_ + quiet_; }
    /// The one that waited passes.
    void open(SteadyTime now);

 private:
    std::chrono::milliseconds quiet_;
    SteadyTime last_{};
    bool has_passed_{false};
    bool is_waiting_{false};
};

}  // namespace matriarch::controller
