// The wall behind the reconcilers: each rule is broken once, on purpose, and must hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;

std::string refusal(const Wanted& wanted, const World& world, Action action) {
    Steps steps;
    steps.add(std::move(action), "test");
    const Steps safe = only_safe(wanted, world, steps);
    if (safe.blocked.empty()) return "";
    EXPECT_TRUE(safe.steps.empty());
    EXPECT_EQ(safe.blocked.front().code, "unsafe");
    return safe.blocked.front().message;
}

TEST(Safety, NoContainerOnAVolumeThatIsNotThere) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.volumes.clear();
    EXPECT_THAT(refusal(wanted, world, CreateContainer{.spec = wanted_postgres(wanted)}),
                HasSubstr("would be made empty"));
}

TEST(Safety, NoContainerOnAnotherVolume) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    for (auto& [name, volume] : world.volumes) volume.labels.clear();
    EXPECT_THAT(refusal(wanted, world, CreateContainer{.spec = wanted_postgres(wanted)}),
                HasSubstr("not the one"));
}

TEST(Safety, NoSecondDumpBesideOneThatRuns) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    for (const char* name : {"alpha-backup", "alpha-backup-old"}) {
        ObservedContainer job{.id = std::string("id-") + name, .name = name};
        job.spec.role = "backup";
        world.containers[name] = job;
    }
    world.containers["alpha-backup-old"].state = RunState::running;
    EXPECT_THAT(refusal(wanted, world, StartContainer{.id = "id-alpha-backup"}),
                HasSubstr("beside alpha-backup-old"));
}

TEST(Safety, WhatRunsIsNotRemoved) {
    const Wanted wanted = small_instance();
    const World world = deployed(wanted);
    const auto& web = *world.container("alpha-web-1");
    EXPECT_THAT(refusal(wanted, world, RemoveContainer{web.id, web.name}), HasSubstr("it runs"));
}

TEST(Safety, OnlyWhatWasSeenInThisPassIsTouched) {
    const Wanted wanted = small_instance();
    EXPECT_THAT(refusal(wanted, deployed(wanted), RemoveContainer{"unseen", "x"}),
                HasSubstr("not seen"));
    EXPECT_THAT(refusal(wanted, deployed(wanted), StartContainer{"unseen", "x"}),
                HasSubstr("not seen"));
}

TEST(Safety, NeverTwoSchedulers) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    ObservedContainer second = world.containers.at("alpha-sidekiq-main-1");
    second.id = "second";
    second.name = "alpha-sidekiq-main-2";
    second.state = RunState::created;
    world.containers[second.name] = second;
    EXPECT_THAT(refusal(wanted, world, StartContainer{"second", second.name}),
                HasSubstr("scheduler"));
}

TEST(Safety, NeverTwoDatabases) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    ObservedContainer second = world.containers.at("alpha-postgres");
    second.id = "second";
    second.name = "other";
    second.state = RunState::created;
    world.containers[second.name] = second;
    EXPECT_THAT(refusal(wanted, world, StartContainer{"second", "other"}), HasSubstr("beside"));
}

TEST(Safety, NoPostDeploymentMigrationBesideOldCode) {
    const Wanted wanted = small_instance("v4.5.0");
    World world = deployed(small_instance("v4.4.8"));
    world.containers["job"] = {.id = "job", .name = "job", .spec = {.role = "migrate"}};
    EXPECT_THAT(refusal(wanted, world, StartContainer{"job", "job"}), HasSubstr("old code"));
    // Not even where the job says that it brings none, and would.
    world.containers["job"].spec.role = "premigrate";
    EXPECT_THAT(refusal(wanted, world, StartContainer{"job", "job"}),
                HasSubstr("post-deployment migrations too"));
}

TEST(Safety, NobodyIsSentToWhatIsAskedToStop) {
    const Wanted wanted = small_instance();
    const World world = deployed(wanted);
    const auto& web = *world.container("alpha-web-1");
    ASSERT_TRUE(world.edge.routes.contains("alpha-web-1"));
    EXPECT_THAT(refusal(wanted, world, SignalContainer{.id = web.id, .name = web.name}),
                HasSubstr("the edge sends people to it"));
}

TEST(Safety, NoNewCodeOnAnOldSchema) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.schema.applied = {"20240000000001"};
    auto& web = world.containers.at("alpha-web-1");
    web.state = RunState::created;
    EXPECT_THAT(refusal(wanted, world, StartContainer{web.id, web.name}), HasSubstr("pending"));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
