// What is drift and what is not: a hand's doing is named with what it risks; what a commit causes,
// and what we do ourselves, is not.
#include "reconcilers/drift.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/labels.hpp"
#include "reconcilers/preview.hpp"
#include "reconcilers/slot.hpp"
#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;

std::string words(const std::vector<DriftItem>& items) {
    std::string text;
    for (const DriftItem& item : items) {
        text += item.resource + " " + item.difference.field + ": " + item.difference.desired +
                ", is " + item.difference.actual + "; " + item.heal + "\n";
    }
    return text;
}

Wanted settled_instance() {
    return settled(small_instance());
}

Wanted changed(const Wanted& before, const std::string& more) {
    Wanted wanted = before;
    wanted.instance = *specs::parse_instance_text(
        "instance: alpha\ndomain: alpha.test\nmastodon: v4.4.8\n"
        "backups: {repository: /srv/backups/alpha}\n" +
            more,
        "alpha.yaml");
    return wanted;
}

TEST(Drift, IsNothingOnceEverythingIsDeployed) {
    const Wanted wanted = settled_instance();
    EXPECT_EQ(words(drift(wanted, deployed(wanted))), "");
}

TEST(Drift, IsNothingWhileAFirstDeploymentGoesOn) {
    const Wanted wanted = small_instance();
    World world;
    for (int pass = 0; pass < 60; ++pass) {
        const Steps steps = plan_instance(wanted, world);
        for (const Step& step : steps.steps) simulate(world, step.action);
        simulate_time(world, wanted,
                      [](const auto& image, const auto&) { return migrations_of(image); });
        ASSERT_EQ(words(drift(wanted, world)), "") << pass;
    }
}

TEST(Drift, IsNothingWhileACommitIsRolledOut) {
    const Wanted before = settled_instance();
    for (const char* more :
         {"web: {cpus: 1.5, memory: 2GiB}\n", "web: {replicas: 2}\n", "redis: {memory: 512MiB}\n",
          "settings: {SINGLE_USER_MODE: \"true\"}\n", "edge: {http: 8080}\n",
          "postgres: {max_connections: 77}\n"}) {
        const Wanted wanted = changed(before, more);
        World world = deployed(before);
        for (int pass = 0; pass < 80; ++pass) {
            ASSERT_EQ(words(drift(wanted, world)), "") << more << pass;
            const Steps steps = plan_instance(wanted, world);
            for (const Step& step : steps.steps) simulate(world, step.action);
            simulate_time(world, wanted,
                          [](const auto& image, const auto&) { return migrations_of(image); });
        }
    }
}

TEST(Drift, IsNothingWhileAVersionIsRolledOut) {
    const Wanted before = settled_instance();
    for (const char* version : {"v4.4.9", "v4.5.0", "v4.6.0"}) {
        Wanted wanted = before;
        wanted.instance = small_instance(version).instance;
        World world = deployed(before);
        for (int pass = 0; pass < 150; ++pass) {
            ASSERT_EQ(words(drift(wanted, world)), "") << version << pass;
            const Steps steps = plan_instance(wanted, world);
            for (const Step& step : steps.steps) simulate(world, step.action);
            simulate_time(world, wanted,
                          [](const auto& image, const auto&) { return migrations_of(image); });
        }
    }
}

TEST(Drift, ALimitChangedByHandDuringAnUpgradeIsSeen) {
    const Wanted before = settled_instance();
    Wanted wanted = before;
    wanted.instance = small_instance("v4.5.0").instance;
    World world = deployed(before);
    world.containers.at("alpha-web-1").spec.limits.memory = mib(123);
    EXPECT_THAT(words(drift(wanted, world)), HasSubstr("container alpha-web-1 memory: 1GiB"));
}

TEST(Drift, SaysThatAContainerIsGoneStoppedOrPaused) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    world.containers.erase("alpha-redis");
    world.containers.at("alpha-web-1").state = RunState::exited;
    world.containers.at("alpha-streaming-1").state = RunState::paused;
    EXPECT_EQ(words(drift(wanted, world)),
              "container alpha-web-1 state: running, is exited; started\n"
              "container alpha-streaming-1 state: running, is paused; unpaused\n"
              "container alpha-redis existence: running, is absent; made anew on the same volumes "
              "and started\n");
}

TEST(Drift, WhatWeStopOurselvesIsNone) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    auto& redis = world.containers.at("alpha-redis");
    redis.state = RunState::exited;
    redis.stopping_since = world.now;
    EXPECT_EQ(words(drift(wanted, world)), "");
}

TEST(Drift, KnowsARenamedContainer) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    auto moved = world.containers.extract("alpha-sidekiq-main-1");
    moved.key() = moved.mapped().name = "busy_bee";
    world.containers.insert(std::move(moved));
    EXPECT_EQ(words(drift(wanted, world)),
              "container alpha-sidekiq-main-1 name: alpha-sidekiq-main-1, is busy_bee; one of the "
              "right name is made\n");
}

