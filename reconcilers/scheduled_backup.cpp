// Backups by their schedule: a dump that was read back, stored by restic, read back from there, and
// only then marked. Beside everything else: what goes wrong here stops nothing that serves.
//
// Which times have come is in World::due, what the repository has in World::repository. A time that
// has its marked snapshot is done; of several that were missed the newest is caught up with. One
// job at a time. A job that failed is tried again after a while: its cause is mostly elsewhere.
#include <algorithm>

#include "reconcilers/archive.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/backup_scripts.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/pursue.hpp"
#include "reconcilers/rehearsal.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/scratch.hpp"
#include "reconcilers/upgrade.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

/// Waits for what is at work already, whatever it was made for. Returns whether something is.
bool tend_running(const World& world, Steps& steps) {
    for (const auto& [name, container] : world.containers) {
        if (!is_upkeep_role(container.spec.role) || !container.is_alive()) continue;
        if (container.state == RunState::paused) {
            steps.add(UnpauseContainer{container.id, container.name}, "paused");
        } else {
            steps.add(Wait{"job " + name, look_at_job}, "is at work");
        }
        return true;
    }
    return false;
}

/// What was asked for is fetched or recovered; what one before it left behind is not that.
bool is_fetched(const Wanted& wanted, const World& world) {
    const auto restore = to_restore(world);
    if (!restore) return false;
    for (const char* role : {restore_fetch_role, recover_role}) {
        const ObservedContainer* job = world.container(Names(wanted.instance).of(role));
        if (job == nullptr) continue;
        const auto subject = job->spec.labels.find(label::subject);
        if (subject != job->spec.labels.end() &&
            subject->second.ends_with(" " + slot_text(restore->asked))) {
            return true;
        }
    }
    return false;
}

/// Why no backup may begin now; nothing: it may.
std::optional<std::string> obstacle(const Wanted& wanted, const World& world, const Steps& main) {
    const ObservedContainer* postgres = world.container(Names(wanted.instance).postgres);
    if (postgres == nullptr || !postgres->is_ready()) return "the database";
    if (world.identity.restoring || is_fetched(wanted, world)) return "the restore";
    if (!world.schema.is_known || world.schema.applied.empty() || !is_set_up(world)) {
        return "the schema of the database";
    }
    if (world.identity.database_system != world.schema.system_identifier) {
        return "the database that was deployed";
    }
    const Upgrade upgrade = upgrade_of(wanted, world);
    // One that is held up need not be waited for.
    const bool is_next = upgrade.phase == Phase::migrating || upgrade.phase == Phase::fenced;
    const bool is_changing = schema_job(world) != nullptr || (is_next && main.blocked.empty());
    if (is_changing) return "the change of the schema";
    for (const auto& [name, container] : world.containers) {
        if (container.spec.role == "backup" && container.is_alive()) return "job " + name;
    }
    return std::nullopt;
}

/// The job succeeded, and yet the list does not have what it made: it is asked again.
void doubt(const ContainerSpec& job, const World& world, Steps& steps) {
    const ObservedContainer& ended = *world.container(job.name);
    if (is_due_again(ended, world)) {
        discard(ended, world, steps, "the repository does not have what it made");
        return;
    }
    steps.block({.code = "backup-not-found",
                 .message = "job " + job.name + " ended well, and its backup is not in the list",
                 .hint = "See docker logs " + job.name + ".",
                 .kind = ErrorKind::failed});
}

/// The newest list is still there, where everybody can read it: no copy of it is needed.
bool is_told(const Wanted& wanted, const World& world) {
    return std::any_of(world.containers.begin(), world.containers.end(), [&](const auto& entry) {
        const ObservedContainer& job = entry.second;
        const auto where = job.spec.labels.find(label::repository);
        return is_repository_role(job.spec.role) && job.has_exited() && job.exit_code == 0 &&
               job.finished_at >= world.repository.listed_at && where != job.spec.labels.end() &&
               where->second == repository_key(wanted.instance);
    });
}

/// What the repository has is not known, or what told of it is gone.
void ask_for_list(const Wanted& wanted, const World& world, Steps& steps) {
    const ContainerSpec job = list_job(wanted, world);
    const ObservedContainer* before = world.container(job.name);
    if (world.repository.is_known && before != nullptr && before->has_exited() &&
        before->finished_at < world.repository.listed_at) {
        discard(*before, world, steps, "older than what is known");
    } else if (pursue(job, world, steps, "what the repository has")) {
        doubt(job, world, steps);
    }
}

/// Nothing is due: one list is there, and no older one.
void tidy_lists(const Wanted& wanted, const World& world, Steps& steps) {
    if (!is_told(wanted, world)) return ask_for_list(wanted, world, steps);
    const ObservedContainer* list = world.container(list_job(wanted, world).name);
    if (list != nullptr && list->has_exited() && list->finished_at < world.repository.listed_at) {
        discard(*list, world, steps, "a newer list is known");
    }
}

