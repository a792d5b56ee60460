// A change of version: what happens in which order, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/giving_up.hpp"
#include "specs/specs.hpp"
#include "specs/values/digest.hpp"
#include "tests/support/reconciling.hpp"
#include "tests/unit/reconcilers/in_order.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const Forecast forecast = [](const specs::ImageRef& image, const World&) {
    return migrations_of(image);
};

Wanted stopped(const std::string& version) {
    Wanted wanted = small_instance(version);
    wanted.instance.upgrade.strategy = specs::Strategy::stop;
    return wanted;
}

TEST(Upgrade, RollsInTwoPhases) {
    const World world = deployed(small_instance("v4.5.0"));
    const Ending run = run_to_end(small_instance("v4.6.0"), world);
    const std::string steps = steps_of(run.plan);
    EXPECT_TRUE(run.is_settled) << steps;
    expect_in_order(
        steps, {"pull image", "start container alpha-backup", "start container alpha-premigrate-",
                "start container alpha-web-1-b", "configure container alpha-edge: alpha-web-1-b",
                "stop container alpha-web-1:", "remove container alpha-web-1:",
                "start container alpha-migrate-"});
    expect_in_order(
        steps, {"start container alpha-web-1-b", "quiet container alpha-sidekiq-main-1:",
                "stop container alpha-sidekiq-main-1:", "start container alpha-sidekiq-main-1-b:",
                "remove container alpha-sidekiq-main-1:", "start container alpha-migrate-"});
    EXPECT_TRUE(run.world.schema.applied.contains("20240000000004"));
    for (const auto& planned : run.plan.steps) {
        EXPECT_EQ(planned.step.downtime == Downtime::stops, false) << steps;
    }
}

TEST(Upgrade, TheSecondPhaseNeedsNoSecondDump) {
    const World world = deployed(small_instance("v4.5.0"));
    const std::string steps = steps_of(run_to_end(small_instance("v4.6.0"), world).plan);
    EXPECT_EQ(steps.find("start container alpha-backup"),
              steps.rfind("start container alpha-backup"))
        << steps;
}

TEST(Upgrade, StopsFirstWhereItIsToldTo) {
    const World world = deployed(small_instance("v4.5.0"));
    const Ending run = run_to_end(stopped("v4.6.0"), world);
    const std::string steps = steps_of(run.plan);
    EXPECT_TRUE(run.is_settled) << steps;
    // Everything that can be done before is done before; people see a page meanwhile.
    expect_in_order(
        steps, {"start container alpha-backup", "create container alpha-migrate-",
                "quiet container alpha-sidekiq-main-1:", "stop container alpha-sidekiq-main-1:",
                "configure container alpha-edge: alpha-streaming-1 does not, alpha-web-1 does not",
                "stop container alpha-web-1:", "start container alpha-migrate-",
                "start container alpha-web-1-b", "configure container alpha-edge: alpha-"});
    EXPECT_LT(steps.find("create container alpha-web-1-b"), steps.find("stop container"));
    EXPECT_THAT(steps, Not(HasSubstr("premigrate")));
}

TEST(Upgrade, IsForeseenAlsoWhereItsWindowIsDaysAway) {
    World world = deployed(small_instance("v4.5.0"));
    world.is_window_open = false;
    world.window_opens = world.now + std::chrono::hours(100);
    Wanted wanted = small_instance("v4.6.0");
    wanted.instance.upgrade.window = "Sun 02:00-05:00 UTC";
    const Plan plan = preview(wanted, world, forecast);
    EXPECT_TRUE(plan.blocked.empty()) << to_text(plan);
    EXPECT_THAT(to_text(plan), HasSubstr("start container alpha-migrate-"));
}

