// A push is believed when it is signed, in the way of four forges, and knocks once a second at
// most.
#include "controller/http/webhook.hpp"

#include <gtest/gtest.h>

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;

// The example of GitHub's documentation, "Validating webhook deliveries".
constexpr const char* github_secret = "It's a Secret to Everybody";
constexpr const char* github_body = "Hello, World!";
const std::string github_digest =
    "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

Request post(std::vector<std::pair<std::string, std::string>> headers,
             const std::string& body = github_body) {
    headers.emplace_back("host", "localhost");
    return {.verb = "POST", .target = "/webhook", .headers = std::move(headers), .body = body};
}

bool is_believed(const Request& request) {
    return is_signed(request, Secret(github_secret));
}

TEST(Webhook, KnowsTheSignaturesOfFourForges) {
    EXPECT_TRUE(is_believed(post({{"x-hub-signature-256", "sha256=" + github_digest}})));
    EXPECT_TRUE(is_believed(post({{"x-gitea-signature", github_digest}})));
    EXPECT_TRUE(is_believed(post({{"x-forgejo-signature", github_digest}})));
    EXPECT_TRUE(is_believed(post({{"x-gitlab-token", github_secret}})));
    EXPECT_TRUE(is_believed(post({{"x-gitea-signature", github_digest},
                                  {"x-forgejo-signature", github_digest},
                                  {"x-hub-signature-256", "sha256=" + github_digest}})));
}

TEST(Webhook, BelievesNothingElse) {
    std::string almost = github_digest;
    almost.back() = '8';
    EXPECT_FALSE(is_believed(post({})));
    EXPECT_FALSE(is_believed(post({{"x-hub-signature-256", "sha256=" + almost}})));
    EXPECT_FALSE(is_believed(post({{"x-hub-signature-256", github_digest}})));
    EXPECT_FALSE(is_believed(post({{"x-hub-signature-256", ""}})));
    EXPECT_FALSE(is_believed(post({{"x-hub-signature", "sha1=" + github_digest}})));
    EXPECT_FALSE(is_believed(post({{"x-gitea-signature", github_digest}}, "Hello, World?")));
    EXPECT_FALSE(is_believed(post({{"x-gitlab-token", github_digest}})));
    EXPECT_FALSE(is_believed(
        post({{"x-gitea-signature", github_digest}, {"x-gitea-signature", github_digest}})));
    EXPECT_FALSE(
        is_believed(post({{"x-gitea-signature", github_digest}, {"x-gitlab-token", "wrong"}})));
    EXPECT_FALSE(is_signed(post({{"x-gitlab-token", ""}}), Secret()));
}

TEST(Webhook, DoesNotExistWithoutASecret) {
    const Routes without({}, {});
    const Request request = post({{"x-gitlab-token", ""}});
    EXPECT_EQ(without.answer(request).status, 404);
    EXPECT_FALSE(without.wants_body(request));
}

TEST(Webhook, NudgesAndReadsTheBodyOnlyWhereItMatters) {
    const Routes routes({.webhook_secret = Secret(github_secret)}, {});
    const Request good = post({{"x-gitea-signature", github_digest}});
    EXPECT_TRUE(routes.wants_body(good));
    EXPECT_EQ(routes.answer(good).status, 202);
    EXPECT_TRUE(routes.answer(good).is_nudge);
    const Answer bad = routes.answer(post({{"x-gitea-signature", "00"}}));
    EXPECT_EQ(bad.status, 401);
    EXPECT_FALSE(bad.is_nudge);
    Request elsewhere = good;
    elsewhere.target = "/healthz";
    EXPECT_FALSE(routes.wants_body(elsewhere));
    Request stranger = good;
    stranger.headers.back().second = "evil.example";
    EXPECT_FALSE(routes.wants_body(stranger));
    EXPECT_FALSE(routes.answer(stranger).is_nudge);
}

TEST(NudgeGate, LetsOneThroughAndKeepsTheNextForLater) {
    NudgeGate gate(1s);
    const SteadyTime start{};
    EXPECT_EQ(gate.knock(start), NudgeGate::Verdict::now);
    EXPECT_EQ(gate.knock(start + 100ms), NudgeGate::Verdict::later);
    EXPECT_EQ(gate.due(), start + 1s);
    EXPECT_EQ(gate.knock(start + 200ms), NudgeGate::Verdict::joined);
    EXPECT_EQ(gate.knock(start + 1'500ms), NudgeGate::Verdict::joined);  // its timer is late
    gate.open(start + 1'600ms);
    EXPECT_EQ(gate.knock(start + 1'700ms), NudgeGate::Verdict::later);
    gate.open(start + 2'600ms);
    EXPECT_EQ(gate.knock(start + 9s), NudgeGate::Verdict::now);
}

}  // namespace
}  // namespace matriarch::controller
