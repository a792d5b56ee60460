// States nobody planned for: half made, made again by hand, changed in the middle. Each was a bug.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "reconcilers/backup.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/schema.hpp"
#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Plans and simulates up to the moment that is meant, and no further.
World until(const Wanted& wanted, World world, const std::function<bool(const World&)>& is_it) {
    const Forecast forecast = [](const specs::ImageRef& image, const World&) {
        return migrations_of(image);
    };
    for (int pass = 0; pass < 60; ++pass) {
        for (const Step& step : plan_instance(wanted, world).steps) simulate(world, step.action);
        if (is_it(world)) return world;
        simulate_time(world, wanted, forecast);
    }
    return world;
}

World until_created(const Wanted& wanted, World world, const std::string& role) {
    return until(wanted, std::move(world), [&](const World& now) {
        return std::any_of(
            now.containers.begin(), now.containers.end(),
            [&](const auto& container) { return container.second.spec.role == role; });
    });
}

/// One job changes the whole schema, while nothing runs.
Wanted stopped_first(const std::string& version) {
    Wanted wanted = small_instance(version);
    wanted.instance.upgrade.strategy = specs::Strategy::stop;
    return wanted;
}

ObservedContainer& of_role(World& world, const std::string& role) {
    for (auto& [name, container] : world.containers) {
        if (container.spec.role == role) return container;
    }
    throw std::runtime_error("no container of role " + role);
}

TEST(HalfDone, AJobWithoutOneOfItsNetworksIsMadeAgain) {
    const Wanted wanted = small_instance();
    World world = until_created(wanted, {}, "setup");
    of_role(world, "setup").spec.networks.erase("alpha-internal");
    EXPECT_THAT(to_text(plan_instance(wanted, world)), HasSubstr("remove container alpha-setup-"));
    EXPECT_TRUE(run_to_end(wanted, world).is_settled);
}

TEST(HalfDone, AFailedJobIsTriedAgainWithAnotherLimit) {
    Wanted wanted = small_instance();
    World world = until_created(wanted, {}, "setup");
    of_role(world, "setup").state = RunState::exited;
    of_role(world, "setup").exit_code = 137;
    EXPECT_EQ(run_to_end(wanted, world).plan.blocked.front().code, "setup-failed");
    wanted.instance.web.limits.memory = gib(3);
    EXPECT_TRUE(run_to_end(wanted, world).is_settled);
}

TEST(HalfDone, AKilledInitOfTheDatabaseRunsAgainAndOneThatFailedDoesNot) {
    const Wanted wanted = small_instance();
    World world = until_created(wanted, {}, "postgres-init");
    ObservedContainer& init = of_role(world, "postgres-init");
    init.state = RunState::exited;
    init.exit_code = 137;
    EXPECT_TRUE(run_to_end(wanted, world).is_settled);
    init.oom_killed = true;
    EXPECT_EQ(run_to_end(wanted, world).plan.blocked.front().code, "database-init-failed");
    init.oom_killed = false;
    init.exit_code = 1;
    EXPECT_EQ(run_to_end(wanted, world).plan.blocked.front().code, "database-init-failed");
}

TEST(HalfDone, ASetupThatFailedIsNotMadeGoodByWhatSomebodyStarted) {
    const Wanted wanted = small_instance();
    World world = until(wanted, {}, [](const World& now) { return now.schema.is_known; });
    // It ended when the tables were there and nothing was in them yet.
    world.schema.applied = {"20240000000001", "20240000000002"};
    of_role(world, "setup").state = RunState::exited;
    of_role(world, "setup").exit_code = 1;
    of_role(world, "streaming").state = RunState::running;
    EXPECT_FALSE(is_set_up(world));
    of_role(world, "setup").exit_code = 0;
    EXPECT_TRUE(is_set_up(world));
}

TEST(HalfDone, ASchemaAloneDoesNotShowThatASetupCameToItsEnd) {
    const Wanted wanted = small_instance();
    World world = until(wanted, {}, [](const World& now) { return now.schema.is_known; });
    // Its schema is there; then somebody removed the job, before it had filled the tables.
    world.schema.applied = {"20240000000001", "20240000000002"};
    std::erase_if(world.containers, [](const auto& entry) {
        return entry.second.spec.role == "setup" || is_app_role(entry.second.spec.role);
    });
    const std::string steps = to_text(plan_instance(wanted, world));
    EXPECT_THAT(steps, HasSubstr("create container alpha-setup-"));
    EXPECT_THAT(steps, HasSubstr("did not come to an end"));
    EXPECT_TRUE(run_to_end(wanted, world).is_settled);
}

TEST(HalfDone, ARevertNeedsNoListThatSomebodyRemoved) {
    const Wanted older = small_instance("v4.5.0");
    World world = deployed(older);
    world.schema.applied.insert("20990101000000");
    EXPECT_EQ(plan_instance(older, world).blocked.front().code, "downgrade");
    world.regular_migrations = {"20990101000000"};
    EXPECT_TRUE(plan_instance(older, world).blocked.empty());
}