TEST(Upgrade, IsForeseenToItsEndAlsoFromImagesThatAreHere) {
    World world = deployed(small_instance("v4.5.0"));
    for (const auto& reference : wanted_images(small_instance("v4.6.0"))) {
        // Every setting that a container takes over from its image.
        world.images.try_emplace(specs::to_text(reference),
                                 ImageFacts{.id = "sha256:" + sha256(specs::to_text(reference)),
                                            .entrypoint = {"/usr/bin/tini", "--"},
                                            .command = {"serve"},
                                            .user = "991",
                                            .working_folder = "/opt/mastodon",
                                            .environment = {{"RAILS_ENV", "production"}},
                                            .labels = {{"maintainer", "somebody"}},
                                            .stop_signal = "SIGQUIT",
                                            .health = HealthCheck{.test = {"NONE"}},
                                            .volumes = {"/data"}});
    }
    const Plan plan = preview(small_instance("v4.6.0"), world, forecast);
    EXPECT_TRUE(plan.blocked.empty()) << to_text(plan);
    EXPECT_THAT(to_text(plan), HasSubstr("start container alpha-web-1-b"));
}

TEST(Upgrade, StopsFirstWhereTwoDoNotFit) {
    World world = deployed(small_instance("v4.5.0"));
    world.host.memory = mib(4096);  // what runs has limits of 3456 MiB
    const std::string steps = steps_of(run_to_end(small_instance("v4.6.0"), world).plan);
    EXPECT_THAT(steps, Not(HasSubstr("premigrate")));
    expect_in_order(steps, {"stop container alpha-web-1:", "start container alpha-migrate-",
                            "start container alpha-web-1-b"});
    world.host.memory = mib(8192);
    EXPECT_THAT(steps_of(run_to_end(small_instance("v4.6.0"), world).plan),
                HasSubstr("premigrate"));
}

TEST(Upgrade, ThePlanSaysWhetherItRollsAndWhy) {
    const Wanted wanted = small_instance("v4.6.0");
    World world = deployed(small_instance("v4.5.0"));
    EXPECT_THAT(preview(wanted, world, forecast).path, HasSubstr("v4.5.0 -> v4.6.0 (rolls: "));
    world.host.memory = mib(4096);
    const Plan plan = preview(wanted, world, forecast);
    EXPECT_THAT(plan.path, HasSubstr("v4.6.0 (stops first: memory has no room"));
    ASSERT_EQ(plan.migrations.size(), 2U);
    EXPECT_TRUE(plan.migrations.back().is_post_deployment);
}

TEST(Upgrade, RefusesToStopWhereItIsToldToRoll) {
    World world = deployed(small_instance("v4.5.0"));
    world.host.memory = mib(4096);
    Wanted wanted = small_instance("v4.6.0");
    wanted.instance.upgrade.strategy = specs::Strategy::rolling;
    const Ending run = run_to_end(wanted, world);
    ASSERT_FALSE(run.plan.blocked.empty());
    EXPECT_EQ(run.plan.blocked.front().code, "cannot-roll");
    EXPECT_THAT(run.plan.blocked.front().message, HasSubstr("memory has no room"));
    EXPECT_TRUE(run.world.container("alpha-web-1")->is_ready());
}

TEST(Upgrade, GoesThroughTheMinorReleasesInBetween) {
    const World world = deployed(small_instance("v4.4.8"));
    const Ending run = run_to_end(small_instance("v4.6.0"), world);
    const std::string steps = steps_of(run.plan);
    EXPECT_TRUE(run.is_settled) << steps;
    // v4.5.20 is the newest of its line that the catalogue knows.
    expect_in_order(steps, {"pull image ghcr.io/mastodon/mastodon:v4.6.0", "mastodon:v4.5.20",
                            "start container alpha-premigrate-",
                            "start container alpha-web-1-b: image v4.4.8 -> v4.5.20",
                            "start container alpha-premigrate-",
                            "start container alpha-web-1: image v4.5.20 -> v4.6.0",
                            "start container alpha-migrate-"});
}

TEST(Upgrade, WaitsForItsWindowAndThenGoesToItsEnd) {
    World world = deployed(small_instance("v4.5.0"));
    world.is_window_open = false;
    world.window_opens = world.now + std::chrono::hours(1000);
    const Wanted wanted = small_instance("v4.6.0");
    const Ending run = run_to_end(wanted, world);
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("start container alpha-premigrate")));
    EXPECT_THAT(to_text(plan_instance(wanted, run.world)), HasSubstr("waits for its window"));
    // Shut again once its first migration ran: what has begun is brought to its end.
    World begun = run.world;
    begun.schema.applied.insert("20240000000005");
    EXPECT_TRUE(run_to_end(wanted, begun).is_settled);
}

