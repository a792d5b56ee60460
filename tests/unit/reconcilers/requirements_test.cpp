// Requirements: each bound of the host's policy, kept and not kept.
#include "reconcilers/requirements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;

/// What is said of the first bound that is not kept; empty: all are.
std::string unmet(const specs::Policy& policy, const specs::Instance& instance) {
    const auto all = unmet_requirements(policy, instance);
    return all.empty() ? std::string() : all.front().code + ": " + all.front().message;
}

specs::Instance alpha(const std::string& version = "v4.4.8") {
    return small_instance(version).instance;
}

TEST(Requirements, WithoutBoundsThereAreNone) {
    EXPECT_EQ(unmet({}, alpha()), "");
}

TEST(Requirements, ALowestVersionIsThatOfWhatWouldReallyRun) {
    const specs::Policy policy{.lowest_version = {.major = 4, .minor = 5}};
    EXPECT_THAT(unmet(policy, alpha("v4.4.8")), HasSubstr("nothing older than v4.5.0"));
    EXPECT_THAT(unmet(policy, alpha("v4.5.0-rc.1")), HasSubstr("nothing older"));
    EXPECT_EQ(unmet(policy, alpha("v4.5.0")), "");
    EXPECT_EQ(unmet(policy, alpha("v4.5.0+glitch")), "");
    for (const char* image : {"ghcr.io/mastodon/mastodon:v4.2.0",
                              "ghcr.io/mastodon/mastodon@sha256:"
                              "0123456789012345678901234567890123456789012345678901234567890123"}) {
        specs::Instance pinned = alpha("v4.6.0");
        pinned.images.mastodon = *specs::parse_image(image);
        EXPECT_THAT(unmet(policy, pinned), HasSubstr("nobody can tell")) << image;
    }
    specs::Instance mirrored = alpha("v4.6.0");
    mirrored.images.mastodon = *specs::parse_image("ghcr.io/glitch-soc/mastodon");
    EXPECT_EQ(unmet(policy, mirrored), "");
    mirrored.images.streaming = *specs::parse_image("ghcr.io/mastodon/mastodon-streaming:v4.2.0");
    EXPECT_THAT(unmet(policy, mirrored), HasSubstr("nobody can tell"));
}

TEST(Requirements, AReleaseThatIsPassedThroughMayBeOlder) {
    Wanted wanted = small_instance("v4.4.8");
    const World world = deployed(wanted);
    wanted = small_instance("v4.6.0");
    wanted.policy.lowest_version = {.major = 4, .minor = 6};
    EXPECT_TRUE(plan_instance(wanted, world).blocked.empty());
    wanted.policy.lowest_version = {.major = 4, .minor = 7};
    const Steps steps = plan_instance(wanted, world);
    ASSERT_FALSE(steps.blocked.empty());
    EXPECT_EQ(steps.blocked.front().code, "below-lowest-version");
    EXPECT_TRUE(steps.changes_nothing()) << to_text(steps);
}

TEST(Requirements, MemoryHasAFloorForEachAndACeilingForAll) {
    specs::Instance instance = alpha();
    specs::Policy policy{.ceilings = {.memory = gib(16)}, .floors = {.memory = mib(64)}};
    EXPECT_EQ(unmet(policy, instance), "");
    instance.web.replicas = 20;
    EXPECT_THAT(unmet(policy, instance), HasSubstr("above-ceiling: its containers may take"));
    instance.web.replicas = 1;
    instance.redis.limits.memory = mib(32);
    EXPECT_EQ(unmet(policy, instance),
              "below-floor: alpha-redis has 32MiB of memory; the least on this host is 64MiB");
}

TEST(Requirements, WithACeilingOfCpusNothingIsUnlimited) {
    specs::Instance instance = alpha();
    const specs::Policy policy{.ceilings = {.cpus = {4'000'000'000}}};
    EXPECT_THAT(unmet(policy, instance), HasSubstr("has no limit of cpus"));
    for (specs::Limits* limits :
         {&instance.web.limits, &instance.streaming.limits, &instance.postgres.limits,
          &instance.redis.limits, &instance.edge.limits}) {
        limits->cpus = Cpus{500'000'000};
    }
    for (auto& group : instance.sidekiq) group.limits.cpus = Cpus{500'000'000};
    EXPECT_EQ(unmet(policy, instance), "");
    instance.web.limits.cpus = Cpus{3'000'000'000};
    EXPECT_THAT(unmet(policy, instance), HasSubstr("cpus together; this host gives an instance 4"));
}

TEST(Requirements, ReplicasOfEachRoleHaveACeiling) {
    const specs::Policy policy{.ceilings = {.replicas = 2}};
    specs::Instance instance = alpha();
    instance.streaming.replicas = 3;
    EXPECT_EQ(unmet(policy, instance),
              "above-ceiling: streaming.replicas is 3; the most on this host is 2");
    instance = alpha();
    instance.sidekiq.push_back({.name = "push", .replicas = 9});
    EXPECT_THAT(unmet(policy, instance), HasSubstr("sidekiq.push.replicas is 9"));
}

TEST(Requirements, BackupsAreKeptAndComeOftenEnough) {
    using namespace std::chrono_literals;
    const specs::Policy policy{.ceilings = {.backup_interval = 12h}, .floors = {.backups_kept = 4}};
    specs::Instance instance = alpha();
    EXPECT_EQ(unmet(policy, instance), "");
    instance.backups.database.keep = {.last = 1, .weekly = 3};
    EXPECT_THAT(unmet(policy, instance), HasSubstr("keeps 3; the least on this host is 4"));
    instance = alpha();
    instance.backups.database.schedule.text = "@daily";
    EXPECT_THAT(unmet(policy, instance), HasSubstr("leaves more than 12h between two backups"));
}

TEST(Requirements, NoScheduleComesAllTheTime) {
    const specs::Policy policy{.floors = {.schedule_interval = std::chrono::minutes(15)}};
    specs::Instance instance = alpha();
    EXPECT_EQ(unmet(policy, instance), "");
    instance.storage.cache.schedule.text = "* * * * *";
    EXPECT_THAT(unmet(policy, instance), HasSubstr("storage.cache.schedule comes more often"));
}

TEST(Requirements, TheBackupBeforeAnUpgradeMayNotBeTurnedOff) {
    specs::Instance instance = alpha();
    instance.upgrade.backup = specs::BackupDemand::none;
    EXPECT_EQ(unmet({}, instance), "");
    specs::Policy policy{.floors = {.upgrade_backup = specs::BackupDemand::recent}};
    EXPECT_THAT(unmet(policy, instance),
                HasSubstr("upgrade.backup is none; the least on this host is recent"));
    instance.upgrade.backup = specs::BackupDemand::recent;
    EXPECT_EQ(unmet(policy, instance), "");
    policy.floors.upgrade_backup = specs::BackupDemand::required;
    EXPECT_THAT(unmet(policy, instance), HasSubstr("upgrade.backup is recent"));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
