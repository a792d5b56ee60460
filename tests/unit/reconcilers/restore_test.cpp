// Restores: what is brought back where there is nothing, what never, and who waits afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/scratch.hpp"
#include "reconcilers/status.hpp"
#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using std::chrono::hours;
using ::testing::HasSubstr;
using ::testing::Not;

const Time noon = std::chrono::sys_days(std::chrono::year(2026) / 1 / 10) + hours(12);

Wanted lost() {
    Wanted wanted = small_instance();
    wanted.instance.bootstrap.restore = "latest";
    wanted.secrets["restic-password"] = Secret("canary-restic");
    return wanted;
}

Snapshot of(const char* kind, const std::string& id, Time taken) {
    return {.id = id,
            .kind = kind,
            .slot = taken,
            .taken = taken,
            .system = "another",
            .is_complete = true};
}

World empty_host() {
    World world;
    world.now = noon;
    world.host.memory = mib(16 * 1024);
    return world;
}

/// As a list job of that moment tells it.
World with_list(const Wanted& wanted, std::vector<Snapshot> snapshots) {
    World world = empty_host();
    world.images[specs::to_text(specs::resolved_images(wanted.instance).restic)] = {.id = "r"};
    world.repository = {
        .is_known = true, .id = "0827", .listed_at = noon, .snapshots = std::move(snapshots)};
    ObservedContainer list{.id = "l",
                           .name = "alpha-backup-list",
                           .spec = list_job(wanted, world),
                           .state = RunState::exited,
                           .finished_at = noon};
    world.containers[list.name] = list;
    return world;
}

/// Written down, and fetched.
World restoring(const Wanted& wanted, FetchedSet set) {
    World world = deployed(wanted);
    world.now = noon;
    world.repository = {.is_known = true,
                        .id = "0827",
                        .listed_at = noon,
                        .snapshots = {of("database", "a", noon)}};
    set.slot = noon;
    world.identity.restoring =
        Restore{.slot = noon, .asked = noon, .is_bare = false, .has_secrets = true};
    world.images[specs::to_text(specs::resolved_images(wanted.instance).restic)] = {.id = "r"};
    for (auto& [name, one] : world.containers) {
        if (is_app_role(one.spec.role)) one.state = RunState::exited;
    }
    ObservedContainer fetch{.id = "f",
                            .name = "alpha-restore-fetch",
                            .spec = restore_fetch_job(wanted, world),
                            .state = RunState::exited,
                            .finished_at = noon};
    world.containers[fetch.name] = fetch;
    world.fetched = set;
    return world;
}

std::string next(const Wanted& wanted, const World& world) {
    return to_text(only_safe(wanted, world, plan_instance(wanted, world)));
}

TEST(Restore, WhatIsToBeRestoredIsNotPushedOutByTheBackupBefore) {
    const Wanted wanted = lost();
    World world = with_list(wanted, {of("database", "a", noon)});
    const auto needed = [&](const ContainerSpec& job) {
        EXPECT_THAT(job.command->front(), HasSubstr("--keep-tag \"slot=$NEEDED\""));
        return job.environment.at("NEEDED").value.reveal();
    };
    EXPECT_EQ(needed(snapshot_job(wanted, world, noon)), "none");
    world.wish = RestoreWish{.slot = noon - std::chrono::hours(24), .asked = noon};
    EXPECT_EQ(needed(snapshot_job(wanted, world, noon)), slot_text(world.wish->slot));
    EXPECT_EQ(needed(media_job(wanted, world, noon)), slot_text(world.wish->slot));
}

TEST(Restore, ABareHostIsBroughtBackFromTheRepository) {
    const Wanted wanted = lost();
    const Ending ending = run_to_end(wanted, empty_host());
    const std::string steps = steps_of(ending.plan);
    EXPECT_TRUE(ending.is_settled) << to_text(ending.plan);
    std::size_t last = 0;
    for (const char* words :
         {"start container alpha-backup-list", "pin identity", "create volume alpha-postgres-17",
          "start container alpha-restore-fetch", "take secrets of the backup",
          "start container alpha-restore-media", "start container alpha-restore-database",
          "pin identity", "create container alpha-sidekiq-main-1"}) {
        const auto place = steps.find(words, last);
        ASSERT_NE(place, std::string::npos) << words << " is not in its place in\n" << steps;
        last = place;
    }
    // The database is never filled by the release's own tools, and its server is made before.
    EXPECT_THAT(steps, Not(HasSubstr("alpha-setup")));
    EXPECT_LT(steps.find("start container alpha-postgres-init"),
              steps.find("start container alpha-restore-database"));
    EXPECT_TRUE(ending.world.container("alpha-web-1")->is_ready());
    EXPECT_EQ(ending.world.container("alpha-restore-fetch"), nullptr);
}