TEST(Upgrade, ANewReleaseThatDoesNotAnswerLeavesTheOldOneServing) {
    const Wanted wanted = small_instance("v4.6.0");
    World world = deployed(small_instance("v4.5.0"));
    for (int pass = 0; pass < 400; ++pass) {
        const Steps steps = only_safe(wanted, world, plan_instance(wanted, world));
        for (const Step& step : steps.steps) simulate(world, step.action);
        simulate_time(world, wanted, forecast);
        const auto fresh = world.containers.find("alpha-web-1-b");
        if (fresh != world.containers.end()) fresh->second.health = Health::unhealthy;
        ASSERT_TRUE(world.edge.routes.contains("alpha-web-1"));
    }
    const Steps steps = plan_instance(wanted, world);
    ASSERT_FALSE(steps.blocked.empty()) << to_text(steps);
    EXPECT_EQ(steps.blocked.front().code, "rolled-back");
    EXPECT_EQ(steps.blocked.front().kind, ErrorKind::failed);
    EXPECT_THAT(steps.blocked.front().message, HasSubstr("did not answer within 3m"));
    EXPECT_TRUE(steps.changes_nothing()) << to_text(steps);
    EXPECT_TRUE(world.container("alpha-web-1")->is_ready());
    EXPECT_FALSE(world.container("alpha-web-1-b")->is_alive());
    EXPECT_TRUE(world.container("alpha-sidekiq-main-1")->is_ready());
    EXPECT_FALSE(world.schema.applied.contains("20240000000004"));
    // Somebody cuts off the one that serves: it is put back.
    World cut = world;
    ObservedContainer& old = cut.containers.at("alpha-web-1");
    old.spec.networks.erase("alpha-internal");
    old.network_ids.erase("alpha-internal");
    EXPECT_THAT(to_text(plan_instance(wanted, cut)),
                HasSubstr("connect container alpha-web-1 to network alpha-internal"));
    // Something else is tried at once, and the release before it is settled at once.
    EXPECT_TRUE(run_to_end(small_instance("v4.6.1"), world).is_settled);
    EXPECT_TRUE(run_to_end(small_instance("v4.5.0"), world).is_settled);
    // Forgotten: it is tried again.
    world.failures.clear();
    EXPECT_THAT(steps_of(run_to_end(wanted, world).plan),
                HasSubstr("start container alpha-web-1-b"));
}

/// Many passes over a world in which this container never becomes healthy.
Steps end_with_broken(const Wanted& wanted, World& world, const std::string& name) {
    for (int pass = 0; pass < 600; ++pass) {
        const Steps steps = only_safe(wanted, world, plan_instance(wanted, world));
        for (const Step& step : steps.steps) simulate(world, step.action);
        simulate_time(world, wanted, forecast);
        const auto broken = world.containers.find(name);
        if (broken != world.containers.end()) broken->second.health = Health::unhealthy;
        const bool is_served = world.edge.routes.contains("alpha-web-1") ||
                               world.edge.routes.contains("alpha-web-1-b");
        EXPECT_TRUE(is_served || wanted.instance.upgrade.strategy == specs::Strategy::stop);
    }
    return plan_instance(wanted, world);
}

