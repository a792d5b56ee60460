// Backups by their schedule: what is made when, what never, and what is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/backup.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/backup_status.hpp"
#include "reconcilers/labels.hpp"
#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::Not;

const Time noon = std::chrono::sys_days(std::chrono::year(2026) / 1 / 10) + hours(12);

Wanted with_password() {
    Wanted wanted = small_instance();
    wanted.secrets["restic-password"] = Secret("canary-restic");
    return wanted;
}

World serving(const Wanted& wanted) {
    World world = deployed(wanted);
    world.now = noon;
    world.deployed_at = noon - hours(24);
    world.due.is_kept = true;
    return world;
}

/// What a job with restic does to the repository, and the list that it ends with.
void answer(const Wanted& wanted, World& world) {
    for (const auto& [name, job] : world.containers) {
        const std::string& role = job.spec.role;
        if (!is_repository_role(role) || !job.has_exited() || job.exit_code != 0) continue;
        if (world.repository.is_known && job.finished_at <= world.repository.listed_at) continue;
        auto& all = world.repository.snapshots;
        const auto slot = parse_slot(job.spec.labels.at(label::subject)).value_or(Time{});
        if (role == snapshot_role || role == media_role) {
            all.push_back({.id = "id" + std::to_string(all.size()),
                           .kind = role == snapshot_role ? database_kind : media_kind,
                           .slot = slot,
                           .taken = world.now,
                           .system = world.schema.system_identifier,
                           .is_complete = true});
        } else if (role == mark_role) {
            all.back().is_verified = true;
            all.back().drilled = slot;
        }
        world.repository.is_known = true;
        world.repository.id = repository_key(wanted.instance);
        world.repository.listed_at = job.finished_at;
    }
}

Steps upkeep(const Wanted& wanted, const World& world) {
    return only_safe(wanted, world, plan_upkeep(wanted, world, plan_instance(wanted, world)));
}

/// Words of the steps until nothing is left to do.
std::string run(const Wanted& wanted, World& world) {
    const Forecast forecast = [](const specs::ImageRef& image, const World&) {
        return migrations_of(image);
    };
    std::string words;
    for (int pass = 0; pass < 60; ++pass) {
        const Steps main = plan_instance(wanted, world);
        const Steps steps = upkeep(wanted, world);
        for (const Blocked& blocked : steps.blocked) words += "blocked " + blocked.code + "\n";
        if (steps.steps.empty() && main.is_settled()) return words;
        for (const Step& step : main.steps) simulate(world, step.action);
        for (const Step& step : steps.steps) {
            if (!is_wait(step.action)) words += in_words(step.action) + "\n";
            simulate(world, step.action);
        }
        simulate_time(world, wanted, forecast);
        answer(wanted, world);
    }
    return words + "no end\n";
}

ObservedContainer& job_of(World& world, const std::string& role) {
    for (auto& [name, container] : world.containers) {
        if (container.spec.role == role) return container;
    }
    throw std::runtime_error("no job of role " + role);
}

TEST(ScheduledBackup, DumpsThenStoresOnce) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    const std::string words = run(wanted, world);
    EXPECT_EQ(words,
              "pull image docker.io/restic/restic:0.17.3\n"
              "create container alpha-backup-list\nstart container alpha-backup-list\n"
              "create container alpha-backup-dump\nstart container alpha-backup-dump\n"
              "create container alpha-backup-database\nstart container alpha-backup-database\n"
              "remove container alpha-backup-list\n");
    world.now += hours(1);
    EXPECT_EQ(run(wanted, world), "");
    // What serves knows nothing of it.
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
}

TEST(ScheduledBackup, IsNotMadeByAnApplyNorBeforeItsTime) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    EXPECT_EQ(run(wanted, world), "");
    world.due.database = noon;
    world.due.is_kept = false;
    EXPECT_EQ(run(wanted, world), "");
}