TEST(Restore, SidekiqWaitsForAPersonAndStatusSaysSo) {
    const Wanted wanted = lost();
    World world = run_to_end(wanted, empty_host()).world;
    EXPECT_EQ(world.container("alpha-sidekiq-main-1")->state, RunState::created);
    const InstanceStatus held = status(wanted, world, plan_instance(wanted, world));
    EXPECT_TRUE(held.ready);
    EXPECT_TRUE(held.drift.empty());
    EXPECT_EQ(held.conditions.back().type, "SidekiqHeld");
    EXPECT_THAT(held.conditions.back().message, HasSubstr("matriarch resume alpha"));
    world.containers["alpha-sidekiq-main-1"].state = RunState::running;
    EXPECT_THAT(next(wanted, world), HasSubstr("alpha-sidekiq-main-1: held"));
    world.resumed = world.identity.restored->asked - hours(1);  // said of another one
    world.containers["alpha-sidekiq-main-1"].state = RunState::created;
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
    world.resumed = world.identity.restored->asked;
    EXPECT_THAT(next(wanted, world), HasSubstr("start container alpha-sidekiq-main-1"));
    const InstanceStatus resumed = status(wanted, world, plan_instance(wanted, world));
    EXPECT_EQ(resumed.conditions.back().type, "SidekiqHeld");
    EXPECT_FALSE(resumed.conditions.back().is_true);
}

TEST(Restore, WithoutACompleteBackupNothingIsMade) {
    const Wanted wanted = lost();
    Snapshot half = of("database", "half", noon - hours(1));
    half.is_complete = false;
    const World world =
        with_list(wanted, {half, of("media", "m", noon), of("database", "late", noon + hours(1))});
    const Steps steps = plan_instance(wanted, world);
    ASSERT_EQ(steps.blocked.size(), 1U) << to_text(steps);
    EXPECT_EQ(steps.blocked.front().code, "no-backup");
    EXPECT_THAT(to_text(steps), Not(HasSubstr("volume")));
    EXPECT_THAT(to_text(steps), Not(HasSubstr("pin")));
    // It may come: then it is asked again.
    World later = world;
    later.now += hours(1);
    later.repository.snapshots.pop_back();
    EXPECT_THAT(to_text(plan_instance(wanted, later)),
                HasSubstr("remove container alpha-backup-list"));
}

TEST(Restore, ARepositoryThatDoesNotOpenIsSaidAndNothingIsMade) {
    const Wanted wanted = lost();
    World world = with_list(wanted, {});
    world.repository = {};
    world.containers["alpha-backup-list"].exit_code = 1;
    world.containers["alpha-backup-list"].log_tail = "wrong password or no key found";
    const Steps steps = plan_instance(wanted, world);
    ASSERT_EQ(steps.blocked.size(), 1U);
    EXPECT_EQ(steps.blocked.front().code, "restore-failed");
    EXPECT_THAT(steps.blocked.front().message, HasSubstr("wrong password"));
    EXPECT_THAT(to_text(steps), Not(HasSubstr("volume")));
    EXPECT_EQ(list_job(wanted, world).environment.at("ONLY_OPEN").value.reveal(), "yes");
}

TEST(Restore, NeverOverWhatIsThere) {
    Wanted wanted = lost();
    const World serving = deployed(small_instance());
    EXPECT_FALSE(begins_from_backup(wanted, serving));
    EXPECT_TRUE(plan_instance(wanted, serving).is_settled());
    // The host has forgotten what it had, and the data is there.
    World forgotten = serving;
    forgotten.identity = {};
    EXPECT_FALSE(begins_from_backup(wanted, forgotten));
    EXPECT_THAT(next(wanted, forgotten), Not(HasSubstr("restore")));
    World only_media = empty_host();
    only_media.volumes["alpha-media"] = {.name = "alpha-media"};
    EXPECT_FALSE(begins_from_backup(wanted, only_media));
}

