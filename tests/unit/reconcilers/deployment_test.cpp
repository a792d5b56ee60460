// A first deployment, and what keeps it as it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/upgrade.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t position(const std::string& text, const std::string& part) {
    return text.find(part);
}

TEST(Deployment, SettlesFromAnEmptyEngine) {
    const Ending run = run_to_end(small_instance(), {});
    EXPECT_TRUE(run.is_settled) << steps_of(run.plan);
    EXPECT_TRUE(run.plan.blocked.empty());
    for (const char* name : {"alpha-web-1", "alpha-streaming-1", "alpha-sidekiq-main-1",
                             "alpha-postgres", "alpha-redis", "alpha-edge"}) {
        ASSERT_NE(run.world.container(name), nullptr) << name;
        EXPECT_TRUE(run.world.container(name)->is_ready()) << name;
    }
}

TEST(Deployment, StaysSettled) {
    const Wanted wanted = small_instance();
    const Steps steps = plan_instance(wanted, deployed(wanted));
    EXPECT_TRUE(steps.is_settled()) << to_text(steps);
}

TEST(Deployment, WritesTheIdentityDownBeforeAnyVolumeIsMade) {
    const std::string steps = steps_of(run_to_end(small_instance(), {}).plan);
    EXPECT_LT(position(steps, "pin identity"), position(steps, "create volume"));
}

TEST(Deployment, SetsTheSchemaUpBeforeMastodonStarts) {
    const std::string steps = steps_of(run_to_end(small_instance(), {}).plan);
    EXPECT_LT(position(steps, "start container alpha-setup-"),
              position(steps, "start container alpha-web-1"));
    EXPECT_LT(position(steps, "start container alpha-postgres"),
              position(steps, "create container alpha-setup-"));
}

TEST(Deployment, AJobThatChangesTheSchemaReachesTheDatabasesNetworkAlone) {
    const Wanted wanted = small_instance();
    for (const ContainerSpec& job : {setup_job(wanted, "sha256:1"), migrate_job(wanted, "sha256:1"),
                                     premigrate_job(wanted, "sha256:1")}) {
        ASSERT_EQ(job.networks.size(), 1U) << job.name;
        EXPECT_EQ(job.networks.begin()->first, "alpha-internal") << job.name;
    }
}

TEST(Deployment, BeginsTheDatabaseBeforeAnythingElse) {
    const std::string steps = steps_of(run_to_end(small_instance(), {}).plan);
    const auto begun = position(steps, "start container alpha-postgres-init");
    for (const char* other : {"alpha-redis", "alpha-migrations-", "alpha-web-1", "alpha-edge"}) {
        EXPECT_LT(begun, position(steps, std::string("create container ") + other)) << other;
    }
}

TEST(Deployment, WebBootsAloneForTheFirstTime) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.edge.routes.clear();
    for (const char* name : {"alpha-sidekiq-main-1", "alpha-streaming-1"}) {
        world.containers.at(name).state = RunState::created;
    }
    ObservedContainer& web = world.containers.at("alpha-web-1");
    web.health = Health::starting;
    web.answers = false;
    EXPECT_THAT(to_text(plan_instance(wanted, world)), Not(HasSubstr("start container")));

    world.containers.at("alpha-sidekiq-main-1").state = RunState::exited;  // not its first start
    EXPECT_THAT(to_text(plan_instance(wanted, world)), HasSubstr("start container alpha-sidekiq"));

    web.answers = true;
    web.good_looks = 1;
    const std::string steps = to_text(plan_instance(wanted, world));
    EXPECT_THAT(steps, HasSubstr("start container alpha-streaming-1"));
    EXPECT_THAT(steps, HasSubstr("alpha-web-1 serves"));
}

TEST(Deployment, WhereWebNeverAnswersTheOthersStartAllTheSame) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.containers.at("alpha-sidekiq-main-1").state = RunState::created;
    world.containers.at("alpha-web-1").health = Health::unhealthy;
    EXPECT_THAT(to_text(plan_instance(wanted, world)), HasSubstr("start container alpha-sidekiq"));
}

TEST(Deployment, GivesEveryContainerItsLimitsAndPosture) {
    const World world = deployed(small_instance());
    for (const auto& [name, container] : world.containers) {
        EXPECT_GT(container.spec.limits.memory.count, 0) << name;
        EXPECT_GT(container.spec.limits.pids, 0) << name;
        EXPECT_TRUE(container.spec.no_new_privileges) << name;
        EXPECT_TRUE(container.spec.foreign.empty()) << name;
    }
}

TEST(Deployment, ThePostgresServerHasNoPasswordToMakeANewDatabaseWith) {
    const World world = deployed(small_instance());
    EXPECT_FALSE(world.container("alpha-postgres")->spec.environment.contains("POSTGRES_PASSWORD"));
}

TEST(Deployment, NoPlanShowsASecret) {
    const Wanted wanted = small_instance();
    const Plan plan = preview(wanted, {}, catalogue_forecast(wanted));
    EXPECT_THAT(to_text(plan), Not(HasSubstr("canary")));
}

TEST(Deployment, AStoppedContainerIsStartedAndALostOneMadeAgain) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.containers.at("alpha-redis").state = RunState::exited;
    world.containers.erase("alpha-web-1");
    const Ending run = run_to_end(wanted, world);
    EXPECT_TRUE(run.is_settled);
    EXPECT_THAT(steps_of(run.plan), HasSubstr("start container alpha-redis: not running"));
    EXPECT_THAT(steps_of(run.plan), HasSubstr("create container alpha-web-1: not found"));
}

TEST(Deployment, APausedContainerIsUnpaused) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.containers.at("alpha-web-1").state = RunState::paused;
    EXPECT_THAT(steps_of(run_to_end(wanted, world).plan),
                HasSubstr("unpause container alpha-web-1"));
}

TEST(Deployment, ScalingDownRemovesOnlyTheReplicaTooMany) {
    Wanted wanted = small_instance();
    wanted.instance.web.replicas = 2;
    const World world = deployed(wanted);
    ASSERT_NE(world.container("alpha-web-2"), nullptr);
    wanted.instance.web.replicas = 1;
    const Ending run = run_to_end(wanted, world);
    EXPECT_TRUE(run.is_settled);
    EXPECT_EQ(run.world.container("alpha-web-2"), nullptr);
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("alpha-web-1")));
}

TEST(Deployment, ANameThatSomebodyElseHasIsLeftAlone) {
    World world;
    world.taken_names["alpha-redis"] = "stranger";
    const Ending run = run_to_end(small_instance(), world);
    ASSERT_FALSE(run.plan.blocked.empty());
    EXPECT_EQ(run.plan.blocked.front().code, "name-taken");
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("container alpha-redis")));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