TEST(Drift, KnowsWhoIsThereWithoutBeingWanted) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    ObservedContainer other = world.containers.at("alpha-redis");
    other.name = "alpha-redis-copy";
    world.containers["alpha-redis-copy"] = other;
    world.strangers = {{.name = "psql", .network = "alpha-internal", .image = "postgres:15"}};
    const auto items = drift(wanted, world);
    EXPECT_EQ(words(items),
              "container alpha-redis-copy existence: absent, is running; stopped and removed\n"
              "network alpha-internal container psql: not connected, is connected (image "
              "postgres:15); nothing: it is not ours; docker network disconnect alpha-internal "
              "psql\n");
    EXPECT_THAT(items.back().risk, HasSubstr("database"));
}

TEST(Drift, AFrontDoorOfOnesOwnIsNoStranger) {
    Wanted wanted = settled_instance();
    wanted.instance.edge.external = true;
    wanted = settled(wanted);
    World world = deployed(wanted);
    world.strangers = {{.name = "traefik", .network = "alpha-external", .image = "traefik:3"}};
    EXPECT_EQ(words(drift(wanted, world)), "");
}

TEST(Drift, SeesNetworksVolumesAndTheEdge) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    world.networks.at("alpha-external").internal = true;
    world.volumes.erase("alpha-postgres-17");
    world.volumes.erase("alpha-edge");
    world.volumes.at("alpha-redis").labels[label::volume] = "another";
    world.edge.config = "0000000000000000";
    world.schema.altered = {"work_mem"};
    const auto items = drift(wanted, world);
    const std::string text = words(items);
    EXPECT_THAT(text, HasSubstr("network alpha-external internal: false, is true"));
    EXPECT_THAT(text, HasSubstr("volume alpha-postgres-17 existence: present, is absent; nothing"));
    EXPECT_THAT(text, HasSubstr("volume alpha-edge existence: present, is absent; made anew"));
    EXPECT_THAT(text, HasSubstr("volume alpha-redis identity: the one that was deployed"));
    EXPECT_THAT(text, HasSubstr("container alpha-edge configuration: "));
    EXPECT_THAT(text, HasSubstr("container alpha-postgres parameter work_mem: "));
    EXPECT_EQ(items.size(), 6U) << text;
}

TEST(Drift, WhatAnOlderVersionOfThisProgramMadeIsNone) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    auto& redis = world.containers.at("alpha-redis").spec;
    redis.command = {"redis-server", "--as-we-did-then"};
    EXPECT_THAT(words(drift(wanted, world)), HasSubstr("container alpha-redis command"));
    redis.labels[label::spec] = "made-from-something-else";
    EXPECT_EQ(words(drift(wanted, world)), "");
    redis.limits.memory = mib(123);  // this a hand can change
    EXPECT_THAT(words(drift(wanted, world)), HasSubstr("container alpha-redis memory"));
    EXPECT_THAT(to_text(plan_instance(wanted, world)), HasSubstr("alpha-redis"));
}

TEST(Drift, AnEdgeConfigurationThatWeWroteBeforeIsNone) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    world.edge.config = "as-an-older-version-wrote-it";
    EXPECT_NE(words(drift(wanted, world)), "");
    world.edge.is_ours = true;
    EXPECT_EQ(words(drift(wanted, world)), "");
    EXPECT_THAT(to_text(plan_instance(wanted, world)), HasSubstr("configure container alpha-edge"));
}

TEST(Drift, ADatabaseOfBeforeKeepsItsHealthCheck) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    auto& postgres = world.containers.at("alpha-postgres").spec;
    EXPECT_THAT(postgres.health->test.back(), HasSubstr("pg_settings"));
    postgres.health = wanted_postgres(wanted).older_health;
    EXPECT_THAT(postgres.health->test.back(), ::testing::Not(HasSubstr("pg_settings")));
    EXPECT_EQ(words(drift(wanted, world)), "");
    EXPECT_EQ(to_text(plan_instance(wanted, world)), "");
}

TEST(Drift, OtherSecretsInACommitAreNone) {
    Wanted wanted = settled_instance();
    const World world = deployed(wanted);
    wanted.secrets["SECRET_KEY_BASE"] = Secret("canary-new");
    EXPECT_THAT(words(drift(wanted, world)), HasSubstr("environment SECRET_KEY_BASE: as given"));
    wanted.settled_had_other_secrets = true;
    EXPECT_EQ(words(drift(wanted, world)), "");
}

TEST(Drift, WithoutAMemoryOnlyWhatIsCertainIsSaid) {
    const Wanted before = settled_instance();
    World world = deployed(before);
    world.containers.at("alpha-web-1").spec.limits.memory = mib(123);
    world.containers.at("alpha-redis").state = RunState::exited;
    Wanted wanted = small_instance("v4.5.0");  // nothing is known of what was settled
    EXPECT_EQ(words(drift(wanted, world)),
              "container alpha-web-1 memory: 1GiB, is 123MiB; changed in place, without a "
              "restart\n");
}

Steps asked(const Wanted& wanted, const World& world) {
    Steps steps = plan_instance(wanted, world);
    restrain(wanted, world, {.puts_nothing_back = true}, steps);
    return steps;
}