TEST(Restore, WhatDoesNotFitTheFileIsRefusedBeforeAnyDatabaseIsTouched) {
    const Wanted wanted = lost();
    const auto refusal = [&](const FetchedSet& set) {
        const World world = restoring(wanted, set);
        const Steps steps = plan_instance(wanted, world);
        EXPECT_THAT(to_text(steps), Not(HasSubstr("restore-database")));
        return steps.blocked.empty() ? "" : steps.blocked.front().code;
    };
    EXPECT_EQ(refusal({.web_images = {"ghcr.io/mastodon/mastodon:v4.5.0@sha256:" +
                                      std::string(64, 'a')}}),
              "restore-newer");
    EXPECT_EQ(refusal({.domain = "other.test"}), "restore-other-domain");
    EXPECT_EQ(refusal({.postgres = 18}), "restore-newer-postgres");
    const World fits = restoring(
        wanted,
        {.domain = wanted.instance.domain, .web_images = {"m/mastodon:v4.4.8"}, .postgres = 15});
    EXPECT_THAT(next(wanted, fits), HasSubstr("create container alpha-restore-database"));
}

TEST(Restore, NothingThatWritesRunsBesideIt) {
    const Wanted wanted = lost();
    World world = restoring(wanted, {});
    world.containers["alpha-web-1"].state = RunState::running;
    EXPECT_THAT(next(wanted, world), Not(HasSubstr("restore-database")));
    ObservedContainer job{.id = "d", .name = "alpha-restore-database"};
    job.spec = restore_database_job(wanted, world);
    world.containers[job.name] = job;
    Steps steps;
    steps.add(StartContainer{"d", job.name}, "test");
    EXPECT_EQ(only_safe(wanted, world, steps).blocked.size(), 1U);
    world.containers["alpha-web-1"].state = RunState::exited;
    EXPECT_TRUE(only_safe(wanted, world, steps).blocked.empty());
    world.identity.restoring.reset();
    EXPECT_EQ(only_safe(wanted, world, steps).blocked.size(), 1U);
}

TEST(Restore, ItsJobsReachNoMoreThanTheyNeed) {
    const Wanted wanted = lost();
    const World world = restoring(wanted, {});
    const ContainerSpec database = restore_database_job(wanted, world);
    EXPECT_EQ(database.networks.size(), 1U);
    EXPECT_TRUE(database.mounts.front().read_only);
    EXPECT_TRUE(database.repository.empty());
    EXPECT_TRUE(restore_secrets_job(wanted, world).mounts.empty());
    EXPECT_TRUE(restore_fetch_job(wanted, world).networks.empty());
}

/// Everything runs, is known, and somebody has asked.
World wished(const Wanted& wanted) {
    Wanted before = wanted;
    before.instance.bootstrap = {};
    World world = deployed(before);
    world.now = noon + hours(2);
    world.repository = {.is_known = true,
                        .id = "0827",
                        .listed_at = noon,
                        .snapshots = {of("database", "a", noon)}};
    world.images[specs::to_text(specs::resolved_images(wanted.instance).restic)] = {.id = "r"};
    world.identity.repository_id = world.repository.id;
    world.due.is_kept = true;
    world.wish = RestoreWish{.slot = noon, .asked = noon + hours(1)};
    return world;
}

TEST(Restore, InPlaceSavesTheStateOfNowFetchesAndOnlyThenStopsAnything) {
    const Wanted wanted = lost();
    World world = wished(wanted);
    EXPECT_THAT(next(wanted, world), HasSubstr("the state of now is backed up first"));
    EXPECT_TRUE(plan_instance(wanted, world).changes_nothing());
    World previewed = world;
    previewed.due.is_kept = false;
    EXPECT_TRUE(plan_instance(wanted, previewed).is_settled());
    world.repository.snapshots.push_back(of("database", "b", noon + hours(1)));
    EXPECT_THAT(next(wanted, world), HasSubstr("create container alpha-restore-fetch"));
    ObservedContainer fetch{.id = "f",
                            .name = "alpha-restore-fetch",
                            .spec = restore_fetch_job(wanted, world),
                            .state = RunState::exited,
                            .finished_at = world.now};
    world.containers[fetch.name] = fetch;
    world.fetched = FetchedSet{.slot = noon, .web_images = {"m/mastodon:v4.9.0"}};
    EXPECT_EQ(plan_instance(wanted, world).blocked.front().code, "restore-newer");
    EXPECT_TRUE(plan_instance(wanted, world).changes_nothing());
    world.fetched->web_images.clear();
    EXPECT_THAT(next(wanted, world), HasSubstr("pin identity of the data volumes"));
    const std::string steps = steps_of(run_to_end(wanted, world).plan);
    EXPECT_LT(steps.find("quiet container alpha-sidekiq-main-1"),
              steps.find("stop container alpha-web-1"))
        << steps;
    EXPECT_LT(steps.find("stop container alpha-web-1"),
              steps.find("start container alpha-restore-database"));
    EXPECT_LT(steps.find("start container alpha-restore-database"),
              steps.find("start container alpha-web-1"));
    EXPECT_THAT(steps, Not(HasSubstr("volume alpha")));
}

