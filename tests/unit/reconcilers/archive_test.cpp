// Continuous archiving: what streams, when a base backup is made, and what a lost database comes
// back from.
#include "reconcilers/archive.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/backup_status.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/restore.hpp"
#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"
#include "tests/unit/reconcilers/in_order.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Time noon = std::chrono::sys_days(std::chrono::year(2026) / 1 / 10) + hours(12);

Wanted archived() {
    Wanted wanted = small_instance();
    wanted.instance.backups.database.continuous = true;
    return wanted;
}

void tell(World& world, const std::string& archive, int bases, Time caught_up = noon) {
    const auto count = std::chrono::floor<seconds>(caught_up.time_since_epoch()).count();
    world.containers["alpha-archive"].health_output = "archive " + archive + "\ncaught_up " +
                                                      std::to_string(count) + "\nbases " +
                                                      std::to_string(bases) + "\n";
}

World streaming(const Wanted& wanted, int bases = 1) {
    World world = deployed(wanted);
    world.now = noon;
    world.deployed_at = noon - hours(24);
    world.due.is_kept = true;
    tell(world, "71-1", bases);
    return world;
}

/// As when its disk broke: the server is gone with its volume.
World lost(const Wanted& wanted) {
    World world = streaming(wanted);
    world.containers.erase("alpha-postgres");
    world.volumes.erase("alpha-postgres-17");
    world.schema = {};
    return world;
}

RestoreWish latest() {
    return {.slot = noon, .asked = noon, .from_archive = true};
}

std::string next(const Wanted& wanted, const World& world) {
    return to_text(only_safe(wanted, world, plan_instance(wanted, world)));
}

Steps upkeep(const Wanted& wanted, const World& world) {
    return only_safe(wanted, world, plan_upkeep(wanted, world, plan_instance(wanted, world)));
}

Condition told(const Wanted& wanted, const World& world) {
    const InstanceStatus said = status(wanted, world, plan_instance(wanted, world));
    for (const Condition& one : said.conditions) {
        if (one.type == "ArchiveStreams") return one;
    }
    return {};
}

TEST(Archive, IsNoPartOfAnInstanceThatDoesNotAskForIt) {
    const Wanted wanted = small_instance();
    const World world = deployed(wanted);
    EXPECT_FALSE(world.containers.contains("alpha-archive"));
    EXPECT_FALSE(world.volumes.contains("alpha-archive"));
    EXPECT_EQ(wanted_postgres(wanted).mounts.size(), 1U);
    EXPECT_EQ(told(wanted, world).type, "");
    EXPECT_FALSE(has_archive_work(wanted, world));
}

TEST(Archive, ReachesTheServerByItsSocketAndNothingElse) {
    const Wanted wanted = archived();
    const World world = deployed(wanted);
    const ContainerSpec& spec = world.container("alpha-archive")->spec;
    EXPECT_THAT(spec.networks, IsEmpty());
    EXPECT_FALSE(spec.environment.contains("PGPASSWORD"));
    EXPECT_THAT(spec.mounts, ::testing::Contains(socket_mount(wanted)));
    EXPECT_THAT(wanted_postgres(wanted).mounts, ::testing::Contains(socket_mount(wanted)));
    // Nobody who reads no more can fill the disk of the database.
    EXPECT_THAT(*wanted_postgres(wanted).command, ::testing::Contains("wal_keep_size=512MB"));
    EXPECT_FALSE(world.identity.volumes.at("alpha-archive").uuid.empty());
    EXPECT_FALSE(world.identity.volumes.contains("alpha-socket"));
}

TEST(Archive, ThatDoesNotStreamIsSaidAndHoldsUpNothing) {
    const Wanted wanted = archived();
    World world = streaming(wanted);
    EXPECT_TRUE(told(wanted, world).is_true);
    world.containers["alpha-archive"].health = Health::unhealthy;
    const Steps steps = plan_instance(wanted, world);
    EXPECT_TRUE(steps.is_settled()) << to_text(steps);
    EXPECT_TRUE(status(wanted, world, steps).ready);
    EXPECT_FALSE(told(wanted, world).is_true);
    EXPECT_THAT(told(wanted, world).message, HasSubstr("since 2026-01-10T12:00:00Z"));
    tell(world, "71-1", 0);
    world.containers["alpha-archive"].health = Health::healthy;
    EXPECT_EQ(told(wanted, world).reason, "NoBase");
    EXPECT_EQ(*status(wanted, world, steps).archived, noon);
}