TEST(ScheduledBackup, CatchesUpOnceAndNeverTwiceForOneTime) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    (void)run(wanted, world);
    world.now = noon + hours(50);
    world.due.database = noon + hours(48);
    EXPECT_THAT(run(wanted, world), HasSubstr("start container alpha-backup-dump"));
    // The clock goes back: what it names now was made, and what is of the future waits.
    world.now = noon + hours(1);
    world.due.database = noon;
    EXPECT_EQ(run(wanted, world), "");
    world.now = noon + hours(60);
    world.due.database = noon + hours(48);
    EXPECT_EQ(run(wanted, world), "");
}

TEST(ScheduledBackup, ASnapshotWithoutItsMarkIsNone) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    world.repository = {.is_known = true,
                        .id = "r",
                        .listed_at = noon,
                        .snapshots = {{.id = "half",
                                       .kind = database_kind,
                                       .slot = noon,
                                       .taken = noon,
                                       .system = world.schema.system_identifier}}};
    EXPECT_THAT(run(wanted, world), HasSubstr("start container alpha-backup-database"));
}

TEST(ScheduledBackup, WhatRunsIsNotCutOffByTheNextTime) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    const Forecast forecast = [](const specs::ImageRef& image, const World&) {
        return migrations_of(image);
    };
    for (int pass = 0; pass < 30; ++pass) {
        for (const Step& step : plan_instance(wanted, world).steps) simulate(world, step.action);
        for (const Step& step : upkeep(wanted, world).steps) simulate(world, step.action);
        const auto* dump = world.container("alpha-backup-dump");
        if (dump != nullptr && dump->is_running()) break;
        simulate_time(world, wanted, forecast);
        answer(wanted, world);
    }
    ASSERT_TRUE(world.container("alpha-backup-dump")->is_running());
    world.due.database = noon + hours(6);
    world.now = noon + hours(6);
    EXPECT_TRUE(upkeep(wanted, world).changes_nothing());
    world.containers["alpha-backup-dump"].state = RunState::paused;
    EXPECT_THAT(to_text(upkeep(wanted, world)), HasSubstr("unpause container alpha-backup-dump"));
}

TEST(ScheduledBackup, AFailureIsSaidAndTriedAgainLater) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    (void)run(wanted, world);
    world.due.database = noon + hours(6);
    world.now = noon + hours(6);
    world.repository.snapshots.pop_back();
    ObservedContainer& job = job_of(world, snapshot_role);
    ObservedContainer& dump = job_of(world, dump_role);
    const auto fail_with = [&](int code) {
        job.spec = snapshot_job(wanted, world, noon + hours(6));
        dump.spec = dump_job(wanted, world, noon + hours(6));
        job.exit_code = code;
        job.finished_at = world.now;
        job.log_tail = "connection refused";
    };
    fail_with(1);
    const Steps steps = upkeep(wanted, world);
    ASSERT_EQ(steps.blocked.size(), 1U);
    EXPECT_THAT(steps.blocked.front().message, HasSubstr("connection refused"));
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
    world.now += minutes(15);
    EXPECT_THAT(to_text(upkeep(wanted, world)),
                HasSubstr("remove container alpha-backup-database"));
    // Killed by somebody: sooner. A dump that is not what it should be: that one goes first.
    fail_with(137);
    world.now += minutes(1);
    EXPECT_THAT(to_text(upkeep(wanted, world)),
                HasSubstr("remove container alpha-backup-database"));
    fail_with(3);
    world.now += minutes(15);
    EXPECT_THAT(to_text(upkeep(wanted, world)), HasSubstr("remove container alpha-backup-dump"));
}

TEST(ScheduledBackup, NeverOfAnotherDatabaseOrBesideAChangeOfTheSchema) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    world.identity.database_system = "another";
    EXPECT_EQ(plan_upkeep(wanted, world, {}).steps.size(), 1U);
    EXPECT_TRUE(plan_upkeep(wanted, world, {}).changes_nothing());
    world = serving(wanted);
    world.due.database = noon;
    ObservedContainer migrate{.id = "m", .name = "alpha-migrate", .state = RunState::running};
    migrate.spec.role = "migrate";
    world.containers["alpha-migrate"] = migrate;
    EXPECT_TRUE(plan_upkeep(wanted, world, {}).changes_nothing());
}

