// Rehearsals: when one is held, that it reaches nothing, what it holds back, and that it goes.
#include "reconcilers/rehearsal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/labels.hpp"
#include "specs/specs.hpp"
#include "specs/values/digest.hpp"
#include "tests/support/reconciling.hpp"
#include "tests/unit/reconcilers/in_order.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Time noon = *parse_slot("2026-11-27T12:00:00Z");

Wanted rehearsing(const std::string& version) {
    Wanted wanted = small_instance(version);
    wanted.instance.backups.repository = "/srv/backups/alpha";
    wanted.secrets["restic-password"] = Secret("canary");
    wanted.instance.upgrade.rehearse = true;
    wanted.settled = settled(small_instance("v4.5.0")).settled;
    return wanted;
}

const Forecast forecast = [](const specs::ImageRef& image, const World&) {
    return migrations_of(image);
};

/// v4.5.0 serves, the images and their migrations are known, and there is a backup.
World before(const Wanted& wanted) {
    World world = deployed(small_instance("v4.5.0"));
    world.now = noon;
    world.due.is_kept = true;
    world.repository = {.is_known = true,
                        .id = "r",
                        .listed_at = noon,
                        .snapshots = {{.id = "a",
                                       .kind = database_kind,
                                       .slot = noon - std::chrono::hours(1),
                                       .taken = noon - std::chrono::hours(1),
                                       .is_complete = true}}};
    const specs::Images images = specs::resolved_images(wanted.instance);
    for (const specs::ImageRef& image : {images.mastodon, images.streaming, images.restic}) {
        const std::string text = specs::to_text(image);
        world.images.try_emplace(text, ImageFacts{.id = "sha256:" + sha256("simulated " + text)});
    }
    const ImageFacts* image = world.image(images.mastodon);
    world.migrations[image->id] = migrations_of(images.mastodon);
    return world;
}

/// Plans and carries out upkeep until nothing is left; the servers become ready, the jobs end.
std::string upkeep_of(const Wanted& wanted, World& world) {
    std::string words;
    for (int pass = 0; pass < 40; ++pass) {
        Steps steps;
        plan_rehearsal(wanted, world, steps);
        if (steps.steps.empty()) return words;
        for (const Step& step : steps.steps) {
            words += in_words(step.action) + ": " + step.reason + "\n";
            simulate(world, step.action);
        }
        world.now += std::chrono::seconds(1);
        for (auto& [name, one] : world.containers) {
            if (one.stopping_since) {
                one.state = RunState::exited;
            } else if (one.is_running() && one.spec.health && is_rehearsal_role(one.spec.role)) {
                one.health = Health::healthy;
            } else if (one.is_running() && is_rehearsal_role(one.spec.role)) {
                one.state = RunState::exited;
                one.finished_at = world.now;
            }
        }
        const ObservedContainer* report = world.container("alpha-rehearsal-report");
        if (report == nullptr || !report->has_exited()) continue;
        auto about = rehearsal_subject(*report);
        about->phases = {{.name = "regular"}};
        about->ended = world.now;
        world.rehearsals[world.container("alpha-rehearsal")->image_id] = *about;
    }
    return words + "does not end";
}

TEST(Rehearsal, IsHeldOnACopyAndGoesOnceItsAnswerIsKnown) {
    const Wanted wanted = rehearsing("v4.6.0");
    World world = before(wanted);
    const std::string words = upkeep_of(wanted, world);
    expect_in_order(
        words, {"create network alpha-rehearsal", "start container alpha-rehearsal-fetch",
                "start container alpha-rehearsal-database", "start container alpha-rehearsal-redis",
                "start container alpha-rehearsal:", "start container alpha-rehearsal-report",
                "remove container alpha-rehearsal-database", "remove network alpha-rehearsal"});
    EXPECT_THAT(words, Not(HasSubstr("does not end")));
    EXPECT_FALSE(has_rehearsal_work(wanted, world));
    EXPECT_TRUE(is_rehearsed(wanted, world));
}