TEST(Archive, GetsABaseBackupAtOnceAndWithEachTimeOfTheSchedule) {
    const Wanted wanted = archived();
    World world = streaming(wanted, 0);
    const auto begin = [&] { return to_text(upkeep(wanted, world)); };
    EXPECT_THAT(begin(), HasSubstr("create container alpha-archive-base"));
    const auto end_with = [&](int code) {
        while (!upkeep(wanted, world).changes_nothing()) {
            for (const Step& step : upkeep(wanted, world).steps) simulate(world, step.action);
        }
        ObservedContainer& job = world.containers.at("alpha-archive-base");
        job.state = RunState::exited;
        job.exit_code = code;
        job.finished_at = world.now;
    };
    end_with(0);
    EXPECT_EQ(begin(), "");
    world.due.base = noon;
    EXPECT_THAT(begin(), HasSubstr("alpha-archive-base: made for something else"));
    end_with(0);
    EXPECT_EQ(begin(), "");
    // A gap, or another cluster: what was made before cannot be replayed on.
    tell(world, "72-9", 0);
    end_with(1);
    EXPECT_THAT(begin(), HasSubstr("blocked (backup-failed): a base backup"));
    world.now += hours(1);
    EXPECT_THAT(begin(), HasSubstr("failed, and is tried again"));
    world.containers["alpha-archive"].health = Health::unhealthy;
    EXPECT_EQ(begin(), "");
}

TEST(Archive, MakesNoBaseBackupWhileARestoreIsAskedFor) {
    const Wanted wanted = archived();
    World world = streaming(wanted);
    world.due.base = noon;
    world.wish = latest();
    EXPECT_THAT(to_text(upkeep(wanted, world)), Not(HasSubstr("archive-base")));
    EXPECT_TRUE(excludes(base_role, recover_role));
    EXPECT_TRUE(excludes(base_role, "migrate"));
}

TEST(Archive, GoesWithoutItsDataWhereNobodyAsksForItAnyMore) {
    World world = streaming(archived());
    ObservedContainer job{.id = "b", .name = "alpha-archive-base", .state = RunState::exited};
    job.spec.role = base_role;
    job.spec.labels[label::subject] = "first 71-1";
    world.containers[job.name] = job;
    const Wanted wanted = small_instance();
    EXPECT_THAT(next(wanted, world), HasSubstr("container alpha-archive: no longer"));
    const Ending ending = run_to_end(wanted, world);
    EXPECT_FALSE(ending.world.containers.contains("alpha-archive"));
    EXPECT_TRUE(ending.world.volumes.contains("alpha-archive"));
    EXPECT_THAT(to_text(upkeep(wanted, ending.world)),
                HasSubstr("remove container alpha-archive-base"));
}

TEST(LostDatabase, StaysAnAlarmUntilAPersonSaysWhatTakesItsPlace) {
    const Wanted wanted = archived();
    World world = lost(wanted);
    EXPECT_THAT(next(wanted, world), HasSubstr("blocked (data-volume-missing)"));
    world.due.is_kept = false;  // a single apply keeps no wishes
    world.wish = latest();
    EXPECT_THAT(next(wanted, world), HasSubstr("blocked (data-volume-missing)"));
    world.due.is_kept = true;
    EXPECT_THAT(next(wanted, world), HasSubstr("#1 create container alpha-restore-recover"));
    // What nobody can recover from changes nothing that is written down.
    world.volumes.erase("alpha-archive");
    EXPECT_THAT(next(wanted, world), HasSubstr("data volume alpha-archive is gone"));
    EXPECT_THAT(next(wanted, world), Not(HasSubstr("#1")));
}

