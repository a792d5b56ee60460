// What a forge, a registry and the update check answer, as curl prints it; and a stranger's text
// inside a comment of ours.
#include "controller/base/text.hpp"
#include "controller/review/forge_dialect.hpp"
#include "controller/review/registry.hpp"
#include "controller/review/update_check.hpp"
#include "specs/values/check.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {

using namespace controller;

namespace {

void try_registry(const WebAnswer& answer) {
    const std::string next = next_page(answer.header("link"));
    CHECK(next.empty() || next.starts_with("/v2/"), "the next page is on the same registry");
    if (const auto challenge = parse_challenge(answer.header("www-authenticate"))) {
        const std::string url = token_url(*challenge);
        CHECK(url.starts_with("https://") || is_local_url(url, "http://"), "tokens come by TLS");
    }
    static_cast<void>(parse_token(answer.body));
    static_cast<void>(parse_tags(answer.body));
    static_cast<void>(parse_update_check(answer.body));
}

}  // namespace

void try_input(std::string_view input) {
    const std::string text = in_markdown(input);
    CHECK(text.find('@') == std::string::npos, "nobody is called");
    const auto answer = parse_web_answer(std::string(input));
    if (!answer) return check_error(answer.error());
    const Refusal refusal = refusal_of(*answer, std::chrono::sys_seconds{});
    check_error(refusal.error);
    CHECK(refusal.wait <= std::chrono::hours(1), "no answer puts us to sleep");
    for (const ForgeKind kind : {ForgeKind::github, ForgeKind::gitea, ForgeKind::gitlab}) {
        static_cast<void>(has_next_page(kind, *answer, 1));
        static_cast<void>(is_said_already(kind, *answer));
        static_cast<void>(parse_approvals(kind, answer->body));
        if (const auto merged = parse_merged(kind, answer->body, "main"); merged && *merged) {
            CHECK((*merged)->number > 0, "a merged request is whole");
        }
        const auto pulls = parse_pulls(kind, answer->body, "main");
        if (!pulls) continue;
        for (const PullRequest& pull : *pulls) {
            CHECK(pull.number > 0 && pull.head.size() == 40, "a pull request is whole");
        }
    }
    try_registry(*answer);
    static_cast<void>(parse_comments(answer->body));
    if (const auto comment = parse_comment(answer->body)) {
        CHECK(!comment->id.empty(), "what was written can be found again");
    }
}

}  // namespace matriarch::fuzz