TEST(HalfDone, WhatServesButIsOutOfDateIsNotTheEnd) {
    World world = deployed(small_instance("v4.5.0"));
    for (const auto& image : wanted_images(small_instance("v4.5.1"))) {
        world.images.try_emplace(specs::to_text(image),
                                 ImageFacts{.id = "sha256:" + specs::to_text(image)});
    }
    world.schema = {};  // the database could not be asked
    EXPECT_FALSE(plan_instance(small_instance("v4.5.1"), world).is_settled());
}

TEST(HalfDone, AMigrationThatIsPausedGoesOnAlsoAfterItsLastStep) {
    const Wanted newer = stopped_first("v4.5.0");
    World world = until_created(newer, deployed(small_instance("v4.4.8")), "migrate");
    of_role(world, "migrate").state = RunState::paused;
    const auto files = migrations_of(specs::resolved_images(newer.instance).mastodon);
    for (const auto& [version, name] : files.regular) world.schema.applied.insert(version);
    for (const auto& [version, name] : files.post_deployment) world.schema.applied.insert(version);
    EXPECT_THAT(to_text(plan_instance(newer, world)), HasSubstr("unpause container alpha-migrate"));
}

TEST(HalfDone, AMigrationMadeForAnOlderSchemaWaitsForADumpOfThisOne) {
    const Wanted newer = stopped_first("v4.5.0");
    World world = until_created(newer, deployed(small_instance("v4.4.8")), "migrate");
    world.schema.applied.insert("20990101000000");  // somebody migrated since, by hand
    world.regular_migrations = {"20990101000000"};
    EXPECT_THAT(to_text(plan_instance(newer, world)), Not(HasSubstr("start container alpha-mig")));
    EXPECT_THAT(to_text(plan_instance(newer, world)), HasSubstr("alpha-backup"));
}

TEST(HalfDone, NoMigrationBeforeAllImagesAreHere) {
    const Wanted newer = small_instance("v4.5.0");
    World world = until_created(newer, deployed(small_instance("v4.4.8")), "backup");
    of_role(world, "backup").state = RunState::exited;
    of_role(world, "backup").finished_at = world.now;
    world.images.erase(specs::to_text(specs::resolved_images(newer.instance).streaming));
    EXPECT_THAT(to_text(plan_instance(newer, world)), HasSubstr("waits for every image"));
}

TEST(HalfDone, TheSecondWebStaysWhileTheFirstOneStopsOrIsCutOff) {
    Wanted wanted = small_instance();
    wanted.instance.web.replicas = 2;
    const World world = deployed(wanted);
    wanted.instance.settings["SINGLE_USER_MODE"] = "true";
    World stopping = world;
    stopping.containers.at("alpha-web-1").stopping_since = world.now;
    EXPECT_THAT(to_text(plan_instance(wanted, stopping)),
                Not(HasSubstr("stop container alpha-web-2")));
    World cut_off = world;
    cut_off.containers.at("alpha-web-1").spec.networks.erase("alpha-internal");
    EXPECT_THAT(to_text(plan_instance(wanted, cut_off)),
                Not(HasSubstr("stop container alpha-web-2")));
}

TEST(HalfDone, TheSchedulerMovesFromOneGroupToAnotherWithoutEverBeingInTwo) {
    Wanted wanted = small_instance();
    const World world = deployed(wanted);
    wanted.instance.sidekiq.front().name = "other";
    const Ending ending = run_to_end(wanted, world);
    EXPECT_TRUE(ending.is_settled) << steps_of(ending.plan);
    EXPECT_TRUE(ending.plan.blocked.empty());
    const std::string steps = steps_of(ending.plan);
    EXPECT_LT(steps.find("stop container alpha-sidekiq-main-1"),
              steps.find("start container alpha-sidekiq-other-1"));
}

TEST(HalfDone, ANetworkThatWasMadeAgainGetsItsContainersBack) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.networks.at("alpha-internal").id = "made again";
    for (auto& [name, container] : world.containers) {
        if (container.is_running()) container.state = RunState::exited;
    }
    const Ending ending = run_to_end(wanted, world);
    EXPECT_TRUE(ending.is_settled) << steps_of(ending.plan);
    for (const auto& [name, container] : ending.world.containers) {
        const auto id = container.network_ids.find("alpha-internal");
        if (id == container.network_ids.end()) continue;
        EXPECT_EQ(id->second, "made again") << name;
    }
}

/// Two networks of one name, as a creation leaves them that was under way when its sender died.
World with_doubles(const Wanted& wanted, const World& start) {
    World world = start;
    const auto one = world.networks.extract("alpha-external").mapped();
    ObservedNetwork other = one;
    other.id = "0 comes first";
    other.labels[label::instance] = wanted.instance.name;
    world.doubled_networks["alpha-external"] = {one, other};
    return world;
}