TEST(Upgrade, TwoSchedulersAreNotStartedInOnePass) {
    Wanted before = small_instance();
    before.instance.sidekiq.push_back(before.instance.sidekiq.front());
    before.instance.sidekiq.back().name = "push";
    before.instance.sidekiq.back().queues = {"push"};
    Wanted wanted = before;
    std::erase(wanted.instance.sidekiq.front().queues, "scheduler");
    wanted.instance.sidekiq.back().queues.emplace_back("scheduler");
    World world = deployed(before);
    const auto has_stopped = [&] { return world.container("alpha-sidekiq-push-1")->has_exited(); };
    for (int pass = 0; pass < 1000 && !has_stopped(); ++pass) {
        for (const Step& step : plan_instance(wanted, world).steps) simulate(world, step.action);
        simulate_time(world, wanted, forecast);
    }
    ASSERT_TRUE(has_stopped()) << to_text(plan_instance(wanted, world));
    // Somebody removes the one that took over what the first group keeps.
    world.containers.erase("alpha-sidekiq-main-1-b");
    const std::string plan = to_text(plan_instance(wanted, world));
    EXPECT_THAT(plan, HasSubstr("start container alpha-sidekiq-main-1:"));
    EXPECT_THAT(plan, Not(HasSubstr("start container alpha-sidekiq-push-1-b")));
    EXPECT_THAT(plan, HasSubstr("waits for the scheduler in alpha-sidekiq-main-1"));
    EXPECT_TRUE(run_to_end(wanted, world).is_settled);
}

TEST(Upgrade, OnTheWayBackTheNewWebServesUntilTheOldOneIsOnItsNetworks) {
    const Wanted wanted = small_instance("v4.6.0");
    World world = deployed(small_instance("v4.5.0"));
    bool was_cut = false;
    for (int pass = 0; pass < 600; ++pass) {
        const Steps steps = only_safe(wanted, world, plan_instance(wanted, world));
        for (const Step& step : steps.steps) simulate(world, step.action);
        simulate_time(world, wanted, forecast);
        const auto broken = world.containers.find("alpha-sidekiq-main-1-b");
        if (broken != world.containers.end()) broken->second.health = Health::unhealthy;
        const bool goes_back = !world.failures.empty();
        ObservedContainer& old = world.containers.at("alpha-web-1");
        if (!goes_back || was_cut || !old.is_proven()) continue;
        was_cut = true;
        old.spec.networks.erase("alpha-internal");
        old.network_ids.erase("alpha-internal");
        const std::string plan = to_text(plan_instance(wanted, world));
        EXPECT_THAT(plan, HasSubstr("connect container alpha-web-1 to network alpha-internal"));
        EXPECT_THAT(plan, Not(HasSubstr("container alpha-web-1-b: given up")));
    }
    EXPECT_TRUE(was_cut);
    EXPECT_TRUE(world.containers.at("alpha-web-1").is_ready());
}

/// An upgrade whose new web serves in place of the old one, and whose new Sidekiq does not answer.
World with_new_web(const Wanted& wanted) {
    World world = deployed(small_instance("v4.5.0"));
    for (int pass = 0; pass < 600 && !world.container("alpha-web-1")->has_exited(); ++pass) {
        const Steps steps = only_safe(wanted, world, plan_instance(wanted, world));
        for (const Step& step : steps.steps) simulate(world, step.action);
        simulate_time(world, wanted, forecast);
        const auto broken = world.containers.find("alpha-sidekiq-main-1-b");
        if (broken != world.containers.end()) broken->second.health = Health::unhealthy;
    }
    EXPECT_TRUE(world.container("alpha-web-1-b")->is_proven());
    return world;
}

TEST(Upgrade, PatienceBeginsAnewWithOneThatServedAndEnded) {
    const Wanted wanted = small_instance("v4.6.0");
    World world = with_new_web(wanted);
    ObservedContainer& fresh = world.containers.at("alpha-web-1-b");
    world.now += std::chrono::hours(1);
    fresh.state = RunState::restarting;
    fresh.finished_at = world.now;
    EXPECT_THAT(to_text(plan_instance(wanted, world)),
                Not(HasSubstr("remember that alpha-web-1-b failed")));
    world.now += std::chrono::minutes(4);
    EXPECT_THAT(to_text(plan_instance(wanted, world)),
                HasSubstr("remember that alpha-web-1-b failed"));
}