TEST(Rehearsal, ReachesNothing) {
    const Wanted wanted = rehearsing("v4.6.0");
    World world = before(wanted);
    std::map<std::string, ContainerSpec> made;
    for (int pass = 0; pass < 20 && !made.contains("alpha-rehearsal"); ++pass) {
        Steps steps;
        plan_rehearsal(wanted, world, steps);
        for (const Step& step : steps.steps) {
            if (const auto* create = std::get_if<CreateContainer>(&step.action)) {
                made[create->spec.name] = create->spec;
            }
            if (const auto* network = std::get_if<CreateNetwork>(&step.action)) {
                EXPECT_TRUE(network->internal);
            }
            simulate(world, step.action);
        }
        for (auto& [name, one] : world.containers) {
            if (!one.is_running() || !is_rehearsal_role(one.spec.role)) continue;
            one.health = one.spec.health ? Health::healthy : Health::none;
            if (!one.spec.health) one.state = RunState::exited;
        }
    }
    ASSERT_TRUE(made.contains("alpha-rehearsal"));
    for (const char* name :
         {"alpha-rehearsal", "alpha-rehearsal-database", "alpha-rehearsal-redis"}) {
        const ContainerSpec& spec = made.at(name);
        ASSERT_EQ(spec.networks.size(), 1U) << name;
        EXPECT_EQ(spec.networks.begin()->first, "alpha-rehearsal");
        EXPECT_TRUE(spec.asks_nobody) << name;
        EXPECT_TRUE(spec.repository.empty()) << name;
    }
    const auto& environment = made.at("alpha-rehearsal").environment;
    EXPECT_EQ(environment.at("DB_HOST").value.reveal(), "rehearsal-database");
    EXPECT_EQ(environment.at("REDIS_HOST").value.reveal(), "rehearsal-redis");
    EXPECT_TRUE(made.at("alpha-rehearsal").mounts.empty());
    EXPECT_FALSE(environment.contains("RESTIC_PASSWORD"));
}

TEST(Rehearsal, TheSchemaWaitsForItAndStopsWhereItFailed) {
    const Wanted wanted = rehearsing("v4.6.0");
    World world = before(wanted);
    EXPECT_FALSE(is_rehearsed(wanted, world));
    EXPECT_THAT(to_text(plan_instance(wanted, world)), HasSubstr("waits for the rehearsal"));
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    Rehearsal failed{.version = wanted.instance.mastodon, .slot = noon};
    failed.phases = {{.name = "regular", .exit_code = 1}};
    failed.last_words = "PG::UniqueViolation";
    world.rehearsals[image->id] = failed;
    const Steps steps = plan_instance(wanted, world);
    ASSERT_EQ(steps.blocked.size(), 1U);
    EXPECT_EQ(steps.blocked.front().code, "rehearsal-failed");
    EXPECT_THAT(steps.blocked.front().message, HasSubstr("PG::UniqueViolation"));
    // Known to fail: not tried for ever.
    EXPECT_FALSE(has_rehearsal_work(wanted, world));
    // Asked for by a person, it is.
    world.rehearsal_wish = RehearsalWish{.version = wanted.instance.mastodon, .asked = noon};
    EXPECT_TRUE(has_rehearsal_work(wanted, world));
}

TEST(Rehearsal, IsForeseenToPass) {
    const Wanted wanted = rehearsing("v4.6.0");
    const Plan plan = preview(wanted, before(wanted), forecast);
    EXPECT_TRUE(plan.blocked.empty()) << to_text(plan);
    EXPECT_THAT(to_text(plan), HasSubstr("start container alpha-premigrate-"));
}

TEST(Rehearsal, IsNotHeldWhereNothingIsPending) {
    EXPECT_FALSE(has_rehearsal_work(rehearsing("v4.5.0"), before(rehearsing("v4.5.0"))));
    Wanted without = rehearsing("v4.6.0");
    without.instance.upgrade.rehearse = false;
    EXPECT_FALSE(has_rehearsal_work(without, before(without)));
}

