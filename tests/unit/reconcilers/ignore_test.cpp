// What the file says to ignore is left as it is, shown, and put right once its day is over; what a
// commit changes is done all the same.
#include "reconcilers/ignore.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/drift.hpp"
#include "reconcilers/status.hpp"
#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const char* const day = "2026-12-31";

specs::Ignore ignoring(const std::string& part, std::vector<std::string> fields) {
    return {.resource = part, .fields = std::move(fields), .reason = "a test", .until = day};
}

Wanted leaving(const std::string& part, std::vector<std::string> fields) {
    Wanted wanted = small_instance();
    wanted.instance.ignore = {ignoring(part, std::move(fields))};
    return settled(wanted);
}

std::string plan(const Wanted& wanted, const World& world) {
    return to_text(plan_instance(wanted, world));
}

TEST(Ignoring, LeavesALimitUntilItsDayIsOver) {
    const Wanted wanted = leaving("web", {"memory"});
    World world = deployed(wanted);
    world.containers.at("alpha-web-1").spec.limits.memory = mib(300);
    EXPECT_EQ(plan(wanted, world), "");
    auto items = drift(wanted, world);
    ASSERT_EQ(items.size(), 1U);
    ASSERT_TRUE(items.front().ignored);
    EXPECT_EQ(items.front().ignored->reason, "a test");
    EXPECT_THAT(items.front().heal, HasSubstr("nothing until 2026-12-31"));
    EXPECT_EQ(open_count(items), 0U);
    world.days_over = {day};
    EXPECT_THAT(plan(wanted, world), HasSubstr("update container alpha-web-1: memory 300MiB"));
    items = drift(wanted, world);
    ASSERT_EQ(items.size(), 1U);
    EXPECT_FALSE(items.front().ignored);
}

TEST(Ignoring, IsOfOnePartAndOneField) {
    const Wanted wanted = leaving("sidekiq.main", {"memory"});
    World world = deployed(wanted);
    auto& sidekiq = world.containers.at("alpha-sidekiq-main-1").spec.limits;
    sidekiq.memory = mib(300);
    EXPECT_EQ(plan(wanted, world), "");
    world.containers.at("alpha-web-1").spec.limits.memory = mib(300);
    EXPECT_THAT(plan(wanted, world), HasSubstr("update container alpha-web-1: memory"));
    EXPECT_THAT(plan(wanted, world), Not(HasSubstr("sidekiq")));
    world = deployed(wanted);
    world.containers.at("alpha-sidekiq-main-1").state = RunState::exited;
    EXPECT_THAT(plan(wanted, world), HasSubstr("start container alpha-sidekiq-main-1"));
}

TEST(Ignoring, TheOtherLimitsOfTheSameCallStayAsTheyAre) {
    const Wanted wanted = leaving("web", {"memory", "pids"});
    World world = deployed(wanted);
    auto& limits = world.containers.at("alpha-web-1").spec.limits;
    limits = {.memory = mib(300), .cpus = {700'000'000}, .pids = 77};
    const Steps steps = plan_instance(wanted, world);
    ASSERT_EQ(steps.steps.size(), 1U) << to_text(steps);
    const auto& update = std::get<UpdateLimits>(steps.steps.front().action);
    EXPECT_EQ(update.limits.memory, mib(300));
    EXPECT_EQ(update.limits.pids, 77);
    EXPECT_EQ(update.limits.cpus, wanted.instance.web.limits.cpus);
}

TEST(Ignoring, OfASettingMakesNoNewContainer) {
    Wanted wanted = small_instance();
    wanted.instance.settings["LOG_LEVEL"] = "warn";
    wanted = settled(wanted);
    World world = deployed(wanted);
    world.containers.at("alpha-web-1").spec.environment["LOG_LEVEL"] = shown("debug");
    EXPECT_NE(plan(wanted, world), "");
    wanted.instance.ignore = {ignoring("web", {"environment LOG_LEVEL"})};
    wanted = settled(wanted);
    EXPECT_EQ(plan(wanted, world), "");
    EXPECT_EQ(open_count(drift(wanted, world)), 0U);
}

TEST(Ignoring, OfAParameterOfPostgresIsShownAsSuch) {
    const Wanted wanted = leaving("postgres", {"parameter work_mem"});
    World world = deployed(wanted);
    world.schema.altered = {"work_mem", "fsync"};
    const auto items = drift(wanted, world);
    EXPECT_EQ(items.size(), 2U);
    EXPECT_EQ(open_count(items), 1U);
}

TEST(Ignoring, ACommitThatChangesThePartIsDone) {
    const Wanted before = leaving("web", {"memory"});
    World world = deployed(before);
    world.containers.at("alpha-web-1").spec.limits.memory = mib(300);
    Wanted wanted = before;
    wanted.instance.web.limits.memory = mib(400);
    EXPECT_EQ(plan(wanted, world), "#1 update container alpha-web-1: memory 300MiB -> 400MiB\n");
    wanted = before;
    wanted.instance.redis.limits.memory = mib(400);
    EXPECT_EQ(plan(wanted, world), "#1 update container alpha-redis: memory 256MiB -> 400MiB\n");
    // What was settled is part of what follows from a wish.
    EXPECT_EQ(plan(before, world), "");
    Wanted unsettled = before;
    unsettled.settled = nullptr;
    EXPECT_EQ(plan(unsettled, world), "");
}

TEST(Ignoring, ItsEndIsACondition) {
    const Wanted wanted = leaving("web", {"memory", "cpus"});
    World world = deployed(wanted);
    const auto told = [&] {
        const auto conditions = status(wanted, world, {}).conditions;
        for (const Condition& one : conditions) {
            if (one.type == "IgnoreOver" && one.is_true) return one.message;
        }
        return std::string();
    };
    EXPECT_EQ(told(), "");
    world.days_over = {day};
    EXPECT_THAT(told(), HasSubstr("web memory, cpus was ignored until 2026-12-31 (a test)"));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