TEST(ScheduledBackup, NothingStartsOnAVolumeThatWasMadeAnew) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    world.repository = {.is_known = true, .id = "r", .listed_at = noon};
    ObservedContainer dump{.id = "d", .name = "alpha-backup-dump", .state = RunState::created};
    dump.spec = dump_job(wanted, world, noon);
    world.containers["alpha-backup-dump"] = dump;
    (void)run(wanted, world);
    world.containers["alpha-backup-dump"] = dump;
    world.repository.snapshots.clear();
    EXPECT_THAT(to_text(upkeep(wanted, world)), HasSubstr("start container alpha-backup-dump"));
    world.volumes["alpha-backups"].labels.clear();
    EXPECT_TRUE(plan_upkeep(wanted, world, {}).changes_nothing());
    Steps steps;
    steps.add(StartContainer{"d", "alpha-backup-dump"}, "test");
    EXPECT_EQ(only_safe(wanted, world, steps).blocked.size(), 1U);
}

TEST(ScheduledBackup, ARefusedCommitStopsNoBackup) {
    Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    wanted.instance.domain = "another.test";
    ASSERT_EQ(plan_instance(wanted, world).blocked.front().code, "domain-changed");
    (void)run(wanted, world);
    EXPECT_EQ(world.repository.snapshots.size(), 1U);
}

TEST(ScheduledBackup, AMigrationWaitsForWhatReadsTheDatabase) {
    Wanted wanted = with_password();
    wanted.instance.upgrade.backup = specs::BackupDemand::none;
    World world = serving(wanted);
    wanted.instance.mastodon = *specs::parse_version("v4.5.0");
    ObservedContainer dump{
        .id = "d", .name = "alpha-backup-dump", .state = RunState::running, .created_at = noon};
    dump.spec = dump_job(wanted, world, noon);
    world.containers["alpha-backup-dump"] = dump;
    const Forecast forecast = [](const specs::ImageRef& image, const World&) {
        return migrations_of(image);
    };
    std::string last;
    for (int pass = 0; pass < 30; ++pass) {
        const Steps steps = only_safe(wanted, world, plan_instance(wanted, world));
        last = to_text(steps);
        EXPECT_TRUE(steps.blocked.empty()) << last;
        for (const Step& step : steps.steps) simulate(world, step.action);
        simulate_time(world, wanted, forecast);
        world.containers["alpha-backup-dump"].state = RunState::running;
    }
    EXPECT_THAT(last, HasSubstr("waits for job alpha-backup-dump"));
    world.containers.erase("alpha-backup-dump");
    EXPECT_TRUE(run_to_end(wanted, world).is_settled);
}

TEST(ScheduledBackup, RecentIsEnoughWhereItIsMarkedYoungAndOfThisDatabase) {
    Wanted wanted = with_password();
    World world = serving(wanted);
    wanted.instance.upgrade.backup = specs::BackupDemand::recent;
    Snapshot good{.id = "a",
                  .kind = database_kind,
                  .slot = noon - hours(2),
                  .taken = noon - hours(2),
                  .system = world.schema.system_identifier,
                  .is_complete = true};
    const auto has = [&](const Snapshot& one) {
        world.repository = {.is_known = true, .id = "r", .listed_at = noon, .snapshots = {one}};
        return has_backup(wanted, world);
    };
    EXPECT_TRUE(has(good));
    Snapshot other = good;
    other.is_complete = false;
    EXPECT_FALSE(has(other));
    other = good;
    other.system = "another";
    EXPECT_FALSE(has(other));
    other = good;
    other.taken = noon - hours(9);
    EXPECT_FALSE(has(other));
    other = good;
    other.taken = noon + hours(1);
    EXPECT_FALSE(has(other));
    wanted.instance.upgrade.backup = specs::BackupDemand::required;
    EXPECT_FALSE(has(good));
}

