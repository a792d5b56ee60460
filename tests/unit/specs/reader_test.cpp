// Reading an instance file: typed values, and messages that say where, what and what instead.
#include "specs/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specs/specs.hpp"
#include "tests/unit/specs/instance_text.hpp"

namespace matriarch::specs {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ParseInstance, NeedsOnlyFourFields) {
    const auto instance = parse_instance_text(shortest(), "a.yaml");
    ASSERT_TRUE(instance) << to_text(instance.error());
    Instance expected = defaults_for(*parse_version("v4.7.5"));
    expected.name = "example";
    expected.domain = "example.social";
    expected.backups.repository = "/srv/backups";
    EXPECT_EQ(*instance, expected);
    EXPECT_EQ(instance->web.limits.memory, gib(1));
    EXPECT_EQ(instance->sidekiq.front().queues.size(), 7U);
}

TEST(ParseInstance, GivesOldVersionsTheirOwnDefaults) {
    const auto instance = parse_instance_text(
        "instance: old\ndomain: old.example\nmastodon: v4.3.8\nbackups: {repository: /b}\n",
        "a.yaml");
    ASSERT_TRUE(instance) << to_text(instance.error());
    EXPECT_THAT(instance->sidekiq.front().queues, Not(testing::Contains("fasp")));
}

