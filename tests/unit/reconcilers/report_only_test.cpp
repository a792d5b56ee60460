// `drift: report`, case by case: a hand's doing stays, whatever a commit does beside it; what we
// left half done is finished.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/caddyfile.hpp"
#include "reconcilers/drift.hpp"
#include "reconcilers/slot.hpp"
#include "specs/values/digest.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Wanted reporting() {
    Wanted wanted = small_instance();
    wanted.instance.drift = specs::DriftPolicy::report;
    return settled(wanted);
}

std::string plan(const Wanted& wanted, const World& world,
                 std::function<bool(const std::string&)> is_away_by_us = {}) {
    Steps steps = plan_instance(wanted, world);
    restrain(wanted, world, {.puts_nothing_back = true, .is_away_by_us = std::move(is_away_by_us)},
             steps);
    return to_text(steps);
}

/// What a hand can do to a part, and the field that shows it.
struct Act {
    std::string what{};
    std::function<void(World&)> doing{};
    std::string shown{};
};

ObservedContainer& web(World& world) {
    return world.containers.at("alpha-web-1");
}

std::vector<Act> acts() {
    return {
        {"stop", [](World& world) { web(world).state = RunState::exited; }, "state"},
        {"pause", [](World& world) { web(world).state = RunState::paused; }, "state"},
        {"rm", [](World& world) { world.containers.erase("alpha-web-1"); }, "existence"},
        {"update", [](World& world) { web(world).spec.limits.memory = mib(300); }, "memory"},
        {"update restart", [](World& world) { web(world).spec.restart = "no"; }, "restart policy"},
        {"disconnect",
         [](World& world) {
             web(world).spec.networks.erase("alpha-internal");
             web(world).network_ids.erase("alpha-internal");
         },
         "network alpha-internal"},
        {"rename",
         [](World& world) {
             auto moved = world.containers.extract("alpha-web-1");
             moved.key() = moved.mapped().name = "busy_bee";
             world.containers.insert(std::move(moved));
         },
         "name"},
        {"copy",
         [](World& world) {
             ObservedContainer copy = web(world);
             copy.name = copy.id = "alpha-web-copy";
             world.containers[copy.name] = copy;
         },
         "existence"},
        {"stranger",
         [](World& world) {
             world.strangers = {{.name = "psql", .network = "alpha-internal", .image = "x"}};
         },
         "container psql"},
        {"route", [](World& world) { world.edge.routes.insert("other"); }, "route other"},
    };
}

TEST(ReportOnly, EveryActOfAHandIsSeenAndStays) {
    const Wanted wanted = reporting();
    for (const Act& act : acts()) {
        World world = deployed(wanted);
        act.doing(world);
        const auto items = drift(wanted, world);
        ASSERT_EQ(items.size(), 1U) << act.what;
        EXPECT_EQ(items.front().difference.field, act.shown) << act.what;
        const std::string steps = plan(wanted, world);
        for (const char* doing :
             {"create", "start", "unpause", "stop", "update", "remove", "connect", "disconnect"}) {
            EXPECT_THAT(steps, Not(HasSubstr(std::string(" ") + doing + " container"))) << act.what;
        }
    }
}

TEST(ReportOnly, EveryActOfAHandStaysWhileACommitIsDone) {
    const Wanted before = reporting();
    Wanted wanted = before;
    wanted.instance.redis.limits.memory = mib(400);
    for (const Act& act : acts()) {
        World world = deployed(before);
        act.doing(world);
        const std::string steps = plan(wanted, world);
        EXPECT_THAT(steps, HasSubstr("update container alpha-redis: memory")) << act.what;
        // Whose restart policy is taken may leave for a commit's sake.
        if (act.what == "update restart") continue;
        EXPECT_THAT(steps, Not(HasSubstr("container alpha-web"))) << act.what;
        EXPECT_THAT(steps, Not(HasSubstr("busy_bee"))) << act.what;
    }
}

