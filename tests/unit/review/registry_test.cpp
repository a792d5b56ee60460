// What registries and the update check answer, and how they are asked.
#include "controller/review/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/review/update_check.hpp"
#include "controller/store/releases.hpp"

namespace matriarch::controller {
namespace {

using testing::ElementsAre;

std::vector<std::string> tags(const std::string& body) {
    std::vector<std::string> texts;
    const auto versions = parse_tags(body);
    EXPECT_TRUE(versions) << body;
    for (const auto& one : versions.value_or(std::vector<specs::Version>{})) {
        texts.push_back(to_text(one));
    }
    return texts;
}

TEST(Registry, IsReachedWithTlsUnlessItIsOnThisHost) {
    EXPECT_EQ(registry_url("ghcr.io"), "https://ghcr.io");
    EXPECT_EQ(registry_url("docker.io"), "https://registry-1.docker.io");
    EXPECT_EQ(registry_url("127.0.0.1:5000"), "http://127.0.0.1:5000");
    EXPECT_EQ(registry_url("127.0.0.1.evil.example"), "https://127.0.0.1.evil.example");
    EXPECT_EQ(tags_path("mastodon/mastodon"), "/v2/mastodon/mastodon/tags/list?n=1000");
}

TEST(Registry, TagsAreReleasesOrNothing) {
    EXPECT_THAT(tags(R"({"name":"m","tags":["v4.5.0","latest","v4.6.0-rc.1","4.5","nightly",7]})"),
                ElementsAre("v4.5.0", "v4.6.0-rc.1"));
    EXPECT_THAT(tags(R"({"name":"m","tags":null})"), ElementsAre());
    for (const char* body : {"", "[]", "{}", R"({"tags":"v4.5.0"})", "<html>"}) {
        EXPECT_FALSE(parse_tags(body)) << body;
    }
}

TEST(Registry, TheNextPageIsOfTheSameRegistry) {
    EXPECT_EQ(next_page(R"(</v2/m/tags/list?last=v4&n=100>; rel="next")"),
              "/v2/m/tags/list?last=v4&n=100");
    EXPECT_EQ(next_page(R"(<https://evil.example/v2/m/tags/list?last=v4>; rel="next")"),
              "/v2/m/tags/list?last=v4");
    for (const char* link : {"", "</v2/m>; rel=\"prev\"", "<https://evil.example>; rel=\"next\"",
                             "<//evil.example/x>; rel=\"next\"", "</v2/m", ">;<rel=\"next\""}) {
        EXPECT_EQ(next_page(link), "") << link;
    }
}

TEST(Registry, ATokenIsFetchedWhereItSaysAndWithTls) {
    const auto challenge = parse_challenge(
        R"(Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull")");
    ASSERT_TRUE(challenge);
    EXPECT_EQ(token_url(*challenge),
              "https://ghcr.io/token?service=ghcr.io&scope=repository%3Aa%2Fb%3Apull");
    EXPECT_EQ(token_url({.realm = "https://a.example/t?x=1", .service = "s"}),
              "https://a.example/t?x=1&service=s");
    for (const char* header : {"", "Basic realm=\"x\"", "Bearer realm=\"http://a.example/t\"",
                               "Bearer realm=\"file:///etc/shadow\"", "Bearer service=\"s\""}) {
        EXPECT_FALSE(parse_challenge(header)) << header;
    }
    EXPECT_EQ(parse_token(R"({"token":"t"})")->reveal(), "t");
    EXPECT_EQ(parse_token(R"({"access_token":"a"})")->reveal(), "a");
    for (const char* body : {"", "{}", "7", R"({"token":""})", R"({"token":7})"}) {
        EXPECT_FALSE(parse_token(body)) << body;
    }
}

TEST(UpdateCheck, SaysWhatIsUrgent) {
    const auto read = parse_update_check(
        R"({"updatesAvailable":[{"version":"4.5.3","urgent":true,"type":"patch"},)"
        R"({"version":"4.6.0","urgent":false,"type":"minor","releaseNotes":"x"},)"
        R"({"version":7},8,{"version":"latest","urgent":true}]})");
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, (specs::Available{{*specs::parse_version("v4.5.3"), true},
                                       {*specs::parse_version("v4.6.0"), false}}));
    EXPECT_TRUE(parse_update_check(R"({"updatesAvailable":[]})")->empty());
    for (const char* body : {"", "{}", "[]", R"({"updatesAvailable":{}})"}) {
        EXPECT_FALSE(parse_update_check(body)) << body;
    }
}

TEST(SeenReleases, AreReadAsTheyWereWritten) {
    const SeenReleases seen{
        {"ghcr.io/mastodon/mastodon",
         {{*specs::parse_version("v4.5.0"), false}, {*specs::parse_version("v4.5.3"), true}}}};
    EXPECT_EQ(print_releases(seen), "ghcr.io/mastodon/mastodon v4.5.0 v4.5.3!\n");
    EXPECT_EQ(parse_releases(print_releases(seen)), seen);
    EXPECT_TRUE(parse_releases("\n x\n y latest !\n").empty());
}

}  // namespace
}  // namespace matriarch::controller
