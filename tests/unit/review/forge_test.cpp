// What is asked of each forge, and what its answers mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "controller/review/forge_dialect.hpp"
#include "controller/review/reviews.hpp"
#include "specs/yaml.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

ForgeSettings forge(ForgeKind kind) {
    return {.kind = kind,
            .url = "https://forge.example",
            .repository = "people/fleet",
            .token = Secret("canary-token")};
}

TEST(ForgeDialect, NamesTheSameThingsAsEachForgeDoes) {
    EXPECT_EQ(api_of(forge(ForgeKind::github)), "https://forge.example/repos/people/fleet");
    EXPECT_EQ(api_of(forge(ForgeKind::gitea)), "https://forge.example/api/v1/repos/people/fleet");
    EXPECT_EQ(api_of(forge(ForgeKind::gitlab)),
              "https://forge.example/api/v4/projects/people%2Ffleet");
    EXPECT_EQ(pulls_path(ForgeKind::github, "a/b", 2),
              "/pulls?state=open&base=a%2Fb&per_page=100&page=2");
    EXPECT_EQ(pulls_path(ForgeKind::gitlab, "main", 1),
              "/merge_requests?state=opened&target_branch=main&per_page=100&page=1");
    EXPECT_EQ(comment_path(ForgeKind::gitea, 7, "12"), "/issues/comments/12");
    EXPECT_EQ(comment_path(ForgeKind::gitlab, 7, "12"), "/merge_requests/7/notes/12");
    const CommitStatus failed{.commit = "c", .context = "matriarch", .verdict = Verdict::failure};
    EXPECT_THAT(status_body(ForgeKind::gitea, failed), HasSubstr(R"("state":"failure")"));
    EXPECT_THAT(status_body(ForgeKind::gitlab, failed), HasSubstr(R"("state":"failed","name")"));
}

TEST(ForgeDialect, CutsADescriptionThatNoForgeTakes) {
    const CommitStatus status{.description = std::string(500, 'a')};
    EXPECT_LT(status_body(ForgeKind::github, status).size(), 250U);
}

TEST(ForgeDialect, ReadsPullRequestsAgainstTheBranchAndNothingElse) {
    const std::string sha = "\"sha\":\"" + std::string(40, 'a') + "\"";
    const std::string head = R"("head":{"ref":"topic",)" + sha + "}";
    const auto pulls = parse_pulls(ForgeKind::gitea,
                                   R"([{"number":7,"base":{"ref":"main"},)" + head +
                                       R"(},{"number":8,"base":{"ref":"old"},)" + head +
                                       R"(},{"number":"x"},3,{"iid":9}])",
                                   "main");
    ASSERT_TRUE(pulls);
    ASSERT_EQ(pulls->size(), 1U);
    EXPECT_EQ(pulls->front().number, 7);
    EXPECT_EQ(pulls->front().from, "topic");
    const auto merges = parse_pulls(ForgeKind::gitlab,
                                    R"([{"iid":9,"target_branch":"main",)" + sha +
                                        R"(},{"iid":3,"target_branch":"main","sha":null}])",
                                    "main");
    ASSERT_TRUE(merges);
    ASSERT_EQ(merges->size(), 1U);
    EXPECT_EQ(merges->front().number, 9);
    for (const char* body : {"", "{}", "<html>", "[", "null"}) {
        EXPECT_FALSE(parse_pulls(ForgeKind::github, body, "main")) << body;
    }
}