TEST(HalfDone, OfTwoNetworksOfANameTheOneThatNothingUsesGoes) {
    const Wanted wanted = small_instance();
    const Ending ending = run_to_end(wanted, with_doubles(wanted, deployed(wanted)));
    EXPECT_TRUE(ending.is_settled) << steps_of(ending.plan);
    EXPECT_TRUE(ending.plan.blocked.empty());
    EXPECT_EQ(ending.world.networks.at("alpha-external").id, "simulated-alpha-external");
}

TEST(HalfDone, OfTwoNetworksOfANameThatAreUsedOrForeignNoneIsTouched) {
    const Wanted wanted = small_instance();
    World used = with_doubles(wanted, deployed(wanted));
    used.doubled_networks["alpha-external"].back().is_used = true;
    World foreign = with_doubles(wanted, deployed(wanted));
    foreign.doubled_networks["alpha-external"].back().labels.clear();
    for (const World& world : {used, foreign}) {
        const Ending ending = run_to_end(wanted, world);
        ASSERT_EQ(ending.plan.blocked.size(), 1U);
        EXPECT_EQ(ending.plan.blocked.front().code, "network-ambiguous");
        EXPECT_EQ(ending.world.doubled_networks.at("alpha-external").size(), 2U);
    }
}

TEST(HalfDone, AStoppedContainerServesAgainWhileItsNewImageCannotBePulled) {
    World world = deployed(small_instance("v4.5.0"));
    world.containers.at("alpha-web-1").state = RunState::exited;
    const Wanted wanted = small_instance("v4.5.1");
    for (const auto& image : wanted_images(wanted)) {
        if (world.image(image) == nullptr) world.pull_errors[specs::to_text(image)] = "no such tag";
    }
    EXPECT_THAT(to_text(plan_instance(wanted, world)),
                HasSubstr("start container alpha-web-1: serves until"));
}

TEST(HalfDone, OldCodeStartedBesideAMigrationIsStopped) {
    const Wanted wanted = stopped_first("v4.5.0");
    World world = until_created(wanted, deployed(small_instance("v4.4.8")), "migrate");
    of_role(world, "migrate").state = RunState::running;
    world.containers.at("alpha-web-1").state = RunState::running;
    EXPECT_THAT(to_text(plan_instance(wanted, world)),
                HasSubstr("update container alpha-web-1: stopped for 1 pending migrations"));
    world.containers.at("alpha-web-1").spec.restart = "no";
    world.edge.routes.clear();
    EXPECT_THAT(to_text(plan_instance(wanted, world)), HasSubstr("stop container alpha-web-1"));
}

TEST(HalfDone, ARevertWaitsForTheMigrationThatRuns) {
    World world =
        until_created(stopped_first("v4.5.0"), deployed(small_instance("v4.4.8")), "migrate");
    of_role(world, "migrate").state = RunState::running;
    const Steps steps = plan_instance(small_instance("v4.4.8"), world);
    EXPECT_THAT(to_text(steps), Not(HasSubstr("start container")));
    EXPECT_THAT(to_text(steps), HasSubstr("never cut off"));
}

TEST(HalfDone, AStrangerThatInheritedOurLabelsIsLeftAlone) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    ObservedContainer copy = world.containers.at("alpha-web-1");
    copy.id = "stranger";
    copy.name = "debugging";
    world.containers["debugging"] = copy;
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
}

/// Runs the dump script as the job does, with these programs in place of PostgreSQL's.
int exit_code_of_dump(const std::string& pg_dump, const std::string& pg_restore) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("dump-" + std::to_string(std::rand()));
    std::filesystem::create_directories(folder / "bin");
    const auto program = [&](const char* name, const std::string& body) {
        std::ofstream(folder / "bin" / name) << "#!/bin/sh\n" << body << "\n";
        std::filesystem::permissions(folder / "bin" / name, std::filesystem::perms::owner_all);
    };
    program("pg_dump", pg_dump);
    program("pg_restore", pg_restore);
    std::string script = backup_job(small_instance(), {}).command->front();
    script.replace(script.find("cd /backups"), 11, "cd " + folder.string());
    std::ofstream(folder / "script") << script;
    const int code = std::system(("PATH=" + (folder / "bin").string() + ":$PATH sh " +
                                  (folder / "script").string() + " 2>/dev/null")
                                     .c_str());
    bool has_dump = false;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        has_dump |= entry.path().filename().string().starts_with("before-");
    }
    std::filesystem::remove_all(folder);
    return code == 0 && !has_dump ? -1 : code;
}

TEST(HalfDone, OnlyADumpThatWasReadBackIsABackup) {
    const std::string writes =
        "while [ $# -gt 0 ]; do [ \"$1\" = -f ] && echo x > \"$2\"; shift; done";
    EXPECT_EQ(exit_code_of_dump(writes, "exit 0"), 0);
    EXPECT_GT(exit_code_of_dump("exit 1", "exit 0"), 0);
    EXPECT_GT(exit_code_of_dump(writes, "exit 1"), 0);
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
