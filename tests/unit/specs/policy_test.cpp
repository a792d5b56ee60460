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

TEST(Policy, SetsBoundsToWhatACommitMayDescribe) {
    const auto policy =
        parse_policy(*parse_yaml("versions: {lowest: v4.4.0}\n"
                                 "ceilings: {memory: 6GiB, cpus: 1.5, replicas: 4, "
                                 "backup_interval: 24h}\n"
                                 "floors: {memory: 64MiB, backups_kept: 4, "
                                 "schedule_interval: 15m, upgrade_backup: recent}\n"
                                 "as_reviewed: true\n"
                                 "reviews: {approvals: 2, by: [ada, grace]}\n",
                                 "p"));
    ASSERT_TRUE(policy) << to_text(policy.error());
    EXPECT_EQ(policy->lowest_version, (Version{.major = 4, .minor = 4}));
    EXPECT_EQ(policy->ceilings.memory, gib(6));
    EXPECT_EQ(policy->ceilings.cpus.nano, 1'500'000'000);
    EXPECT_EQ(policy->ceilings.replicas, 4);
    EXPECT_EQ(policy->ceilings.backup_interval, std::chrono::hours(24));
    EXPECT_EQ(policy->floors.memory, mib(64));
    EXPECT_EQ(policy->floors.backups_kept, 4);
    EXPECT_EQ(policy->floors.schedule_interval, std::chrono::minutes(15));
    EXPECT_EQ(policy->floors.upgrade_backup, BackupDemand::recent);
    EXPECT_TRUE(policy->as_reviewed);
    EXPECT_EQ(policy->reviews.approvals, 2);
    EXPECT_EQ(policy->reviews.by, (std::vector<std::string>{"ada", "grace"}));
}

TEST(Policy, NeverTakesABoundThatIsNone) {
    for (const char* text : {"versions: v4.4.0\n",
                             "versions: {}\n",
                             "versions: {lowest: 4.4}\n",
                             "versions: {newest: v4.4.0}\n",
                             "versions: {lowest: v0.0.0}\n",
                             "ceilings: 6GiB\n",
                             "ceilings: {memory: 0B}\n",
                             "ceilings: {memory: 6}\n",
                             "ceilings: {replicas: 1.5}\n",
                             "ceilings: {replicas: 0}\n",
                             "ceilings: {replicas: 99999999999}\n",
                             "ceilings: {cpus: [1]}\n",
                             "ceilings: {memory:}\n",
                             "floors: {cpus: 1}\n",
                             "floors: {backups_kept: -1}\n",
                             "floors: {schedule_interval: 0s}\n",
                             "floors: {upgrade_backup: none}\n",
                             "floors: {upgrade_backup: [recent]}\n",
                             "as_reviewed: yes\n",
                             "reviews: {approvals: 1}\n",
                             "reviews: {by: [ada]}\n",
                             "reviews: {}\n",
                             "reviews: {approvals: 2, by: [ada]}\n",
                             "reviews: {approvals: 0, by: [ada]}\n"}) {
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