TEST(ForgeDialect, FindsTheMergedRequestThatACommitCameWith) {
    const std::string sha = "\"sha\":\"" + std::string(40, 'a') + "\"";
    const std::string pull = R"({"number":7,"base":{"ref":"main"},"head":{"ref":"topic",)" + sha +
                             R"(},"user":{"login":"maria"},"merged_at":)";
    EXPECT_EQ(merged_path(ForgeKind::github, "c"), "/commits/c/pulls");
    EXPECT_EQ(merged_path(ForgeKind::gitea, "c"), "/commits/c/pull");
    EXPECT_EQ(merged_path(ForgeKind::gitlab, "c"), "/repository/commits/c/merge_requests");
    const auto github = parse_merged(ForgeKind::github, "[" + pull + R"("2026-11-27"}])", "main");
    ASSERT_TRUE(github && *github);
    EXPECT_EQ((*github)->author, "maria");
    EXPECT_TRUE(*parse_merged(ForgeKind::gitea, pull + R"("2026-11-27"})", "main"));
    EXPECT_FALSE(*parse_merged(ForgeKind::github, "[" + pull + "null}]", "main"));
    EXPECT_FALSE(*parse_merged(ForgeKind::github, "[" + pull + R"("2026"}])", "other"));
    const std::string merge = R"([{"iid":9,"target_branch":"main",)" + sha +
                              R"(,"author":{"username":"maria"},"state":")";
    EXPECT_TRUE(*parse_merged(ForgeKind::gitlab, merge + R"(merged"}])", "main"));
    EXPECT_FALSE(*parse_merged(ForgeKind::gitlab, merge + R"(opened"}])", "main"));
    EXPECT_FALSE(parse_merged(ForgeKind::gitea, "[]", "main"));
    EXPECT_FALSE(parse_merged(ForgeKind::github, "{}", "main"));
}

TEST(ForgeDialect, ReadsVerdictsAndPassesOverComments) {
    const auto reviews = parse_approvals(ForgeKind::gitea, R"([
        {"user":{"login":"ada"},"state":"APPROVED","commit_id":"c","dismissed":false},
        {"user":{"login":"eve"},"state":"APPROVED","commit_id":"c","dismissed":true},
        {"user":{"login":"ada"},"state":"COMMENT","commit_id":"c"},
        {"user":{"login":"grace"},"state":"REQUEST_CHANGES","commit_id":"c"}])");
    ASSERT_TRUE(reviews);
    ASSERT_EQ(reviews->size(), 3U);
    EXPECT_TRUE(reviews->at(0).is_given);
    EXPECT_EQ(reviews->at(0).head, "c");
    EXPECT_FALSE(reviews->at(1).is_given);
    EXPECT_FALSE(reviews->at(2).is_given);
    const auto approvals =
        parse_approvals(ForgeKind::gitlab, R"({"approved_by":[{"user":{"username":"ada"}}]})");
    ASSERT_TRUE(approvals);
    ASSERT_EQ(approvals->size(), 1U);
    EXPECT_TRUE(approvals->front().is_given);
    EXPECT_FALSE(parse_approvals(ForgeKind::gitlab, "{}"));
    EXPECT_FALSE(parse_approvals(ForgeKind::github, "{}"));
}

TEST(ForgeDialect, GitLabRefusesWhatItHasAlready) {
    const WebAnswer answer{.status = 400, .body = R"({"message":"Cannot transition status via"})"};
    EXPECT_TRUE(is_said_already(ForgeKind::gitlab, answer));
    EXPECT_FALSE(is_said_already(ForgeKind::github, answer));
    EXPECT_FALSE(is_said_already(ForgeKind::gitlab, {.status = 400}));
}

TEST(ForgeDialect, KnowsWhetherThereIsAnotherPage) {
    const auto with = [](const char* name, const char* value) {
        return WebAnswer{.status = 200, .headers = {{name, value}}};
    };
    EXPECT_TRUE(has_next_page(ForgeKind::github, with("link", "<x>; rel=\"next\""), 1));
    EXPECT_FALSE(has_next_page(ForgeKind::github, with("link", "<x>; rel=\"prev\""), 2));
    EXPECT_TRUE(has_next_page(ForgeKind::gitea, with("x-total-count", "51"), 1));
    EXPECT_FALSE(has_next_page(ForgeKind::gitea, with("x-total-count", "100"), 2));
    EXPECT_TRUE(has_next_page(ForgeKind::gitlab, with("x-next-page", "2"), 1));
    EXPECT_FALSE(has_next_page(ForgeKind::gitlab, with("x-next-page", ""), 2));
}

