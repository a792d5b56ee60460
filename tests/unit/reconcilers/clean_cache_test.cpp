// The cleaning of what Mastodon keeps of other servers: once a time, alone, and never in the way.
#include "reconcilers/clean_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/housekeeping.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/postgres_major.hpp"
#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::Not;

const Time midnight = std::chrono::sys_days(std::chrono::year(2026) / 1 / 10);

World serving(const Wanted& wanted) {
    World world = deployed(wanted);
    world.now = midnight + minutes(1);
    world.due = {.is_kept = true, .cache = midnight};
    return world;
}

Steps housekeeping(const Wanted& wanted, const World& world, const Steps& backups = {}) {
    const Steps main = plan_instance(wanted, world);
    return only_safe(wanted, world, plan_housekeeping(wanted, world, main, backups));
}

/// As the observer keeps it.
void note(World& world) {
    const auto* job = world.container("alpha-clean-cache");
    if (job == nullptr || !job->has_exited() || job->was_killed()) return;
    world.cleanings.insert(*parse_slot(job->spec.labels.at(label::subject)));
}

/// Words of the steps until nothing is left to do.
std::string run(const Wanted& wanted, World& world) {
    std::string words;
    for (int pass = 0; pass < 20; ++pass) {
        const Steps steps = housekeeping(wanted, world);
        for (const Blocked& blocked : steps.blocked) words += "blocked " + blocked.code + "\n";
        if (steps.steps.empty()) return words;
        for (const Step& step : steps.steps) {
            if (!is_wait(step.action)) words += in_words(step.action) + "\n";
            simulate(world, step.action);
        }
        simulate_time(world, wanted, catalogue_forecast(wanted));
        note(world);
    }
    return words + "no end\n";
}

constexpr const char* one_cleaning =
    "create container alpha-clean-cache\nstart container alpha-clean-cache\n";

/// Of this time, in this state.
ObservedContainer& job_in(World& world, const Wanted& wanted, Time slot, RunState state) {
    ObservedContainer job{.id = "c", .name = "alpha-clean-cache", .state = state};
    job.spec = cache_job(wanted, slot);
    job.finished_at = world.now;
    return world.containers["alpha-clean-cache"] = job;
}

void run_beside(World& world, const std::string& role) {
    ObservedContainer other{.id = "o", .name = "alpha-other", .state = RunState::running};
    other.spec.role = role;
    other.spec.labels[label::subject] = "s";
    world.containers["alpha-other"] = other;
}

TEST(CleanCache, OnceForEachTimeWhateverBecomesOfItsContainer) {
    const Wanted wanted = small_instance();
    World world = serving(wanted);
    EXPECT_EQ(run(wanted, world), one_cleaning);
    EXPECT_EQ(run(wanted, world), "");
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
    world.containers.erase("alpha-clean-cache");
    EXPECT_EQ(run(wanted, world), "");
    // After a gap once, and after a clock that went back not again.
    world.now = midnight + hours(50);
    world.due.cache = midnight + hours(48);
    EXPECT_EQ(run(wanted, world), one_cleaning);
    world.now = midnight + hours(1);
    world.due.cache = midnight;
    EXPECT_THAT(run(wanted, world), Not(HasSubstr("start")));
}

TEST(CleanCache, TheContainerOfOneTimeGoesWithTheNext) {
    const Wanted wanted = small_instance();
    World world = serving(wanted);
    (void)run(wanted, world);
    world.now = midnight + hours(24);
    world.due.cache = world.now;
    EXPECT_EQ(run(wanted, world),
              "remove container alpha-clean-cache\n" + std::string(one_cleaning));
}

TEST(CleanCache, NotByAnApplyNotBeforeItsTimeAndNotWhereNobodyWantsIt) {
    Wanted wanted = small_instance();
    World world = serving(wanted);
    world.due.is_kept = false;
    EXPECT_EQ(run(wanted, world), "");
    world = serving(wanted);
    world.due.cache.reset();
    EXPECT_EQ(run(wanted, world), "");
    EXPECT_TRUE(cleans_cache(wanted.instance));
    wanted.instance.storage.cache.media = Duration{0};
    EXPECT_TRUE(cleans_cache(wanted.instance));
    wanted.instance.storage.cache.previews = Duration{0};
    EXPECT_FALSE(cleans_cache(wanted.instance));
    // What an older file wanted goes.
    job_in(world, wanted, midnight, RunState::exited);
    EXPECT_EQ(run(wanted, world), "remove container alpha-clean-cache\n");
}

