// A change of version: what happens in which order, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Upgrade, BacksUpThenStopsThenMigratesThenStarts) {
    const World world = deployed(small_instance("v4.4.8"));
    const Ending run = run_to_end(small_instance("v4.5.0"), world);
    const std::string steps = steps_of(run.plan);
    EXPECT_TRUE(run.is_settled) << steps;
    const auto at = [&](const char* text) { return steps.find(text); };
    EXPECT_LT(at("pull image"), at("create container alpha-backup")) << steps;
    EXPECT_LT(at("start container alpha-backup"), at("stop container alpha-web-1")) << steps;
    EXPECT_LT(at("stop container alpha-web-1"), at("start container alpha-migrate-")) << steps;
    EXPECT_LT(at("start container alpha-migrate-"), at("create container alpha-web-1")) << steps;
    EXPECT_TRUE(run.world.schema.applied.contains("20240000000003"));
}

TEST(Upgrade, APatchReleaseWithoutMigrationsNeedsNoJob) {
    const World world = deployed(small_instance("v4.5.0"));
    const std::string steps = steps_of(run_to_end(small_instance("v4.5.1"), world).plan);
    EXPECT_THAT(steps, Not(HasSubstr("alpha-migrate-")));
    EXPECT_THAT(steps, Not(HasSubstr("alpha-backup")));
    EXPECT_THAT(steps, HasSubstr("image v4.5.0 -> v4.5.1"));
}

TEST(Upgrade, LeavesPostgresRedisAndEdgeAlone) {
    const World world = deployed(small_instance("v4.4.8"));
    const std::string steps = steps_of(run_to_end(small_instance("v4.5.0"), world).plan);
    EXPECT_THAT(steps, Not(HasSubstr("container alpha-postgres:")));
    EXPECT_THAT(steps, Not(HasSubstr("container alpha-redis:")));
    EXPECT_THAT(steps, Not(HasSubstr("container alpha-edge:")));
}

TEST(Upgrade, ARevertOverRegularMigrationsGoesBack) {
    const World world =
        run_to_end(small_instance("v4.5.0"), deployed(small_instance("v4.4.8"))).world;
    const Ending run = run_to_end(small_instance("v4.4.8"), world);
    EXPECT_TRUE(run.is_settled) << steps_of(run.plan);
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("alpha-migrate-")));
}

TEST(Upgrade, ARevertStaysSettledAndCanGoForwardAgain) {
    World world = run_to_end(small_instance("v4.5.0"), deployed(small_instance("v4.4.8"))).world;
    world = run_to_end(small_instance("v4.4.8"), world).world;
    EXPECT_TRUE(plan_instance(small_instance("v4.4.8"), world).is_settled());
    const Ending run = run_to_end(small_instance("v4.5.0"), world);
    EXPECT_TRUE(run.is_settled) << steps_of(run.plan);
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("alpha-migrate-")));
}

TEST(Upgrade, ARevertOverPostDeploymentMigrationsIsRefused) {
    const World world =
        run_to_end(small_instance("v4.6.0"), deployed(small_instance("v4.5.0"))).world;
    const Ending run = run_to_end(small_instance("v4.5.0"), world);
    ASSERT_FALSE(run.plan.blocked.empty());
    EXPECT_EQ(run.plan.blocked.front().code, "downgrade");
    EXPECT_TRUE(run.world.container("alpha-web-1")->is_ready());
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("stop container")));
}

TEST(Upgrade, APostMigrationOlderThanTheNewestRegularOneIsStillPending) {
    const Wanted wanted = small_instance("v4.6.0");
    World world = deployed(wanted);
    world.schema.applied.erase("20240000000004");
    EXPECT_THAT(steps_of(run_to_end(wanted, world).plan), HasSubstr("1 pending migrations"));
}

/// The world in which the migration to 4.6 has ended with exit code 1.
World after_failed_migration(const Wanted& wanted, bool post_began) {
    World world = deployed(small_instance("v4.5.0"));
    const Forecast forecast = [](const specs::ImageRef& image, const World&) {
        return migrations_of(image);
    };
    for (int pass = 0; pass < 60; ++pass) {
        const Steps steps = plan_instance(wanted, world);
        for (const Step& step : steps.steps) simulate(world, step.action);
        for (auto& [name, container] : world.containers) {
            if (container.spec.role != "migrate" || !container.is_running()) continue;
            container.state = RunState::exited;
            container.exit_code = 1;
            world.schema.applied.insert("20240000000005");
            if (post_began) return world;
            world.schema.applied.erase("20240000000005");
            return world;
        }
        simulate_time(world, wanted, forecast);
    }
    return world;
}

TEST(Upgrade, AFailedMigrationPutsTheOldVersionBackAndIsNotTriedAgain) {
    const Wanted wanted = small_instance("v4.6.0");
    const Ending run = run_to_end(wanted, after_failed_migration(wanted, false));
    ASSERT_FALSE(run.plan.blocked.empty());
    EXPECT_EQ(run.plan.blocked.front().code, "migration-failed");
    EXPECT_EQ(run.plan.blocked.front().kind, ErrorKind::failed);
    EXPECT_THAT(steps_of(run.plan), HasSubstr("start container alpha-web-1: put back"));
    EXPECT_TRUE(run.world.container("alpha-web-1")->is_running());
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("start container alpha-migrate")));
}

TEST(Upgrade, AnotherCommitIsTakenUpDuringAFailedUpgrade) {
    const Wanted bad = small_instance("v4.6.0");
    const Ending run = run_to_end(small_instance("v4.5.0"), after_failed_migration(bad, false));
    EXPECT_TRUE(run.is_settled) << steps_of(run.plan)
                                << (run.plan.blocked.empty() ? "" : run.plan.blocked[0].message);
}

TEST(Upgrade, WithoutABackupThereIsNoMigration) {
    const Wanted wanted = small_instance("v4.5.0");
    World world = deployed(small_instance("v4.4.8"));
    world.containers["alpha-backup"] = {};
    Ending run = run_to_end(wanted, deployed(small_instance("v4.4.8")));
    // The same, but the dump fails: nothing is stopped.
    world = deployed(small_instance("v4.4.8"));
    const Forecast forecast = [](const specs::ImageRef& image, const World&) {
        return migrations_of(image);
    };
    for (int pass = 0; pass < 60; ++pass) {
        for (const Step& step : plan_instance(wanted, world).steps) simulate(world, step.action);
        const auto backup = world.containers.find("alpha-backup");
        if (backup != world.containers.end() && backup->second.is_running()) {
            backup->second.state = RunState::exited;
            backup->second.exit_code = 1;
            break;
        }
        simulate_time(world, wanted, forecast);
    }
    run = run_to_end(wanted, world);
    ASSERT_FALSE(run.plan.blocked.empty());
    EXPECT_EQ(run.plan.blocked.front().code, "backup-failed");
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("stop container")));
    EXPECT_TRUE(run.world.container("alpha-web-1")->is_ready());
}

TEST(Upgrade, WhenTheRegistryIsDownNothingIsTouched) {
    const Wanted wanted = small_instance("v4.5.0");
    World world = deployed(small_instance("v4.4.8"));
    for (const auto& image : wanted_images(wanted)) {
        if (world.image(image) == nullptr)
            world.pull_errors[specs::to_text(image)] = "connection refused";
    }
    const Steps steps = plan_instance(wanted, world);
    EXPECT_TRUE(steps.changes_nothing()) << to_text(steps);
    ASSERT_FALSE(steps.blocked.empty());
    EXPECT_EQ(steps.blocked.front().code, "image-unavailable");
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