TEST(ScheduledBackup, ADrillFetchesRestoresAndMarks) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    (void)run(wanted, world);
    world.due.drill = noon;
    EXPECT_EQ(run(wanted, world),
              "create container alpha-drill-fetch\nstart container alpha-drill-fetch\n"
              "create container alpha-drill\nstart container alpha-drill\n"
              "create container alpha-drill-mark\nstart container alpha-drill-mark\n"
              "remove container alpha-drill-fetch\nremove container alpha-drill\n");
    EXPECT_TRUE(drill_job(wanted, noon).networks.empty());
    EXPECT_TRUE(drill_job(wanted, noon).mounts.front().read_only);
}

TEST(ScheduledBackup, AFailureOfMediaHoldsUpNoDrill) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    world.due.media = noon;
    (void)run(wanted, world);
    std::erase_if(world.repository.snapshots,
                  [](const Snapshot& one) { return one.kind == media_kind; });
    world.due.drill = noon;
    const std::string words = run(wanted, world);
    EXPECT_THAT(words, HasSubstr("blocked backup-not-found"));
    EXPECT_THAT(words, HasSubstr("start container alpha-drill-mark"));
}

TEST(ScheduledBackup, MediaHasItsOwnTimes) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.media = noon;
    EXPECT_THAT(run(wanted, world), HasSubstr("start container alpha-backup-media"));
    EXPECT_TRUE(media_job(wanted, world, noon).mounts.front().read_only);
}

TEST(ScheduledBackup, AFolderOfTheHostIsForResticAlone) {
    Wanted wanted = with_password();
    const World world = serving(wanted);
    const auto is_let_through = [&](const ContainerSpec& spec) {
        Steps steps;
        steps.add(CreateContainer{.spec = spec, .image = "i"}, "test");
        return only_safe(wanted, world, steps).blocked.empty();
    };
    EXPECT_TRUE(is_let_through(list_job(wanted, world)));
    ContainerSpec other = list_job(wanted, world);
    other.repository = "/srv/backups";
    EXPECT_FALSE(is_let_through(other));
    ContainerSpec dump = dump_job(wanted, world, noon);
    EXPECT_TRUE(dump.repository.empty());
    dump.repository = "/srv/backups/alpha";
    EXPECT_FALSE(is_let_through(dump));
    for (const char* folder : {"/etc", "/", "/var/lib/docker", "/srv/", "/srv/../etc", "/srv"}) {
        wanted.instance.backups.repository = folder;
        EXPECT_FALSE(is_let_through(list_job(wanted, world))) << folder;
    }
    wanted.policy.backup_repositories = {"/opt/backups"};
    wanted.instance.backups.repository = "/opt/backups/alpha";
    EXPECT_TRUE(is_let_through(list_job(wanted, world)));
    wanted.instance.backups.repository = "/opt/backups/../../etc";
    EXPECT_FALSE(is_let_through(list_job(wanted, world)));
    wanted.instance.backups.repository = "/srv/backups/alpha:/etc";
    EXPECT_FALSE(is_let_through(list_job(wanted, world)));
    wanted.instance.backups.repository = "rest:https://backup.example/alpha";
    EXPECT_TRUE(list_job(wanted, world).repository.empty());
    EXPECT_TRUE(is_let_through(list_job(wanted, world)));
}

TEST(ScheduledBackup, WhatTheHostDoesNotAllowIsSaid) {
    Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    wanted.instance.images.restic = *specs::parse_image("evil.example/restic:1");
    ASSERT_EQ(upkeep(wanted, world).blocked.size(), 1U);
    EXPECT_EQ(upkeep(wanted, world).blocked.front().code, "registry-not-allowed");
    wanted.instance.images.restic = {};
    wanted.instance.backups.repository = "/etc";
    EXPECT_EQ(upkeep(wanted, world).blocked.front().code, "backup-repository-not-allowed");
    EXPECT_TRUE(upkeep(wanted, world).steps.empty());
}