TEST(Restore, AWishIsDoneOnce) {
    const Wanted wanted = lost();
    World world = wished(wanted);
    world.wish->is_saved = false;
    EXPECT_THAT(next(wanted, world), HasSubstr("create container alpha-restore-fetch"));
    world.identity.restored = Restore{.slot = noon, .asked = world.wish->asked};
    world.resumed = world.wish->asked;
    EXPECT_TRUE(plan_instance(wanted, world).is_settled()) << next(wanted, world);
    world.wish->slot = noon - hours(5);
    world.wish->asked = noon + hours(2);
    EXPECT_EQ(plan_instance(wanted, world).blocked.size(), 0U);
    EXPECT_FALSE(plan_instance(wanted, world).is_settled());
}

TEST(Scratch, IsFetchedAndStaysAloneUntilItIsTakenAway) {
    const Wanted wanted = lost();
    World world = wished(wanted);
    world.wish.reset();
    world.due.is_kept = true;
    world.scratches["look"] = noon;
    const auto upkeep = [&] {
        return only_safe(wanted, world, plan_upkeep(wanted, world, plan_instance(wanted, world)));
    };
    const Forecast forecast = [](const specs::ImageRef& image, const World&) {
        return migrations_of(image);
    };
    std::string words;
    for (int pass = 0; pass < 12; ++pass) {
        const Steps steps = upkeep();
        words += to_text(steps);
        for (const Step& step : steps.steps) simulate(world, step.action);
        auto* server = world.container("alpha-scratch-look") == nullptr
                           ? nullptr
                           : &world.containers["alpha-scratch-look"];
        const bool runs = server != nullptr && server->is_running();
        simulate_time(world, wanted, forecast);
        if (!runs) continue;
        server->state = RunState::running;
        server->health = Health::healthy;
    }
    EXPECT_LT(words.find("start container alpha-scratch-fetch"),
              words.find("start container alpha-scratch-look"));
    EXPECT_THAT(words, HasSubstr("remove container alpha-scratch-fetch"));
    EXPECT_TRUE(upkeep().changes_nothing()) << to_text(upkeep());
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
    EXPECT_TRUE(scratch_server(wanted, "look", noon).networks.empty());
    world.scratches.clear();
    EXPECT_THAT(to_text(upkeep()), HasSubstr("stop container alpha-scratch-look"));
}

TEST(Restore, ASetIsMeantByItsIdAlsoByTheOneBeforeItsMarks) {
    ObservedRepository repository{
        .is_known = true,
        .snapshots = {of("database", "aaaa1111", noon - hours(2)),
                      of("database", "aaaa2222", noon - hours(1)),
                      of("media", "bbbb", noon - hours(3)), of("media", "cccc", noon)}};
    repository.snapshots[0].original = "dddd";
    const auto meant = [&](const std::string& which) {
        const Snapshot* found = find_set(repository, which, noon);
        return found == nullptr ? "" : found->id;
    };
    EXPECT_EQ(meant("latest"), "aaaa2222");
    EXPECT_EQ(meant("aaaa1"), "aaaa1111");
    EXPECT_EQ(meant("dddd"), "aaaa1111");
    EXPECT_EQ(meant("aaaa"), "");
    EXPECT_EQ(meant("bbbb"), "");
    EXPECT_EQ(meant(""), "");
    // Media: those with every file that the rows know of, else the newest before.
    EXPECT_EQ(media_for(repository, noon - hours(2))->id, "cccc");
    EXPECT_EQ(media_for(repository, noon - hours(3))->id, "bbbb");
    EXPECT_EQ(media_for(repository, noon + hours(3))->id, "cccc");
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
