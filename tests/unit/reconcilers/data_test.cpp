// The data: never made twice, never substituted, never taken for another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/labels.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string code(const Steps& steps) {
    return steps.blocked.empty() ? "" : steps.blocked.front().code;
}

TEST(Data, AVolumeThatIsGoneStopsTheWork) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.containers.clear();
    world.volumes.erase("alpha-postgres-17");
    const Steps steps = plan_instance(wanted, world);
    EXPECT_EQ(code(steps), "data-volume-missing") << to_text(steps);
    EXPECT_TRUE(steps.steps.empty());
}

TEST(Data, WhatACutOffHealthCheckLeavesIsNotTheServersChild) {
    // The server takes any child that dies for one of its own, and ends every session.
    EXPECT_TRUE(wanted_postgres(small_instance()).init);
}

TEST(Data, AVolumeMadeAgainByHandIsNotUsed) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.containers.clear();
    world.volumes.at("alpha-postgres-17").labels.erase(label::volume);
    const Steps steps = plan_instance(wanted, world);
    EXPECT_EQ(code(steps), "data-volume-missing");
    EXPECT_THAT(steps.blocked.front().hint, HasSubstr("docker volume rm alpha-postgres-17"));
}

TEST(Data, TheEnginesTimeOfCreationIsNoIdentity) {
    // Docker 20.10 shows when the volume's folder last changed, which the first container does.
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.volumes.at("alpha-postgres-17").created_at = "another moment";
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
}

TEST(Data, WithTheLocalStateLostTheVolumesAreTakenForWhatTheyAre) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    const Identity before = world.identity;
    world.identity = {};
    const Ending run = run_to_end(wanted, world);
    EXPECT_TRUE(run.is_settled);
    EXPECT_EQ(run.world.identity.volumes, before.volumes);
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("volume alpha")));
}

TEST(Data, WithStateAndDatabaseVolumeLostNothingIsMade) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.identity = {};
    world.containers.clear();
    world.volumes.erase("alpha-postgres-17");
    EXPECT_EQ(code(plan_instance(wanted, world)), "data-volume-missing");
}

TEST(Data, AStrangersVolumeIsNotTaken) {
    World world;
    world.volumes["alpha-postgres-17"] = {.name = "alpha-postgres-17", .created_at = "then"};
    EXPECT_EQ(code(plan_instance(small_instance(), world)), "name-taken");
}

TEST(Data, AnotherDatabaseInTheSameVolumeStopsTheWork) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.schema.system_identifier = "another";
    EXPECT_EQ(code(plan_instance(wanted, world)), "database-replaced");
}

TEST(Data, TheDomainNeverChanges) {
    Wanted wanted = small_instance();
    const World world = deployed(wanted);
    wanted.instance.domain = "beta.test";
    EXPECT_EQ(code(plan_instance(wanted, world)), "domain-changed");
}

TEST(Data, AfterAVersionWasRefusedNoVolumeWasTouched) {
    const Ending run =
        run_to_end(small_instance("v4.5.0"),
                   run_to_end(small_instance("v4.6.0"), deployed(small_instance("v4.5.0"))).world);
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("volume")));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