TEST(ScheduledBackup, NoSecretIsInWordsOrLabels) {
    const Wanted wanted = with_password();
    const World world = serving(wanted);
    for (const ContainerSpec& job :
         {dump_job(wanted, world, noon), snapshot_job(wanted, world, noon),
          media_job(wanted, world, noon), list_job(wanted, world), fetch_job(wanted, world, noon),
          drill_job(wanted, noon), mark_job(wanted, world, noon)}) {
        std::string text = job.command->front();
        for (const auto& [name, value] : job.labels) text += name + value;
        for (const auto& [name, value] : job.environment) {
            if (!value.is_secret) text += value.value.reveal();
        }
        EXPECT_THAT(text, Not(HasSubstr("canary")));
    }
}

std::string conditions(const Wanted& wanted, const World& world) {
    const Steps steps = plan_instance(wanted, world);
    InstanceStatus told = status(wanted, world, steps);
    add_backups(wanted, world, upkeep(wanted, world), told);
    std::string text;
    for (const Condition& one : told.conditions) {
        if (!one.type.starts_with("Backup")) continue;
        text += one.type + (one.is_true ? " " : " not ") + one.reason + ": " + one.message + "\n";
    }
    return text;
}

TEST(BackupStatus, SaysHowOldTheNewestIsOnceAndThenHourly) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.deployed_at = noon - hours(1);
    EXPECT_THAT(conditions(wanted, world), HasSubstr("BackupFresh NotDue"));
    world.deployed_at = noon - hours(9);
    EXPECT_THAT(conditions(wanted, world), HasSubstr("BackupFresh not None"));
    world.due.database = noon;
    (void)run(wanted, world);
    const std::string good = conditions(wanted, world);
    EXPECT_THAT(good, HasSubstr("BackupFresh Fresh"));
    EXPECT_THAT(good, HasSubstr("BackupsWork Working"));
    world.now = noon + hours(9) + minutes(5);
    const std::string stale = conditions(wanted, world);
    EXPECT_THAT(stale, HasSubstr("BackupFresh not Stale"));
    world.now += minutes(30);
    EXPECT_EQ(conditions(wanted, world), stale);
    world.now += minutes(30);
    EXPECT_NE(conditions(wanted, world), stale);
}

TEST(BackupStatus, WhatFailedStaysSaidUntilABackupWasMade) {
    const Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    world.pull_errors["docker.io/restic/restic:0.17.3"] = "no such host";
    EXPECT_THAT(conditions(wanted, world), HasSubstr("BackupsWork not image-unavailable"));
    world.pull_errors.clear();
    // On its way: neither is said.
    EXPECT_THAT(conditions(wanted, world), Not(HasSubstr("BackupsWork")));
}

TEST(ScheduledBackup, WhatFailedWithAnotherPasswordIsTriedAtOnce) {
    Wanted wanted = with_password();
    World world = serving(wanted);
    world.due.database = noon;
    (void)run(wanted, world);
    world.repository.snapshots.clear();
    ObservedContainer& job = job_of(world, snapshot_role);
    job.exit_code = 1;
    job.finished_at = world.now;
    EXPECT_THAT(to_text(upkeep(wanted, world)), Not(HasSubstr("remove container")));
    wanted.secrets["restic-password"] = Secret("canary-of-the-right-one");
    EXPECT_THAT(to_text(upkeep(wanted, world)),
                HasSubstr("remove container alpha-backup-database"));
}

TEST(BackupStatus, SaysEachFailure) {
    const Wanted wanted = with_password();
    const World world = serving(wanted);
    Steps upkeep;
    upkeep.block({.code = "backup-failed", .message = "media failed", .hint = "one"});
    upkeep.block({.code = "backup-failed", .message = "drill failed", .hint = "two"});
    InstanceStatus told{};
    add_backups(wanted, world, upkeep, told);
    EXPECT_THAT(told.conditions.back().message, HasSubstr("media failed"));
    EXPECT_THAT(told.conditions.back().message, HasSubstr("drill failed\n  HINT: two"));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