TEST(Upgrade, OneThatWasGivenUpAndAnswersStaysUntilTheOldOneIsBack) {
    const Wanted wanted = small_instance("v4.6.0");
    World world = with_new_web(wanted);
    world.failures[attempt(wanted_of(wanted, "web").front(), world)] = "it did not answer";
    ObservedContainer& fresh = world.containers.at("alpha-web-1-b");
    fresh.health = Health::starting;
    fresh.answers = true;
    fresh.good_looks = 1;
    const std::string plan = to_text(plan_instance(wanted, world));
    EXPECT_THAT(plan, HasSubstr("start container alpha-web-1:"));
    EXPECT_THAT(plan, Not(HasSubstr("container alpha-web-1-b: given up")));
    fresh.answers = false;
    EXPECT_THAT(to_text(plan_instance(wanted, world)),
                HasSubstr("container alpha-web-1-b: given up"));
}

/// Reverted just before, or just after, the old web is asked to stop: nobody is sent to it any
/// more.
World reverted_while_it_leaves(const Wanted& newer) {
    World world = deployed(small_instance("v4.5.0"));
    for (int pass = 0; pass < 600 && !world.edge.routes.contains("alpha-web-1-b"); ++pass) {
        const Steps steps = only_safe(newer, world, plan_instance(newer, world));
        for (const Step& step : steps.steps) simulate(world, step.action);
        if (!world.edge.routes.contains("alpha-web-1-b")) simulate_time(world, newer, forecast);
    }
    EXPECT_EQ(world.container("alpha-web-1")->spec.restart, "no");
    EXPECT_FALSE(world.edge.routes.contains("alpha-web-1"));
    return world;
}

TEST(Upgrade, ARevertDoesNotRelyOnOneThatMayHaveBeenAskedToStop) {
    const Wanted wanted = small_instance("v4.5.0");
    World world = reverted_while_it_leaves(small_instance("v4.6.0"));
    EXPECT_THAT(to_text(plan_instance(wanted, world)),
                HasSubstr("configure container alpha-edge: alpha-web-1 serves"));
    world.containers.at("alpha-web-1").may_be_stopping = true;
    const std::string plan = to_text(plan_instance(wanted, world));
    EXPECT_THAT(plan, HasSubstr("it may have been asked to stop"));
    EXPECT_THAT(plan, Not(HasSubstr("configure container alpha-edge")));
    EXPECT_THAT(plan, Not(HasSubstr("stop container alpha-web-1-b")));
    // Its restart policy tells the next process, too.
    EXPECT_THAT(plan, Not(HasSubstr("update container alpha-web-1:")));
    // Better than nobody.
    ObservedContainer& newer = world.containers.at("alpha-web-1-b");
    newer.state = RunState::exited;
    EXPECT_THAT(to_text(plan_instance(wanted, world)),
                AllOf(HasSubstr("configure container alpha-edge: alpha-web-1 serves"),
                      HasSubstr("start container alpha-web-1-b: serves until")));
    // But for that alone it is not relied upon.
    newer.state = RunState::running;
    world.edge.routes = {"alpha-web-1", "alpha-streaming-1"};
    const std::string later = to_text(plan_instance(wanted, world));
    EXPECT_THAT(later, HasSubstr("alpha-web-1-b serves, alpha-web-1 does not"));
    EXPECT_THAT(later, Not(HasSubstr("stop container alpha-web-1-b")));
    // Better than one that the edge does not reach, too; and nobody else is stopped for another.
    newer.spec.networks.erase("alpha-external");
    EXPECT_THAT(to_text(plan_instance(wanted, world)), Not(HasSubstr("alpha-web-1 does not")));
    for (const auto& reference : wanted_images(small_instance("v4.6.1"))) {
        const std::string name = specs::to_text(reference);
        world.images.try_emplace(name, ImageFacts{.id = "sha256:" + sha256(name)});
    }
    const std::string third = to_text(plan_instance(small_instance("v4.6.1"), world));
    EXPECT_THAT(third, HasSubstr("the other one may be ending"));
    EXPECT_THAT(third, Not(HasSubstr("stop container alpha-web-1-b")));
}