TEST(ForgeDialect, WaitsAsLongAsTheForgeWantsAndNeverWithoutAPause) {
    const std::chrono::sys_seconds now{1'000'000s};
    const auto wait = [&](int status, std::vector<std::pair<std::string, std::string>> headers) {
        return refusal_of({.status = status, .headers = std::move(headers)}, now).wait;
    };
    EXPECT_EQ(wait(429, {{"retry-after", "30"}}), 30s);
    EXPECT_EQ(wait(403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1000060"}}), 60s);
    EXPECT_EQ(wait(429, {{"x-ratelimit-reset", "1"}}), 1s);    // a clock that is wrong
    EXPECT_EQ(wait(429, {{"retry-after", "999999"}}), 3600s);  // a server that is
    EXPECT_EQ(wait(403, {}), 0s);                              // the token
    EXPECT_EQ(refusal_of({.status = 401}, now).error.kind, ErrorKind::refused);
    EXPECT_EQ(refusal_of({.status = 404}, now).error.kind, ErrorKind::invalid);
    EXPECT_EQ(refusal_of({.status = 502}, now).error.kind, ErrorKind::unavailable);
}

TEST(WebAnswer, IsReadFromWhatCurlPrints) {
    const auto answer =
        parse_web_answer("HTTP/1.1 403 Forbidden\r\nX-Total-Count: 7\r\n\r\n{}\r\n\r\n");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 403);
    EXPECT_EQ(answer->header("x-total-count"), "7");
    EXPECT_EQ(answer->header("link"), "");
    EXPECT_EQ(answer->body, "{}\r\n\r\n");
    for (const char* text : {"", "HTTP/1.1 200 OK\r\n", "SSH-2.0\r\n\r\n", "HTTP/1.1 xx\r\n\r\n"}) {
        EXPECT_FALSE(parse_web_answer(text)) << text;
    }
}

TEST(WebAnswer, OnlyThisHostNeedsNoTls) {
    EXPECT_TRUE(is_local_url("http://127.0.0.1:3000/x", "http://"));
    EXPECT_TRUE(is_local_url("http://localhost", "http://"));
    EXPECT_FALSE(is_local_url("http://127.0.0.1.evil.example/", "http://"));
    EXPECT_FALSE(is_local_url("http://localhost.evil.example/", "http://"));
}

TEST(ForgeSettings, AreReadWithTheTokenFromItsFile) {
    const Scratch scratch;
    const std::string file = (scratch / "token").string();
    std::ofstream(file) << "canary-token\n";
    std::filesystem::permissions(file, std::filesystem::perms{0600});
    const auto read = [&](const std::string& text) {
        return parse_forge(*specs::parse_yaml(text, "forge.yaml"));
    };
    const auto settings = read(
        "kind: forgejo\nurl: https://git.example/\nrepository: a/b\n"
        "token_file: " +
        file + "\n");
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->kind, ForgeKind::gitea);
    EXPECT_EQ(settings->url, "https://git.example");
    EXPECT_TRUE(settings->token.is_same_as(Secret("canary-token")));
    for (const char* text : {"kind: svn\n", "url: http://git.example\n", "repository: fleet\n",
                             "repository: ../a/b\n", "token: x\n", "kind: github\n", "[]\n"}) {
        EXPECT_FALSE(read(text)) << text;
    }
}

TEST(Reviews, RememberWhatWasSaid) {
    const std::map<int, Said> said{{7, {"a", "b", "12"}},
                                   {8, {"a", "b", "13", true}},
                                   {9, {"c", "d", ""}},
                                   {10, {"a", "b", "14", false, true}}};
    EXPECT_EQ(parse_said(print_said(said)), said);
    EXPECT_TRUE(parse_said("x\n-1 a b\n7 a\n").empty());
}

}  // namespace
}  // namespace matriarch::controller