TEST(ReportOnly, PutsNothingBack) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    world.containers.at("alpha-web-1").spec.limits.memory = mib(123);
    world.containers.at("alpha-sidekiq-main-1").state = RunState::exited;
    world.containers.erase("alpha-redis");
    world.edge.config = "0000000000000000";
    world.volumes.erase("alpha-edge");
    world.networks.erase("alpha-external");
    EXPECT_TRUE(asked(wanted, world).changes_nothing()) << to_text(asked(wanted, world));
    EXPECT_FALSE(plan_instance(wanted, world).changes_nothing());
}

TEST(ReportOnly, DoesWhatTheCommitAsks) {
    const Wanted before = settled_instance();
    const Wanted wanted = changed(before, "web: {cpus: 1.5, memory: 2GiB}\n");
    World world = deployed(before);
    world.containers.at("alpha-streaming-1").spec.limits.memory = mib(123);
    EXPECT_EQ(to_text(asked(wanted, world)),
              "#1 update container alpha-web-1: memory 1GiB -> 2GiB\n");
}

TEST(ReportOnly, AFirstDeploymentIsAskedForByItsCommit) {
    const Wanted wanted = small_instance();  // nothing was settled yet
    EXPECT_FALSE(asked(wanted, World{}).changes_nothing());
}

TEST(ReportOnly, ADatabaseThatMovesStopsWhatTheCommitDoesNotName) {
    const Wanted before = settled_instance();
    Wanted wanted = before;
    wanted.instance.postgres.version = before.instance.postgres.version + 1;
    World world = deployed(before);
    Steps steps;
    steps.add(SignalContainer{.id = world.containers.at("alpha-web-1").id, .name = "alpha-web-1"},
              "stopped for the database's move");
    restrain(wanted, world, {.puts_nothing_back = true}, steps);
    EXPECT_EQ(steps.steps.size(), 1U);
    restrain(before, world, {.puts_nothing_back = true}, steps);
    EXPECT_TRUE(steps.steps.empty());
    world.containers.at("alpha-web-1").state = RunState::exited;
    EXPECT_EQ(words(drift(wanted, world)), "");
}

TEST(ReportOnly, APlanSaysNothingOfWhatIsLeftAsItIs) {
    Wanted wanted = settled_instance();
    World world = deployed(wanted);
    world.containers.at("alpha-web-1").spec.limits.memory = mib(123);
    const auto plan = [&] { return preview(wanted, world, catalogue_forecast(wanted)); };
    EXPECT_EQ(plan().steps.size(), 1U);
    wanted.instance.drift = specs::DriftPolicy::report;
    wanted = settled(wanted);
    EXPECT_FALSE(plan().has_changes());
    EXPECT_EQ(plan().drift.size(), 1U);
}

TEST(Restraint, WhatIsHeldIsLeftAloneAndSaid) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    world.containers.at("alpha-web-1").spec.limits.memory = mib(123);
    world.containers.at("alpha-redis").spec.limits.memory = mib(123);
    const Restraint restraint{.held = {{"container alpha-redis", "comes back"}}};
    Steps steps = plan_instance(wanted, world);
    restrain(wanted, world, restraint, steps);
    EXPECT_EQ(to_text(steps),
              "#1 update container alpha-web-1: memory 123MiB -> 1GiB\n"
              "blocked (keeps-drifting): container alpha-redis comes back\n");
    world.containers.at("alpha-redis").state = RunState::exited;
    steps = plan_instance(wanted, world);
    restrain(wanted, world, restraint, steps);
    EXPECT_THAT(to_text(steps), HasSubstr("container alpha-redis: "));
}

TEST(CrashLoop, IsSaidOfWhatShouldStand) {
    const Wanted wanted = settled_instance();
    World world = deployed(wanted);
    auto& redis = world.containers.at("alpha-redis");
    redis.restart_count = 7;
    EXPECT_THAT(to_text(plan_instance(wanted, world)), ::testing::Not(HasSubstr("crash-loop")));
    redis.state = RunState::restarting;
    EXPECT_THAT(to_text(plan_instance(wanted, world)),
                HasSubstr("crash-loop): container alpha-redis ended 7 times"));
    EXPECT_THAT(to_text(plan_instance(small_instance(), world)),
                ::testing::Not(HasSubstr("crash-loop")));
}

TEST(Acceptance, NamesTheLineOfTheFile) {
    const Wanted wanted = settled_instance();
    const auto line = acceptance_of(wanted, "container alpha-sidekiq-main-1", "memory", "2GiB");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->key + ": " + line->value, "sidekiq.main.memory: 2GiB");
    const auto second = acceptance_of(wanted, "container alpha-web-1-b", "cpus", "2");
    ASSERT_TRUE(second);
    EXPECT_EQ(second->key, "web.cpus");
    EXPECT_FALSE(acceptance_of(wanted, "container alpha-web-1", "memory", "unlimited"));
    EXPECT_FALSE(acceptance_of(wanted, "container alpha-web-1", "command", "sleep"));
    EXPECT_FALSE(acceptance_of(wanted, "volume alpha-redis", "memory", "1GiB"));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