TEST(CleanCache, RunsTootctlAsMastodonWithLimits) {
    Wanted wanted = small_instance();
    wanted.instance.storage.cache.media = hours(36);
    const ContainerSpec job = cache_job(wanted, midnight);
    EXPECT_EQ(job.image, specs::resolved_images(wanted.instance).mastodon);
    EXPECT_THAT(job.command->back(), HasSubstr("tootctl media remove --days"));
    EXPECT_THAT(job.command->back(), HasSubstr("tootctl preview_cards remove --days"));
    // Rather a day too many than one too few.
    EXPECT_EQ(job.environment.at("MEDIA_DAYS").value.reveal(), "2");
    EXPECT_EQ(job.environment.at("PREVIEW_DAYS").value.reveal(), "30");
    EXPECT_TRUE(job.environment.at("SECRET_KEY_BASE").is_secret);
    EXPECT_EQ(job.cpu_weight, 128);
    EXPECT_GT(job.limits.memory.count, 0);
    EXPECT_EQ(job.restart, "no");
    ASSERT_EQ(job.mounts.size(), 1U);
    EXPECT_EQ(job.mounts.front().volume, Names(wanted.instance).media_volume);
    wanted.instance.storage.cache.previews = Duration{0};
    EXPECT_EQ(cache_job(wanted, midnight).environment.at("PREVIEW_DAYS").value.reveal(), "");
}

TEST(CleanCache, NeverBesideAnotherJobNorAfterOneThatIsDue) {
    const Wanted wanted = small_instance();
    for (const char* role : {"backup", dump_role, snapshot_role, media_role, fetch_role, drill_role,
                             restore_fetch_role, restore_database_role, scratch_fetch_role,
                             "migrate", "premigrate", "setup", copy_role}) {
        World world = serving(wanted);
        run_beside(world, role);
        EXPECT_TRUE(housekeeping(wanted, world).changes_nothing()) << role;
        // Nor started, where it is made already: the wall behind the plan.
        job_in(world, wanted, midnight, RunState::created);
        Steps start;
        start.add(StartContainer{"c", "alpha-clean-cache"}, "test");
        EXPECT_FALSE(only_safe(wanted, world, start).blocked.empty()) << role;
    }
    World world = serving(wanted);
    Steps backups;
    backups.add(Wait{"job alpha-backup-dump"}, "makes a backup");
    EXPECT_TRUE(housekeeping(wanted, world, backups).steps.empty());
    world.identity.database_system = "another";
    EXPECT_TRUE(housekeeping(wanted, world).changes_nothing());
}

TEST(CleanCache, ABackupThatIsDueWaitsForItToGiveWay) {
    const Wanted wanted = small_instance();
    World world = serving(wanted);
    job_in(world, wanted, midnight, RunState::running);
    EXPECT_TRUE(housekeeping(wanted, world).changes_nothing());
    Steps backups;
    backups.add(StartContainer{"d", "alpha-backup-dump"}, "due");
    hold_beside_cleaning(world, backups);
    EXPECT_TRUE(backups.changes_nothing());
    EXPECT_THAT(to_text(housekeeping(wanted, world, backups)),
                HasSubstr("stop container alpha-clean-cache: something else goes first"));
    // Cut off, it has not had its time; and what ended meanwhile holds up nothing.
    world.containers.at("alpha-clean-cache").state = RunState::exited;
    world.containers.at("alpha-clean-cache").exit_code = 143;
    Steps later;
    later.add(StartContainer{"d", "alpha-backup-dump"}, "due");
    hold_beside_cleaning(world, later);
    EXPECT_FALSE(later.changes_nothing());
    note(world);
    EXPECT_TRUE(housekeeping(wanted, world).steps.empty());
    world.now += minutes(1);
    EXPECT_EQ(run(wanted, world),
              "remove container alpha-clean-cache\n" + std::string(one_cleaning));
}