TEST(ParseInstance, ReadsEveryKindOfValue) {
    const auto instance = parse_instance_text(
        shortest("web: {replicas: 2, memory: 1.5GiB, cpus: 1.5}\n"
                 "sidekiq:\n"
                 "  b: {queues: [push, pull], replicas: 3}\n"
                 "  a: {queues: [scheduler, default, ingress, mailers, fasp]}\n"
                 "edge: external\nsearch: {enabled: true, version: 8.19.15}\n"
                 "images: {redis: 'r.example:5000/redis:7.4'}\n"
                 "storage: {cache: {media: 1d12h}}\nsettings: {A: 1, B: true, C: \"\"}\n"
                 "drift: report\n"),
        "a.yaml");
    ASSERT_TRUE(instance) << to_text(instance.error());
    EXPECT_EQ(instance->web.limits.memory, mib(1536));
    EXPECT_EQ(instance->web.limits.cpus.nano, 1'500'000'000);
    ASSERT_EQ(instance->sidekiq.size(), 2U);
    EXPECT_EQ(instance->sidekiq[0].name, "a");
    EXPECT_EQ(instance->sidekiq[1].replicas, 3);
    EXPECT_EQ(instance->sidekiq[1].concurrency, 5);
    EXPECT_TRUE(instance->edge.external);
    EXPECT_EQ(instance->images.redis.registry, "r.example:5000");
    EXPECT_EQ(instance->storage.cache.media.count(), 129'600);
    EXPECT_EQ(instance->settings.at("A"), "1");
    EXPECT_EQ(instance->settings.at("B"), "true");
    EXPECT_EQ(instance->settings.at("C"), "");
    EXPECT_EQ(instance->drift, DriftPolicy::report);
}

TEST(ParseInstance, SuggestsTheNearestKey) {
    const std::string text = shortest("web: {memroy: 1GiB}\nbakups: 1\nfoo: 1\n");
    EXPECT_EQ(problems(text),
              "a.yaml:5:7: cannot read web: the key 'memroy' is not known\n"
              "a.yaml:6:1: cannot read the file: the key 'bakups' is not known\n"
              "a.yaml:7:1: cannot read the file: the key 'foo' is not known\n");
    EXPECT_THAT(hints(text), HasSubstr("Did you mean 'memory'?"));
    EXPECT_THAT(hints(text), HasSubstr("Did you mean 'backups'?"));
    EXPECT_THAT(hints(text), HasSubstr("Known keys: instance, domain"));
}

TEST(ParseInstance, SaysWhatWasFoundAndWhatWasExpected) {
    const auto one = [](const char* line) { return problems(shortest(line)); };
    EXPECT_EQ(one("web: {replicas: two}"),
              "a.yaml:5:17: cannot read web.replicas: 'two' is not a whole number from 1 to 16\n");
    EXPECT_EQ(one("web: {replicas: 1.5}"),
              "a.yaml:5:17: cannot read web.replicas: '1.5' is not a whole number from 1 to 16\n");
    EXPECT_EQ(one("web: {replicas: \"2\"}"),
              "a.yaml:5:17: cannot read web.replicas: '2' in quotes "
              "is not a whole number from 1 to 16\n");
    EXPECT_EQ(one("web: {replicas: [1]}"),
              "a.yaml:5:17: cannot read web.replicas: a list is not a whole number from 1 to 16\n");
    EXPECT_EQ(one("web: {replicas: 17}"),
              "a.yaml:5:17: cannot read web.replicas: '17' is not a whole number from 1 to 16\n");
    EXPECT_EQ(one("web: {memory: 768}"),
              "a.yaml:5:15: cannot read web.memory: '768' is not a size from 256MiB to 1TiB\n");
    EXPECT_EQ(one("web: {memory: 100MiB}"),
              "a.yaml:5:15: cannot read web.memory: '100MiB' is not a size from 256MiB to 1TiB\n");
    EXPECT_EQ(one("web: 3"),
              "a.yaml:5:6: cannot read web: a map is expected, but found what is "
              "written there\n");
    EXPECT_EQ(one("web:"), "a.yaml:5:1: cannot read web: a map is expected, but found nothing\n");
    EXPECT_EQ(one("upgrade: {rehearse: yes}"),
              "a.yaml:5:21: cannot read upgrade.rehearse: 'yes' is not true or false\n");
    EXPECT_EQ(
        one("upgrade: {strategy: [auto]}"),
        "a.yaml:5:21: cannot read upgrade.strategy: a list is not one of auto, rolling, stop\n");
    EXPECT_EQ(
        one("storage: {cache: {media: 7}}"),
        "a.yaml:5:26: cannot read storage.cache.media: '7' is not a duration from 0s to 3660d\n");
    EXPECT_EQ(one("edge: internal"),
              "a.yaml:5:7: cannot read edge: a map is expected, but found "
              "what is written there\n");
    EXPECT_THAT(one("backups2: 1\nimages: {redis: 'A B'}"), HasSubstr("cannot read images.redis"));
    EXPECT_THAT(hints(shortest("upgrade: {strategy: rollin}")), HasSubstr("'rolling'"));
}

TEST(ParseInstance, ReportsEverythingAtOnce) {
    EXPECT_EQ(
        problems("instance: Example\nmastodon: 4.7.5\nweb: {replicas: 0}\n"),
        "a.yaml:1:11: cannot read instance: 'Example' is not 1 to 40 of a-z, 0-9 and '-', a "
        "letter or digit at both ends\n"
        "a.yaml:1:1: cannot read the file: 'domain' is missing\n"
        "a.yaml:2:11: cannot read mastodon: '4.7.5' is not a version of Mastodon such as v4.7.5\n"
        "a.yaml:3:17: cannot read web.replicas: '0' is not a whole number from 1 to 16\n"
        "a.yaml:1:1: cannot read backups: 'repository' is missing\n");
    EXPECT_THAT(hints("mastodon: 4.7.5\n"), HasSubstr("Write v4.7.5."));
}

TEST(ParseInstance, RefusesAFileThatIsNoMap) {
    EXPECT_THAT(problems("- a\n"),
                HasSubstr("a.yaml:1:1: cannot read the file: a map is expected"));
    EXPECT_THAT(problems(""), HasSubstr("but found nothing"));
}

TEST(ParseInstance, NeverRepeatsWhatCouldBeASecret) {
    const std::string secret = "hunter2 hunter2";
    for (const char* line :
         {"settings: [hunter2 hunter2]", "settings: hunter2 hunter2",
          "settings: {SMTP_PASSWORD: hunter2 hunter2}",
          "settings: {A: \"hunter2\\nhunter2 hunter2\"}", "secrets: hunter2 hunter2",
          "secrets: [hunter2 hunter2]", "drift: {a: hunter2 hunter2}", "memory: hunter2 hunter2",
          "web: hunter2 hunter2"}) {
        const std::string text = problems(shortest(line));
        EXPECT_NE(text, "") << line;
        EXPECT_THAT(text, Not(HasSubstr(secret))) << line;
    }
    const std::string head = "instance: a\ndomain: a.example\nmastodon: v4.7.5\n";
    for (const char* line : {"backups: {repository: hunter2 hunter2}", "backups: hunter2 hunter2",
                             "backups: {repository: /b, password: hunter2 hunter2}",
                             "backups: {repository: 'rest:https://u:hunter2@h/'}"}) {
        const std::string text = problems(head + line);
        EXPECT_NE(text, "") << line;
        EXPECT_THAT(text, Not(HasSubstr("hunter2"))) << line;
    }
}

TEST(ParseInstance, CutsLongTextInMessages) {
    const std::string text = problems(shortest("web: {replicas: " + std::string(5000, 'x') + "}"));
    EXPECT_LT(text.size(), 200U);
    EXPECT_THAT(problems(shortest("web: {cpus: " + std::string(5000, '1') + "}")),
                HasSubstr("..."));
    EXPECT_LT(problems(shortest(std::string(1000, 'k') + ": 1")).size(), 200U);
}

}  // namespace
}  // namespace matriarch::specs
