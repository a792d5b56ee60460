// Signatures of the forges, and the gate that spares the loop.
// The body is hashed and never looked into.
#include "controller/http/webhook.hpp"

#include <array>
#include <string>

#include "controller/base/encoding.hpp"

namespace matriarch::controller {

bool is_signed(const Request& request, const Secret& secret) {
    if (secret.is_empty()) return false;
    const std::string digest = hmac_sha256(secret, request.body);
    const std::array<std::pair<std::string_view, Secret>, 4> expected{
        {{"x-hub-signature-256", Secret("sha256=" + digest)},
         {"x-gitea-signature", Secret(digest)},
         {"x-forgejo-signature", Secret(digest)},
         {"x-gitlab-token", secret}}};
    bool is_any = false;
    for (const auto& [name, value] : expected) {
        if (request.has_twice(name)) return false;
        const auto given = request.header(name);
        if (!given) continue;
        if (!value.is_same_as(Secret(*given))) return false;
        is_any = true;
    }
    return is_any;
}

Answer webhook_answer(const Request& request, const Secret& secret) {
    if (!is_signed(request, secret)) {
        return error_answer(401, "the signature is missing or wrong");
    }
    return {.status = 202, .body = "{}\n", .is_nudge = true};
}

NudgeGate::Verdict NudgeGate::knock(SteadyTime now) {
    if (is_waiting_) return Verdict::joined;
    if (has_passed_ && now < due()) {
        is_waiting_ = true;
        return Verdict::later;
    }
    open(now);
    return Verdict::now;
}

void NudgeGate::open(SteadyTime now) {
    last_ = now;
    has_passed_ = true;
    is_waiting_ = false;
}

}  // namespace matriarch::controller