TEST(LostDatabase, ComesBackFromTheArchiveBeforeItsVolumeIsMadeAnew) {
    const Wanted wanted = archived();
    World world = lost(wanted);
    world.wish = latest();
    world.identity.volumes["alpha-postgres-17"].uuid = "old";
    const Ending ending = run_to_end(wanted, world);
    EXPECT_TRUE(ending.is_settled) << to_text(ending.plan);
    expect_in_order(
        steps_of(ending.plan),
        {"start container alpha-restore-recover", "pin identity", "create volume alpha-postgres-17",
         "start container alpha-postgres-init", "start container alpha-restore-database",
         "pin identity", "start container alpha-web-1"});
    EXPECT_THAT(steps_of(ending.plan), Not(HasSubstr("restic")));
    EXPECT_NE(ending.world.identity.volumes.at("alpha-postgres-17").uuid, "old");
    EXPECT_EQ(ending.world.identity.restored->asked, noon);
    EXPECT_TRUE(is_held(ending.world));
    EXPECT_EQ(ending.world.container("alpha-restore-recover"), nullptr);
}

TEST(LostDatabase, CanComeBackFromTheRepositoryToo) {
    const Wanted wanted = archived();
    World world = lost(wanted);
    world.wish = RestoreWish{.slot = noon, .asked = noon};
    world.repository = {
        .is_known = true,
        .id = "0827",
        .listed_at = noon,
        .snapshots = {
            {.id = "a", .kind = database_kind, .slot = noon, .taken = noon, .is_complete = true}}};
    world.images[specs::to_text(specs::resolved_images(wanted.instance).restic)] = {.id = "r"};
    const Ending ending = run_to_end(wanted, world);
    EXPECT_TRUE(ending.is_settled) << to_text(ending.plan);
    expect_in_order(steps_of(ending.plan),
                    {"start container alpha-restore-fetch", "pin identity",
                     "create volume alpha-postgres-17", "start container alpha-restore-database"});
}

TEST(Restore, OfAMomentTakesThePlaceOfWhatServesOnlyOnceItWasRecovered) {
    const Wanted wanted = archived();
    World world = streaming(wanted);
    world.wish = RestoreWish{
        .slot = noon - hours(1), .asked = noon, .is_saved = false, .from_archive = true};
    const Ending ending = run_to_end(wanted, world);
    EXPECT_TRUE(ending.is_settled) << to_text(ending.plan);
    const std::string steps = steps_of(ending.plan);
    expect_in_order(steps,
                    {"start container alpha-restore-recover", "pin identity",
                     "stop container alpha-web-1", "start container alpha-restore-database"});
    EXPECT_THAT(steps, Not(HasSubstr("create volume")));
    const ContainerSpec job = [&] {
        World asked = world;
        return recover_job(wanted, asked);
    }();
    EXPECT_EQ(job.environment.at("TARGET").value.reveal(), "yes");
    EXPECT_THAT(job.networks, IsEmpty());
}

TEST(Restore, IsNotHeldUpByWhatTheOneBeforeItLeft) {
    const Wanted wanted = archived();
    for (const char* role : {restore_fetch_role, recover_role}) {
        World world = streaming(wanted);
        world.wish = RestoreWish{.slot = noon - hours(1), .asked = noon, .from_archive = true};
        world.due.database = noon;  // the state of now is backed up first
        ObservedContainer left{.id = "f",
                               .name = std::string("alpha-") + role,
                               .state = RunState::exited,
                               .exit_code = 1};
        left.spec.role = role;
        left.spec.labels[label::subject] = "2026-01-01T00:00:00Z 2026-01-10T11:59:00Z";
        world.containers[left.name] = left;
        EXPECT_THAT(to_text(upkeep(wanted, world)), HasSubstr("pull image")) << role;
        left.spec.labels[label::subject] = "2026-01-10T11:00:00Z 2026-01-10T12:00:00Z";
        world.containers[left.name] = left;
        EXPECT_THAT(to_text(upkeep(wanted, world)), HasSubstr("wait for the restore")) << role;
    }
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