TEST(Upgrade, AReplicaThatIsToGoDoesNotHoldUpTheFence) {
    Wanted before = stopped("v4.5.0");
    before.instance.web.replicas = 2;
    const Wanted wanted = stopped("v4.6.0");
    World world = deployed(before);
    const auto is_fenced = [&] { return world.container("alpha-web-1")->spec.restart == "no"; };
    for (int pass = 0; pass < 100 && !is_fenced(); ++pass) {
        for (const Step& step : plan_instance(wanted, world).steps) simulate(world, step.action);
        simulate_time(world, wanted, forecast);
    }
    // Started again by hand meanwhile, and the one that stays has ended.
    world.containers["alpha-web-2"] = deployed(before).containers.at("alpha-web-2");
    world.edge.routes = {"alpha-web-2"};
    world.containers.at("alpha-web-1").state = RunState::exited;
    EXPECT_TRUE(run_to_end(wanted, world).is_settled);
}

TEST(Upgrade, AWebThatMayBeStoppingDoesNotKeepStreamingFromItsPeople) {
    const Wanted wanted = small_instance("v4.5.0");
    World world = deployed(wanted);
    world.containers.at("alpha-web-1").may_be_stopping = true;
    world.edge.routes = {"alpha-web-1"};
    EXPECT_THAT(to_text(plan_instance(wanted, world)),
                HasSubstr("configure container alpha-edge: alpha-streaming-1 serves"));
}

/// Rolled back for the new Sidekiq's sake, and the old one has ended.
World rolled_back_without_sidekiq(const Wanted& wanted) {
    World world = deployed(small_instance("v4.5.0"));
    EXPECT_FALSE(end_with_broken(wanted, world, "alpha-sidekiq-main-1-b").blocked.empty());
    world.containers.at("alpha-sidekiq-main-1").state = RunState::exited;
    return world;
}

TEST(Upgrade, WhileTheDatabaseCannotBeAskedNobodySaysThatThereIsNoWayBack) {
    const Wanted wanted = small_instance("v4.6.0");
    World world = rolled_back_without_sidekiq(wanted);
    world.schema.is_known = false;
    const Steps steps = plan_instance(wanted, world);
    for (const auto& blocked : steps.blocked) EXPECT_NE(blocked.code, "no-way-back");
    EXPECT_THAT(to_text(steps), Not(HasSubstr("update container alpha-sidekiq-main-1-b")));
}

TEST(Upgrade, TheOldSidekiqComesBackWhenTheNewOneCannotAnyMore) {
    const Wanted wanted = small_instance("v4.6.0");
    World world = rolled_back_without_sidekiq(wanted);
    world.containers.at("alpha-sidekiq-main-1-b").spec.restart = "always";
    const std::string plan = to_text(plan_instance(wanted, world));
    EXPECT_THAT(plan, HasSubstr("alpha-sidekiq-main-1-b: the one before it serves"));
    EXPECT_THAT(plan, Not(HasSubstr("start container alpha-sidekiq-main-1:")));
    EXPECT_EQ(
        steps_of(run_to_end(wanted, world).plan).find("start container alpha-sidekiq-main-1-b"),
        std::string::npos);
}

TEST(Upgrade, APartThatDoesNotAnswerTakesItsWholeReleaseBack) {
    for (const char* part : {"alpha-sidekiq-main-1-b", "alpha-streaming-1-b"}) {
        const Wanted wanted = small_instance("v4.6.0");
        World world = deployed(small_instance("v4.5.0"));
        const Steps steps = end_with_broken(wanted, world, part);
        ASSERT_FALSE(steps.blocked.empty()) << to_text(steps);
        EXPECT_EQ(steps.blocked.front().code, "rolled-back");
        EXPECT_TRUE(steps.changes_nothing()) << to_text(steps);
        for (const char* name : {"alpha-web-1", "alpha-streaming-1", "alpha-sidekiq-main-1"}) {
            EXPECT_TRUE(world.container(name)->is_ready()) << name << " with " << part;
            EXPECT_EQ(world.container(name)->spec.restart, "always") << name << " with " << part;
            const ObservedContainer* fresh = world.container(name + std::string("-b"));
            EXPECT_TRUE(fresh == nullptr || !fresh->is_alive()) << name << " with " << part;
        }
        EXPECT_NE(world.container("alpha-web-1-b"), nullptr) << "it had not even begun";
        EXPECT_EQ(world.edge.routes, (std::set<std::string>{"alpha-web-1", "alpha-streaming-1"}));
        EXPECT_FALSE(world.schema.applied.contains("20240000000004"));
        EXPECT_TRUE(run_to_end(small_instance("v4.6.1"), world).is_settled);
        EXPECT_TRUE(run_to_end(small_instance("v4.5.0"), world).is_settled);
    }
}