/// Until its database has come up, on what was fetched.
World with_database(const Wanted& wanted) {
    World world = before(wanted);
    for (int pass = 0; pass < 20; ++pass) {
        const ObservedContainer* database = world.container("alpha-rehearsal-database");
        if (database != nullptr && database->is_running()) break;
        Steps steps;
        plan_rehearsal(wanted, world, steps);
        for (const Step& step : steps.steps) simulate(world, step.action);
        world.now += std::chrono::seconds(1);
        for (auto& [name, one] : world.containers) {
            if (one.spec.role != rehearsal_fetch_role || !one.is_running()) continue;
            one.state = RunState::exited;
            one.finished_at = world.now;
        }
    }
    return world;
}

TEST(Rehearsal, WhatItsDatabaseHasUsedUpIsFetchedAnewWhereItEnded) {
    const Wanted wanted = rehearsing("v4.6.0");
    World world = with_database(wanted);
    ObservedContainer& database = world.containers.at("alpha-rehearsal-database");
    database.state = RunState::exited;
    database.exit_code = 1;
    database.finished_at = world.now;
    world.now += std::chrono::minutes(20);
    const std::string words = upkeep_of(wanted, world);
    expect_in_order(words, {"remove container alpha-rehearsal-fetch: what it fetched was restored",
                            "start container alpha-rehearsal-fetch",
                            "start container alpha-rehearsal-database"});
    EXPECT_THAT(words, Not(HasSubstr("does not end")));
}

TEST(Rehearsal, OfItsNetworkTwoDoNotStay) {
    const std::map<std::string, std::string> ours{{label::instance, "alpha"}};
    const ObservedNetwork one{
        .id = "1", .name = "alpha-rehearsal", .internal = true, .labels = ours};
    const ObservedNetwork other{
        .id = "2", .name = "alpha-rehearsal", .internal = true, .labels = ours};
    for (const char* version : {"v4.5.0", "v4.6.0"}) {
        const Wanted wanted = rehearsing(version);
        World world = before(wanted);
        world.doubled_networks["alpha-rehearsal"] = {one, other};
        EXPECT_TRUE(has_rehearsal_work(wanted, world));
        EXPECT_THAT(upkeep_of(wanted, world), HasSubstr("remove network alpha-rehearsal"));
        EXPECT_FALSE(has_rehearsal_work(wanted, world));
    }
}

TEST(Rehearsal, UsesNoNetworkThatMayLeadOutside) {
    const Wanted wanted = rehearsing("v4.6.0");
    const std::map<std::string, std::string> ours{{label::instance, "alpha"}};
    const ObservedNetwork open{.id = "n", .name = "alpha-rehearsal", .labels = ours};
    const ObservedNetwork foreign{.id = "n", .name = "alpha-rehearsal", .internal = true};
    for (const ObservedNetwork& network : {open, foreign}) {
        World world = before(wanted);
        world.networks["alpha-rehearsal"] = network;
        Steps steps;
        plan_rehearsal(wanted, world, steps);
        EXPECT_TRUE(steps.steps.empty());
        ASSERT_EQ(steps.blocked.size(), 1U);
        EXPECT_EQ(steps.blocked.front().code, "network-foreign");
    }
    World over = before(rehearsing("v4.5.0"));
    over.networks["alpha-rehearsal"] = foreign;
    Steps steps;
    plan_rehearsal(rehearsing("v4.5.0"), over, steps);
    EXPECT_TRUE(steps.steps.empty());
    EXPECT_FALSE(has_rehearsal_work(rehearsing("v4.5.0"), over));
}

TEST(Rehearsal, NeedsABackupAndRoom) {
    const Wanted wanted = rehearsing("v4.6.0");
    World world = before(wanted);
    world.repository.snapshots.clear();
    Steps steps;
    plan_rehearsal(wanted, world, steps);
    ASSERT_EQ(steps.blocked.size(), 1U);
    EXPECT_THAT(steps.blocked.front().hint, HasSubstr("matriarch backup run alpha"));
    world = before(wanted);
    world.host.memory = gib(4);
    steps = {};
    plan_rehearsal(wanted, world, steps);
    ASSERT_EQ(steps.blocked.size(), 1U);
    EXPECT_EQ(steps.blocked.front().code, "rehearsal-no-room");
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