TEST(CleanCache, GivesWayToAnUpgradeAndToARestore) {
    const Wanted old = small_instance("v4.4.8");
    World world = serving(old);
    // A new release is wanted, its image and its list are here, and what it waits for is this.
    Wanted wanted = settled(small_instance("v4.5.0"));
    wanted.settled = std::make_shared<const specs::Instance>(old.instance);
    wanted.instance.upgrade.backup = specs::BackupDemand::none;
    for (int pass = 0;
         pass < 40 &&
         !world.migrations.contains(
             world.images[specs::to_text(specs::resolved_images(wanted.instance).mastodon)].id);
         ++pass) {
        for (const Step& step : plan_instance(wanted, world).steps) simulate(world, step.action);
        simulate_time(world, wanted,
                      [](const auto& image, const World&) { return migrations_of(image); });
    }
    job_in(world, old, midnight, RunState::running);
    const Steps main = plan_instance(wanted, world);
    EXPECT_THAT(to_text(main), HasSubstr("waits for job alpha-clean-cache"));
    EXPECT_THAT(to_text(housekeeping(wanted, world)), HasSubstr("stop container"));
    // Outside of its window it has all the time there is.
    world.is_window_open = false;
    world.window_opens = world.now + hours(3);
    EXPECT_TRUE(housekeeping(wanted, world).changes_nothing());
    World restoring = serving(old);
    job_in(restoring, old, midnight, RunState::running);
    restoring.identity.restoring = Restore{.slot = midnight, .asked = midnight};
    EXPECT_THAT(to_text(housekeeping(old, restoring)), HasSubstr("stop container"));
}

TEST(CleanCache, AnUpgradeThatLacksDiskIsNoReasonToLeaveItFull) {
    const Wanted old = small_instance("v4.4.8");
    World world = serving(old);
    Wanted wanted = small_instance("v4.5.0");
    wanted.settled = std::make_shared<const specs::Instance>(old.instance);
    world.host.disk_free = mib(100);
    ASSERT_EQ(plan_instance(wanted, world).blocked.front().code, "host-disk");
    const Steps steps = housekeeping(wanted, world);
    ASSERT_EQ(steps.steps.size(), 1U) << to_text(steps);
    const auto* create = std::get_if<CreateContainer>(&steps.steps.front().action);
    ASSERT_NE(create, nullptr);
    EXPECT_EQ(create->spec.image, specs::resolved_images(old.instance).mastodon);
}

TEST(CleanCache, WhereThereIsNoRoomForAContainerNoneIsTried) {
    const Wanted wanted = small_instance();
    World world = serving(wanted);
    world.host.disk_free = Bytes{};
    const Steps steps = housekeeping(wanted, world);
    EXPECT_TRUE(steps.steps.empty()) << to_text(steps);
    ASSERT_EQ(steps.blocked.size(), 1U);
    EXPECT_EQ(steps.blocked.front().code, "host-disk");
}

TEST(CleanCache, AFullDiskIsSaidWithWhatToMakeRoomBy) {
    World world = serving(small_instance());
    InstanceStatus status;
    add_housekeeping(world, {}, status);
    EXPECT_EQ(status.conditions.front().type, "DiskFull");
    EXPECT_FALSE(status.conditions.front().is_true);
    world.surroundings.has_no_ballast = true;
    status.conditions.clear();
    add_housekeeping(world, {}, status);
    EXPECT_TRUE(status.conditions.front().is_true);
    EXPECT_THAT(status.conditions.front().message, HasSubstr("HINT"));
}

TEST(CleanCache, AFailureIsSaidOnceThenHourlyAndTriedAtTheNextTime) {
    const Wanted wanted = small_instance();
    World world = serving(wanted);
    ObservedContainer& job = job_in(world, wanted, midnight, RunState::exited);
    job.exit_code = 1;
    job.log_tail = "ActiveRecord::ConnectionNotEstablished";
    note(world);
    const auto told = [&] {
        InstanceStatus status;
        add_housekeeping(world, housekeeping(wanted, world), status);
        const Condition& one = status.conditions.back();
        return one.type + (one.is_true ? " " : " not ") + one.reason + ": " + one.message;
    };
    const std::string first = told();
    EXPECT_THAT(first, HasSubstr("UpkeepWorks not cache-cleaning-failed"));
    EXPECT_THAT(first, HasSubstr("ConnectionNotEstablished"));
    world.now = midnight + minutes(59);
    EXPECT_EQ(told(), first);
    world.now = midnight + minutes(61);
    EXPECT_NE(told(), first);
    EXPECT_TRUE(housekeeping(wanted, world).steps.empty());
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
    // Too little memory is a failure, not a cut.
    job.exit_code = 137;
    job.oom_killed = true;
    EXPECT_THAT(told(), HasSubstr("failed"));
    world.now = midnight + hours(24);
    world.due.cache = world.now;
    EXPECT_THAT(run(wanted, world), HasSubstr("start container alpha-clean-cache"));
    EXPECT_THAT(told(), HasSubstr("UpkeepWorks Working"));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