TEST(Upgrade, WhereTheSchemaLeavesNoWayBackAPartIsTriedOn) {
    const Wanted wanted = stopped("v4.6.0");
    World world = deployed(stopped("v4.5.0"));
    const Steps steps = end_with_broken(wanted, world, "alpha-sidekiq-main-1-b");
    ASSERT_FALSE(steps.blocked.empty()) << to_text(steps);
    EXPECT_EQ(steps.blocked.front().code, "no-way-back");
    EXPECT_EQ(steps.blocked.front().kind, ErrorKind::failed);
    EXPECT_TRUE(steps.changes_nothing()) << to_text(steps);
    EXPECT_TRUE(world.container("alpha-web-1-b")->is_ready());
    EXPECT_TRUE(world.container("alpha-sidekiq-main-1-b")->is_alive());
}

TEST(Upgrade, APatchReleaseWithoutMigrationsNeedsNoJob) {
    const World world = deployed(small_instance("v4.5.0"));
    const std::string steps = steps_of(run_to_end(small_instance("v4.5.1"), world).plan);
    EXPECT_THAT(steps, Not(HasSubstr("alpha-premigrate-")));
    EXPECT_THAT(steps, Not(HasSubstr("alpha-migrate-")));
    EXPECT_THAT(steps, Not(HasSubstr("alpha-backup")));
    EXPECT_THAT(steps, HasSubstr("image v4.5.0 -> v4.5.1"));
}

TEST(Upgrade, LeavesPostgresRedisAndTheEdgesContainerAlone) {
    const World world = deployed(small_instance("v4.4.8"));
    const std::string steps = steps_of(run_to_end(small_instance("v4.5.0"), world).plan);
    EXPECT_THAT(steps, Not(HasSubstr("container alpha-postgres:")));
    EXPECT_THAT(steps, Not(HasSubstr("container alpha-redis:")));
    EXPECT_THAT(steps, Not(HasSubstr("stop container alpha-edge:")));
}

TEST(Upgrade, ARevertOverRegularMigrationsGoesBack) {
    const World world =
        run_to_end(small_instance("v4.5.0"), deployed(small_instance("v4.4.8"))).world;
    const Ending run = run_to_end(small_instance("v4.4.8"), world);
    EXPECT_TRUE(run.is_settled) << steps_of(run.plan);
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("migrate-")));
}

TEST(Upgrade, ARevertStaysSettledAndCanGoForwardAgain) {
    World world = run_to_end(small_instance("v4.5.0"), deployed(small_instance("v4.4.8"))).world;
    world = run_to_end(small_instance("v4.4.8"), world).world;
    EXPECT_TRUE(plan_instance(small_instance("v4.4.8"), world).is_settled());
    const Ending run = run_to_end(small_instance("v4.5.0"), world);
    EXPECT_TRUE(run.is_settled) << steps_of(run.plan);
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("migrate-")));
}

TEST(Upgrade, ARevertOverPostDeploymentMigrationsIsRefused) {
    const World world =
        run_to_end(small_instance("v4.6.0"), deployed(small_instance("v4.5.0"))).world;
    const Ending run = run_to_end(small_instance("v4.5.0"), world);
    ASSERT_FALSE(run.plan.blocked.empty());
    EXPECT_EQ(run.plan.blocked.front().code, "downgrade");
    EXPECT_TRUE(run.world.container("alpha-web-1-b")->is_ready());
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("stop container")));
}

