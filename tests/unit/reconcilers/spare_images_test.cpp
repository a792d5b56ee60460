// Images that go: ours, needed by nobody, and held by nobody. All others stay.
#include "reconcilers/spare_images.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string mastodon_of(const std::string& version) {
    return specs::to_text(specs::resolved_images(small_instance(version).instance).mastodon);
}

/// Everything that it runs was pulled by us, and each of these releases after it, in this order.
World with_pulled(const Wanted& wanted, const std::vector<std::string>& references) {
    World world = deployed(wanted);
    world.due.is_kept = true;
    world.surroundings.are_known = true;
    for (const auto& [name, image] : world.images) world.pulled.push_back({name, image.id, {}});
    for (const std::string& name : references) {
        world.now += hours(1);
        world.pulled.push_back({name, "sha256:of " + name, world.now});
    }
    return world;
}

std::vector<std::string> spare(const Wanted& wanted, const World& world) {
    std::vector<std::string> names;
    for (const PulledImage& image : spare_images(wanted, world)) names.push_back(image.reference);
    return names;
}

Steps housekeeping(const Wanted& wanted, const World& world, const Steps& main = {}) {
    return only_safe(wanted, world, plan_housekeeping(wanted, world, main, {}));
}

TEST(SpareImages, TheReleaseBeforeThePreviousOneGoes) {
    const Wanted wanted = settled(small_instance("v4.6.0"));
    World world = with_pulled(wanted, {mastodon_of("v4.4.8"), mastodon_of("v4.5.0")});
    EXPECT_THAT(spare(wanted, world), ElementsAre(mastodon_of("v4.4.8")));
    EXPECT_EQ(to_text(housekeeping(wanted, world)),
              "#1 remove image " + mastodon_of("v4.4.8") + ": pulled by us, and needed no more\n");
    // A rollback leads to an older one: then that stays, and no other.
    world.surroundings.ways_back = {small_instance("v4.4.8").instance};
    EXPECT_THAT(spare(wanted, world), ElementsAre(mastodon_of("v4.5.0")));
}

TEST(SpareImages, NothingGoesWhileItIsNotKnownWhoNeedsIt) {
    const Wanted wanted = settled(small_instance("v4.6.0"));
    World world = with_pulled(wanted, {mastodon_of("v4.4.8"), mastodon_of("v4.5.0")});
    world.surroundings.images = {mastodon_of("v4.4.8")};
    EXPECT_THAT(spare(wanted, world), IsEmpty());
    world.surroundings.images.clear();
    world.surroundings.are_known = false;
    EXPECT_THAT(spare(wanted, world), IsEmpty());
    world.surroundings.are_known = true;
    world.pulling[mastodon_of("v4.7.0")] = "queued";
    EXPECT_THAT(spare(wanted, world), IsEmpty());
}

TEST(SpareImages, WhatWeDidNotPullStays) {
    const Wanted wanted = settled(small_instance("v4.6.0"));
    World world = with_pulled(wanted, {});
    world.images[mastodon_of("v4.4.8")] = {.id = "sha256:somebody's"};
    EXPECT_THAT(spare(wanted, world), IsEmpty());
    EXPECT_THAT(housekeeping(wanted, world).steps, IsEmpty());
}

TEST(SpareImages, WhatRunsOrIsHeldStays) {
    const Wanted wanted = settled(small_instance("v4.6.0"));
    World world = with_pulled(wanted, {mastodon_of("v4.4.8"), mastodon_of("v4.5.0")});
    const std::string id = "sha256:of " + mastodon_of("v4.4.8");
    world.held_images = {id};
    EXPECT_THAT(housekeeping(wanted, world).steps, IsEmpty());
    // The walls behind the plan.
    Steps steps;
    steps.add(RemoveImage{.id = id, .reference = mastodon_of("v4.4.8")}, "test");
    EXPECT_EQ(only_safe(wanted, world, steps).blocked.size(), 1U);
    world.held_images.clear();
    EXPECT_EQ(only_safe(wanted, world, steps).steps.size(), 1U);
    world.containers.begin()->second.image_id = id;
    EXPECT_EQ(only_safe(wanted, world, steps).blocked.size(), 1U);
    Steps other;
    other.add(RemoveImage{.id = world.image(specs::resolved_images(wanted.instance).mastodon)->id,
                          .reference = mastodon_of("v4.6.0")},
              "test");
    EXPECT_EQ(only_safe(wanted, world, other).blocked.size(), 1U);
}

TEST(SpareImages, OnlyWhereNothingElseIsLeftToDo) {
    const Wanted wanted = settled(small_instance("v4.6.0"));
    World world = with_pulled(wanted, {mastodon_of("v4.4.8"), mastodon_of("v4.5.0")});
    Steps main;
    main.add(Wait{"container alpha-web-1"}, "not yet ready");
    EXPECT_THAT(housekeeping(wanted, world, main).steps, IsEmpty());
    // What waits for room on the disk is helped by it.
    main.block({.code = "host-disk"});
    EXPECT_EQ(housekeeping(wanted, world, main).steps.size(), 1U);
    Steps backups;
    backups.add(Wait{"job alpha-backup-dump"}, "makes a backup");
    EXPECT_THAT(plan_housekeeping(wanted, world, {}, backups).steps, IsEmpty());
    world.due.cache = world.now;
    EXPECT_THAT(to_text(housekeeping(wanted, world)), HasSubstr("create container"));
    world.due.is_kept = false;
    EXPECT_THAT(housekeeping(wanted, world).steps, IsEmpty());
}

TEST(SpareImages, AStationOnTheWayIsNeeded) {
    const Wanted old = small_instance("v4.4.8");
    World world = deployed(old);
    Wanted wanted = small_instance("v4.6.0");
    wanted.settled = std::make_shared<const specs::Instance>(old.instance);
    const auto needed = needed_images(wanted, world);
    for (const char* version : {"v4.4.8", "v4.6.0"}) {
        EXPECT_TRUE(needed.contains(mastodon_of(version))) << version;
    }
    EXPECT_TRUE(needed.contains(
        specs::to_text(specs::resolved_images(next_station(wanted, world).instance).mastodon)));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
