// Admission: what the host does not allow or cannot hold is refused before anything is touched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/postgres_major.hpp"
#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string code(const Steps& steps) {
    return steps.blocked.empty() ? "" : steps.blocked.front().code;
}

TEST(Admission, RefusesImagesFromElsewhere) {
    Wanted wanted = small_instance();
    const World world = deployed(wanted);
    wanted.instance.images.mastodon = *specs::parse_image("evil.example/mastodon");
    const Steps steps = plan_instance(wanted, world);
    EXPECT_EQ(code(steps), "registry-not-allowed");
    EXPECT_TRUE(steps.changes_nothing()) << to_text(steps);
    wanted.policy.registries = {"evil.example"};
    EXPECT_EQ(code(plan_instance(wanted, world)), "");
}

TEST(Admission, RefusesLimitsThatDoNotFitIntoTheHost) {
    World world;
    world.host.memory = gib(2);
    EXPECT_EQ(code(plan_instance(small_instance(), world)), "host-memory");
    world.host.memory = gib(8);
    EXPECT_EQ(code(plan_instance(small_instance(), world)), "");
    Wanted wanted = small_instance();
    wanted.memory_of_others = gib(6);
    EXPECT_EQ(code(plan_instance(wanted, world)), "host-memory");
}

TEST(Admission, KeepsTheReserveOfTheDiskButNotFromHealing) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.host.disk_free = gib(1);
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
    world.containers.at("alpha-web-1").state = RunState::exited;
    EXPECT_THAT(to_text(plan_instance(wanted, world)), HasSubstr("start container alpha-web-1"));
    const Steps upgrade = plan_instance(small_instance("v4.5.0"), world);
    EXPECT_EQ(code(upgrade), "host-disk");
    EXPECT_THAT(to_text(upgrade), Not(HasSubstr("pull image")));
}

ContainerSpec job_of(const std::string& role, const std::string& repository) {
    ContainerSpec job{.name = "alpha-" + role, .role = role};
    job.repository = repository;
    return job;
}

World nearly_full(const Wanted& wanted) {
    World world = deployed(wanted);
    world.host.disk_free = Bytes{wanted.instance.storage.reserve.count - 1};
    return world;
}

TEST(Reserve, NoJobThatWritesIsMadeBelowIt) {
    const Wanted wanted = small_instance();
    const World world = nearly_full(wanted);
    for (const char* role :
         {"postgres-init", "backup", "setup", "migrate", "premigrate", copy_role, dump_role,
          snapshot_role, media_role, fetch_role, drill_role, mark_role, restore_fetch_role,
          restore_database_role, restore_media_role, scratch_fetch_role, scratch_role}) {
        Steps steps;
        steps.add(CreateContainer{.spec = job_of(role, "/srv/backups/alpha")}, "test");
        keep_reserve(wanted, world, steps);
        EXPECT_TRUE(steps.steps.empty()) << role;
        EXPECT_EQ(code(steps), "host-disk") << role;
    }
    // What makes room, asks, writes elsewhere, or serves.
    for (const auto& job : {job_of(cache_role, ""), job_of(list_role, "/srv/backups/alpha"),
                            job_of(media_role, ""), job_of(snapshot_role, ""), job_of("web", "")}) {
        Steps steps;
        steps.add(CreateContainer{.spec = job}, "test");
        keep_reserve(wanted, world, steps);
        EXPECT_EQ(steps.steps.size(), 1U) << job.role;
    }
}

TEST(Reserve, OnAFullDiskNothingIsEvenAsked) {
    const Wanted wanted = small_instance();
    World world = nearly_full(wanted);
    world.host.disk_free = Bytes{};
    Steps steps;
    steps.add(CreateContainer{.spec = job_of(list_role, "/srv/backups/alpha")}, "test");
    steps.add(CreateContainer{.spec = job_of("web", "")}, "test");
    keep_reserve(wanted, world, steps);
    EXPECT_EQ(steps.steps.size(), 1U);
    EXPECT_EQ(code(steps), "host-disk");
}

TEST(Reserve, ABackupThatWasMadeWhileThereWasRoomIsNotStartedEither) {
    const Wanted wanted = small_instance();
    World world = nearly_full(wanted);
    for (const char* role : {dump_role, media_role, drill_role, "migrate", cache_role}) {
        ObservedContainer job{.id = "j", .name = "alpha-job"};
        job.spec = job_of(role, "/srv/backups/alpha");
        world.containers["alpha-job"] = job;
        Steps steps;
        steps.add(StartContainer{"j", "alpha-job"}, "test");
        keep_reserve(wanted, world, steps);
        // What serves may be stopped for a migration by now: that one goes on.
        const bool goes_on = job.spec.role == "migrate" || job.spec.role == cache_role;
        EXPECT_EQ(steps.steps.size(), goes_on ? 1U : 0U) << role;
    }
}

TEST(Reserve, NoDeploymentBeginsBelowItNeitherNewNorFromABackup) {
    Wanted wanted = small_instance();
    World world;
    world.host.disk_free = gib(1);
    const Steps first = plan_instance(wanted, world);
    EXPECT_EQ(code(first), "host-disk");
    EXPECT_THAT(to_text(first), Not(HasSubstr("pull image")));
    wanted.instance.bootstrap.restore = "latest";
    wanted.secrets["restic-password"] = Secret("canary-restic");
    const Steps from_backup = plan_instance(wanted, world);
    EXPECT_EQ(code(from_backup), "host-disk");
    EXPECT_THAT(to_text(from_backup), Not(HasSubstr("pull image")));
}

TEST(Admission, TheBackupRepositoryDoesNotMoveByItself) {
    Wanted wanted = small_instance();
    const World world = deployed(wanted);
    wanted.instance.backups.repository = "sftp:thief@evil.example:/";
    EXPECT_EQ(code(plan_instance(wanted, world)), "backup-repository-moved");
    wanted.policy.backup_repositories = {"sftp:thief@evil.example:"};
    EXPECT_NE(code(plan_instance(wanted, world)), "backup-repository-moved");
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