/// A dump that is not what it should be is made again with the next try.
bool drop_damaged_dump(const ContainerSpec& store, const ContainerSpec& dump, const World& world,
                       Steps& steps) {
    if (job_state(store, world) != JobState::failed) return false;
    const ObservedContainer& failed = *world.container(store.name);
    const ObservedContainer* made = world.container(dump.name);
    const bool is_it = failed.exit_code == set_is_damaged && made != nullptr;
    if (!is_it || !is_due_again(failed, world)) return false;
    discard(*made, world, steps, "its dump was not the one that was asked for");
    return true;
}

void plan_database(const Wanted& wanted, const World& world, Steps& steps) {
    if (!world.due.database) return;
    const Time slot = *world.due.database;
    if (has_slot(world.repository, database_kind, slot, world.now)) return;
    const std::string what = "backup of the database of " + slot_text(slot);
    const ContainerSpec dump = dump_job(wanted, world, slot);
    const ContainerSpec store = snapshot_job(wanted, world, slot);
    if (drop_damaged_dump(store, dump, world, steps)) return;
    if (!pursue(dump, world, steps, what)) return;
    if (pursue(store, world, steps, what)) doubt(store, world, steps);
}

void plan_media(const Wanted& wanted, const World& world, Steps& steps) {
    if (!world.due.media) return;
    const Time slot = *world.due.media;
    if (has_slot(world.repository, media_kind, slot, world.now)) return;
    const ContainerSpec store = media_job(wanted, world, slot);
    if (pursue(store, world, steps, "backup of media of " + slot_text(slot))) {
        doubt(store, world, steps);
    }
}

/// What it leaves behind once it is over: nothing.
void clean_up(const std::vector<ContainerSpec>& jobs, const World& world, Steps& steps,
              const std::string& reason) {
    for (const ContainerSpec& job : jobs) {
        const ObservedContainer* left = world.container(job.name);
        if (left != nullptr) discard(*left, world, steps, reason);
    }
}

/// The newest backup is restored where nobody sees it, and counted. Three jobs, one after the
/// other; if one fails, all begin anew.
void plan_drill(const Wanted& wanted, const World& world, Steps& steps) {
    if (!world.due.drill) return;
    const Time slot = *world.due.drill;
    const ContainerSpec fetch = fetch_job(wanted, world, slot);
    const ContainerSpec drill = drill_job(wanted, slot);
    const ContainerSpec mark = mark_job(wanted, world, slot);
    if (has_drill(world.repository, slot, world.now)) {
        return clean_up({fetch, drill}, world, steps, "the drill is over");
    }
    if (newest_complete(world.repository, database_kind, world.now) == nullptr) return;
    for (const ContainerSpec& job : {fetch, drill, mark}) {
        const bool is_failed = job_state(job, world) == JobState::failed;
        if (is_failed && is_due_again(*world.container(job.name), world)) {
            return clean_up({mark, drill, fetch}, world, steps, "failed, and is tried again");
        }
        if (!pursue(job, world, steps, "drill of " + slot_text(slot))) return;
    }
    doubt(mark, world, steps);
}

bool is_anything_due(const Wanted& goal, const World& world) {
    return world.due.database || world.due.media || world.due.drill || has_scratch_work(world) ||
           has_rehearsal_work(goal, world);
}

}  // namespace

Steps plan_upkeep(const Wanted& goal, const World& world, const Steps& main) {
    Steps steps;
    const bool is_archived = has_archive_work(goal, world);
    if (!world.due.is_kept || !(is_anything_due(goal, world) || is_archived)) return steps;
    if (tend_running(world, steps) || !main.changes_nothing()) return steps;
    const Wanted wanted = next_station(goal, world);
    check_backup_policy(wanted, steps);
    if (!steps.blocked.empty()) return steps;
    if (const auto missing = obstacle(wanted, world, main)) {
        steps.add(Wait{"backups", look_at_job}, "wait for " + *missing);
        return steps;
    }
    plan_base(wanted, world, steps);
    if (!steps.steps.empty() || !is_anything_due(goal, world)) {
        keep_reserve(wanted, world, steps);
        return steps;
    }
    if (!plan_image(specs::resolved_images(wanted.instance).restic, world, steps)) return steps;
    if (!world.repository.is_known) ask_for_list(wanted, world, steps);
    // One thing at a time; what waits for its next try holds up nothing else.
    for (const auto plan : {plan_database, plan_media, plan_drill, plan_scratches}) {
        if (world.repository.is_known && steps.steps.empty()) plan(wanted, world, steps);
    }
    if (world.repository.is_known && steps.steps.empty()) plan_rehearsal(goal, world, steps);
    if (steps.is_settled()) tidy_lists(wanted, world, steps);
    keep_reserve(wanted, world, steps);
    hold_beside_cleaning(world, steps);
    return steps;
}

}  // namespace matriarch::reconcilers
