// The host's policy: what is allowed without one, what one allows, and that names are not prefixes.
#include "specs/policy.hpp"

#include <gtest/gtest.h>

#include "specs/yaml.hpp"

namespace matriarch::specs {
namespace {

bool allows(const Policy& policy, const char* image) {
    return allows_image(policy, *parse_image(image));
}

TEST(Policy, AllowsOfficialAndLoopbackImagesByItself) {
    for (const char* image : {"ghcr.io/mastodon/mastodon:v4.7.5", "redis:7", "127.0.0.1:5000/any:1",
                              "localhost:5000/any/thing:1"}) {
        EXPECT_TRUE(allows({}, image)) << image;
    }
    for (const char* image : {"ghcr.io/mastodonx/mastodon:v4.7.5", "evil.example/redis:7",
                              "docker.io/library/redis-evil:7", "127.evil.example/x:1"}) {
        EXPECT_FALSE(allows({}, image)) << image;
    }
}

TEST(Policy, AllowsWhatTheFileNames) {
    const auto tree =
        parse_yaml("registries: [ghcr.io/glitch-soc]\nsecret_files: [/root/s]\n", "p");
    const auto policy = parse_policy(*tree);
    ASSERT_TRUE(policy);
    EXPECT_TRUE(allows(*policy, "ghcr.io/glitch-soc/mastodon:v4.4.2"));
    EXPECT_TRUE(allows_secret_file(*policy, "/root/s/a.env"));
    EXPECT_FALSE(allows_secret_file(*policy, "/root/s/../../etc/shadow"));
    EXPECT_FALSE(allows_secret_file(*policy, "/etc/matriarch/a.env"));
}

TEST(Policy, AsksForUpdatesOnlyWhereItSaysSo) {
    EXPECT_EQ(parse_policy(*parse_yaml("prune: true\n", "p"))->update_check, "");
    EXPECT_EQ(parse_policy(*parse_yaml("update_check: false\n", "p"))->update_check, "");
    EXPECT_EQ(parse_policy(*parse_yaml("update_check: true\n", "p"))->update_check,
              "https://api.joinmastodon.org/update-check");
    EXPECT_EQ(parse_policy(*parse_yaml("update_check: https://m.example/u\n", "p"))->update_check,
              "https://m.example/u");
    EXPECT_FALSE(parse_policy(*parse_yaml("update_check: http://m.example/u\n", "p")));
}

TEST(Policy, PrunesOnlyWhereItSaysSo) {
    EXPECT_FALSE(parse_policy(*parse_yaml("registries: []\n", "p"))->prune);
    EXPECT_TRUE(parse_policy(*parse_yaml("prune: true\n", "p"))->prune);
    EXPECT_FALSE(parse_policy(*parse_yaml("prune: false\n", "p"))->prune);
    EXPECT_FALSE(parse_policy(*parse_yaml("prune: 'true'\n", "p")));
    EXPECT_FALSE(parse_policy(*parse_yaml("prune: yes\n", "p")));
}

TEST(Policy, NamesFilesOfSignersFromTheRootOn) {
    EXPECT_TRUE(parse_policy({})->signers.empty());
    const auto one = parse_policy(*parse_yaml("signers: /etc/matriarch/signers\n", "p"));
    ASSERT_TRUE(one);
    EXPECT_EQ(one->signers, std::vector<std::string>{"/etc/matriarch/signers"});
    EXPECT_EQ(parse_policy(*parse_yaml("signers: [/a, /b.gpg]\n", "p"))->signers.size(), 2U);
    for (const char* text : {"signers: []\n", "signers: a\n", "signers: ''\n", "signers:\n",
                             "signers: [a, /b]\n", "signers: {a: /b}\n"}) {
        EXPECT_FALSE(parse_policy(*parse_yaml(text, "p"))) << text;
    }
}

TEST(Policy, RefusesUnknownKeysAndWrongTypes) {
    EXPECT_FALSE(parse_policy(*parse_yaml("registry: [a]\n", "p")));
    EXPECT_FALSE(parse_policy(*parse_yaml("registries: a\n", "p")));
    EXPECT_FALSE(parse_policy(*parse_yaml("registries: [[a]]\n", "p")));
}

}  // namespace
}  // namespace matriarch::specs