TEST(ReportOnly, OfAPartThatACommitChangesTheOtherLimitsStay) {
    const Wanted before = reporting();
    Wanted wanted = before;
    wanted.instance.redis.limits.memory = mib(400);
    World world = deployed(before);
    world.containers.at("alpha-redis").spec.limits.pids = 77;
    Steps steps = plan_instance(wanted, world);
    restrain(wanted, world, {.puts_nothing_back = true}, steps);
    ASSERT_EQ(steps.steps.size(), 1U) << to_text(steps);
    const auto& update = std::get<UpdateLimits>(steps.steps.front().action);
    EXPECT_EQ(update.limits.memory, mib(400));
    EXPECT_EQ(update.limits.pids, 77);
}

TEST(ReportOnly, ACommitIsDoneThatNoLabelShows) {
    const Wanted before = reporting();
    World world = deployed(before);
    Wanted wanted = before;
    wanted.instance.postgres.shared_memory = mib(512);
    EXPECT_THAT(plan(wanted, world), HasSubstr("container alpha-postgres: shared memory"));
    wanted = before;
    wanted.secrets["SECRET_KEY_BASE"] = Secret("canary-new");
    EXPECT_EQ(plan(wanted, world), "");  // the host's own file changed: no commit says so
    wanted.settled_had_other_secrets = true;
    EXPECT_THAT(plan(wanted, world), HasSubstr("alpha-web-1-b"));
}

TEST(ReportOnly, AHandMayTakeTheRestartPolicyOfEitherName) {
    const Wanted wanted = reporting();
    World world = deployed(wanted);
    auto moved = world.containers.extract("alpha-web-1");
    moved.key() = moved.mapped().name = "alpha-web-1-b";
    moved.mapped().spec.restart = "no";
    world.containers.insert(std::move(moved));
    world.edge.routes.erase("alpha-web-1");
    world.edge.routes.insert("alpha-web-1-b");
    EXPECT_EQ(drift(wanted, world).size(), 1U);
    EXPECT_EQ(plan(wanted, world), "");
}

TEST(ReportOnly, WhatWeTookAwayOurselvesComesBack) {
    const Wanted wanted = reporting();
    World world = deployed(wanted);
    world.containers.erase("alpha-redis");
    EXPECT_THAT(plan(wanted, world), Not(HasSubstr("create")));
    // A commit that was withdrawn while Redis was made anew.
    const auto by_us = [](const std::string& name) { return name == "alpha-redis"; };
    EXPECT_THAT(plan(wanted, world, by_us), HasSubstr("create container alpha-redis"));
    world = deployed(wanted);
    world.containers.at("alpha-redis").state = RunState::created;
    EXPECT_THAT(plan(wanted, world), HasSubstr("start container alpha-redis"));
    world = deployed(wanted);
    web(world).state = RunState::exited;
    web(world).spec.restart = "no";  // on its way out, when the commit was withdrawn
    EXPECT_THAT(plan(wanted, world), HasSubstr("container alpha-web-1"));
}

TEST(ReportOnly, WhatAHandStoppedForGoodStaysSo) {
    const Wanted wanted = reporting();
    World world = deployed(wanted);
    ObservedContainer& sidekiq = world.containers.at("alpha-sidekiq-main-1");
    sidekiq.state = RunState::exited;
    sidekiq.spec.restart = "no";
    for (const bool is_ours : {false, true}) {
        Steps steps = plan_instance(wanted, world);
        restrain(wanted, world,
                 {.puts_nothing_back = true,
                  .is_kept_down_by_us = [is_ours](const std::string&) { return is_ours; }},
                 steps);
        EXPECT_EQ(steps.steps.empty(), !is_ours) << to_text(steps);
    }
}

TEST(ReportOnly, AHandsEdgeStaysUnlessACommitNeedsOtherRoutes) {
    const Wanted before = reporting();
    World world = deployed(before);
    world.edge.config = "0000000000000000";
    EXPECT_EQ(plan(before, world), "");
    Wanted wanted = before;
    wanted.instance.settings["LOG_LEVEL"] = "debug";
    ObservedContainer fresh = web(world);
    fresh.name = fresh.id = "alpha-web-1-b";
    fresh.spec.name = fresh.name;
    for (const ContainerSpec& spec : wanted_of(wanted, "web")) {
        fresh.spec.environment = spec.environment;
        fresh.spec.labels = spec.labels;
    }
    fresh.good_looks = looks_needed;
    world.containers[fresh.name] = fresh;
    EXPECT_THAT(plan(wanted, world), HasSubstr("configure container alpha-edge"));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
