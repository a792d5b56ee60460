// Another major version of PostgreSQL: what is done before anything stops, in which order the rest
// follows, and that a revert or a failure finds the old server where it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/labels.hpp"
#include "reconcilers/postgres_major.hpp"
#include "tests/support/reconciling.hpp"
#include "tests/unit/reconcilers/in_order.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Wanted on(int major) {
    Wanted wanted = small_instance("v4.5.0");
    wanted.instance.postgres.version = major;
    return wanted;
}

const Forecast forecast = [](const specs::ImageRef& image, const World&) {
    return migrations_of(image);
};

/// Plans and simulates until the steps of a pass say that, and does not take them.
std::string until(const Wanted& wanted, World& world, const std::string& words) {
    for (int pass = 0; pass < 600; ++pass) {
        const Steps steps = plan_instance(wanted, world);
        if (to_text(steps).find(words) != std::string::npos) return to_text(steps);
        for (const Step& step : steps.steps) simulate(world, step.action);
        simulate_time(world, wanted, forecast);
    }
    ADD_FAILURE() << "never: " << words;
    return "";
}

TEST(PostgresMajor, EverythingThatCanBeIsDoneBeforeAnythingStops) {
    const Ending end = run_to_end(on(17), deployed(on(15)));
    EXPECT_TRUE(end.is_settled);
    const std::string steps = steps_of(end.plan);
    expect_in_order(
        steps,
        {"pull image docker.io/library/postgres:17-bookworm", "create volume alpha-postgres-17",
         "create container alpha-postgres-copy", "start container alpha-backup",
         "quiet container alpha-sidekiq", "stop container alpha-web-1",
         "start container alpha-postgres-copy", "stop container alpha-postgres:",
         "remove container alpha-postgres:", "the database is in alpha-postgres-17 from here on",
         "create container alpha-postgres:", "start container alpha-web-1"});
    EXPECT_EQ(end.world.identity.database_volume, "alpha-postgres-17");
    EXPECT_TRUE(end.world.volumes.contains("alpha-postgres-15")) << "it is nobody's to remove";
    EXPECT_EQ(end.world.container("alpha-postgres-copy"), nullptr);
    EXPECT_EQ(end.world.container("alpha-postgres")->spec.mounts.front().volume,
              "alpha-postgres-17");
}

TEST(PostgresMajor, ARevertBeforeTheSwitchLeavesTheOldServerAndTakesTheCopyAway) {
    World world = deployed(on(15));
    (void)until(on(17), world, "stop container alpha-postgres:");
    const Ending end = run_to_end(on(15), world);
    EXPECT_TRUE(end.is_settled);
    EXPECT_EQ(end.world.container("alpha-postgres")->spec.mounts.front().volume,
              "alpha-postgres-15");
    EXPECT_EQ(end.world.container("alpha-postgres-copy"), nullptr);
    EXPECT_TRUE(run_to_end(on(17), end.world).is_settled) << "and it can be tried again";
}

TEST(PostgresMajor, WhatWasWrittenSinceTheCopyIsNotLost) {
    World world = deployed(on(15));
    (void)until(on(17), world, "stop container alpha-postgres:");
    // Somebody starts web by hand, and people write.
    ObservedContainer& web = world.containers.at("alpha-web-1");
    web.state = RunState::running;
    web.health = Health::healthy;
    const std::string steps = to_text(plan_instance(on(17), world));
    EXPECT_THAT(steps, Not(HasSubstr("container alpha-postgres:")));
    EXPECT_THAT(steps, HasSubstr("alpha-web-1: stopped for the database's move"));
    web.state = RunState::exited;
    web.finished_at = world.now;
    EXPECT_THAT(to_text(plan_instance(on(17), world)),
                HasSubstr("remove container alpha-postgres-copy: something was written since"));
    EXPECT_TRUE(run_to_end(on(17), world).is_settled);
}

TEST(PostgresMajor, AFailedCopyLetsEverybodyGoOnWhereTheyWere) {
    World world = deployed(on(15));
    (void)until(on(17), world, "start container alpha-postgres-copy");
    ObservedContainer& job = world.containers.at("alpha-postgres-copy");
    job.state = RunState::exited;
    job.exit_code = 1;
    job.log_tail = "could not write";
    const Ending end = run_to_end(on(17), world);
    ASSERT_FALSE(end.plan.blocked.empty());
    EXPECT_EQ(end.plan.blocked.front().code, "postgres-copy-failed");
    EXPECT_THAT(end.plan.blocked.front().message, HasSubstr("could not write"));
    EXPECT_TRUE(end.world.container("alpha-web-1")->is_ready());
    EXPECT_EQ(end.world.identity.database_volume, "alpha-postgres-15");
}

TEST(PostgresMajor, AnOlderOneIsRefused) {
    const Steps steps = plan_instance(on(15), deployed(on(17)));
    ASSERT_FALSE(steps.blocked.empty());
    EXPECT_EQ(steps.blocked.front().code, "postgres-major");
}

TEST(PostgresMajor, AStrangersVolumeOfThatNameIsNotTaken) {
    World world = deployed(on(15));
    world.volumes["alpha-postgres-17"] = {.name = "alpha-postgres-17"};
    const Ending end = run_to_end(on(17), world);
    ASSERT_FALSE(end.plan.blocked.empty());
    EXPECT_EQ(end.plan.blocked.front().code, "name-taken");
    EXPECT_TRUE(end.world.container("alpha-web-1")->is_ready());
}

TEST(PostgresMajor, ItWaitsForItsWindow) {
    World world = deployed(on(15));
    world.is_window_open = false;
    world.window_opens = world.now + std::chrono::hours(100);
    const std::string steps = until(on(17), world, "waits for its window");
    EXPECT_TRUE(world.container("alpha-web-1")->is_ready());
}

TEST(PostgresMajor, NoPlanStartsCodeOnTheDatabaseThatIsLeft) {
    const Wanted wanted = on(17);
    World world = deployed(on(15));
    (void)until(wanted, world, "stop container alpha-postgres:");
    const std::string id = world.container("alpha-web-1")->id;
    world.identity.database_volume = "alpha-postgres-17";
    Steps steps;
    steps.add(StartContainer{id, "alpha-web-1"}, "test");
    EXPECT_EQ(only_safe(wanted, world, steps).blocked.front().code, "unsafe");
    Steps pin;
    Identity back = world.identity;
    back.database_volume = "alpha-postgres-15";
    pin.add(PinIdentity{back}, "test");
    EXPECT_EQ(only_safe(wanted, world, pin).blocked.front().code, "unsafe");
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