TEST(Upgrade, APostMigrationOlderThanTheNewestRegularOneIsStillPending) {
    const Wanted wanted = small_instance("v4.6.0");
    World world = deployed(wanted);
    world.schema.applied.erase("20240000000004");
    const std::string steps = steps_of(run_to_end(wanted, world).plan);
    EXPECT_THAT(steps, HasSubstr("1 post-deployment migrations"));
    EXPECT_THAT(steps, Not(HasSubstr("stop container")));
}

/// The world in which the job of that role, on its way to 4.6, has ended with exit code 1.
World after_failed(const Wanted& wanted, const std::string& role) {
    World world = deployed(small_instance("v4.5.0"));
    for (int pass = 0; pass < 100; ++pass) {
        const Steps steps = plan_instance(wanted, world);
        for (const Step& step : steps.steps) simulate(world, step.action);
        for (auto& [name, container] : world.containers) {
            if (container.spec.role != role || !container.is_running()) continue;
            container.state = RunState::exited;
            container.exit_code = 1;
            return world;
        }
        simulate_time(world, wanted, forecast);
    }
    return world;
}

TEST(Upgrade, AFailedMigrationBesideWhatServesTouchesNothing) {
    const Wanted wanted = small_instance("v4.6.0");
    const Ending run = run_to_end(wanted, after_failed(wanted, "premigrate"));
    ASSERT_FALSE(run.plan.blocked.empty());
    EXPECT_EQ(run.plan.blocked.front().code, "migration-failed");
    EXPECT_EQ(run.plan.blocked.front().kind, ErrorKind::failed);
    EXPECT_THAT(run.plan.blocked.front().message, HasSubstr("the release before it serves"));
    EXPECT_EQ(steps_of(run.plan), "");
    EXPECT_TRUE(run.world.container("alpha-web-1")->is_ready());
}

TEST(Upgrade, AFailedMigrationPutsTheOldVersionBackAndIsNotTriedAgain) {
    const Wanted wanted = stopped("v4.6.0");
    const Ending run = run_to_end(wanted, after_failed(wanted, "migrate"));
    ASSERT_FALSE(run.plan.blocked.empty());
    EXPECT_EQ(run.plan.blocked.front().code, "migration-failed");
    EXPECT_EQ(run.plan.blocked.front().kind, ErrorKind::failed);
    EXPECT_THAT(steps_of(run.plan), HasSubstr("start container alpha-web-1: serves until"));
    EXPECT_TRUE(run.world.container("alpha-web-1")->is_ready());
    EXPECT_TRUE(run.world.container("alpha-sidekiq-main-1")->is_ready());
    EXPECT_TRUE(run.world.edge.routes.contains("alpha-web-1"));
    EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("start container alpha-migrate")));
}

TEST(Upgrade, AFailedPostDeploymentMigrationLeavesTheNewReleaseServing) {
    const Wanted wanted = small_instance("v4.6.0");
    const Ending run = run_to_end(wanted, after_failed(wanted, "migrate"));
    ASSERT_FALSE(run.plan.blocked.empty());
    EXPECT_EQ(run.plan.blocked.front().code, "migration-failed");
    EXPECT_THAT(run.plan.blocked.front().message, HasSubstr("the new release serves"));
    EXPECT_TRUE(run.world.container("alpha-web-1-b")->is_ready());
}

TEST(Upgrade, AnotherCommitIsTakenUpDuringAFailedUpgrade) {
    for (const auto& [bad, role] : {std::pair(small_instance("v4.6.0"), "premigrate"),
                                    std::pair(stopped("v4.6.0"), "migrate")}) {
        const Ending run = run_to_end(small_instance("v4.5.0"), after_failed(bad, role));
        EXPECT_TRUE(run.is_settled)
            << steps_of(run.plan) << (run.plan.blocked.empty() ? "" : run.plan.blocked[0].message);
    }
}

TEST(Upgrade, WithoutABackupThereIsNoMigration) {
    const Wanted wanted = small_instance("v4.5.0");
    World world = deployed(small_instance("v4.4.8"));
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
    const Ending run = run_to_end(wanted, world);
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
