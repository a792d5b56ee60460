// Restore, like the checklist of whoever does it by hand: is there a backup, and does it open;
// write down which; stop what writes; fetch it whole; is it ours, and not too new; its secrets; a
// server; the database beside, counted, then in its place; media; and nobody is told before a
// person looked.
//
// Killed anywhere, the next pass finds out where it is: what is to be restored is in the identity,
// what is done in the jobs, and whether the database took its place in the database itself.
#include "reconcilers/restore.hpp"

#include <algorithm>

#include "reconcilers/archive.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/rollout.hpp"
#include "reconcilers/schema.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

constexpr const char* failed = "restore-failed";

/// One job; what else works on the same ends first.
bool pursue_alone(const ContainerSpec& job, const World& world, Steps& steps,
                  const std::string& reason) {
    const ObservedContainer* made = world.container(job.name);
    const ObservedContainer* other = in_the_way(world, job.role);
    const bool is_over = job_state(job, world) == JobState::succeeded;
    if (other != nullptr && other != made && !is_over) {
        steps.add(Wait{"job " + job.name, look_again}, "waits for " + other->name);
        return false;
    }
    return pursue(job, world, steps, reason, failed);
}

/// What the repository has, asked anew where the last answer was of no use. Returns whether it was.
bool knows_repository(const Wanted& wanted, const World& world, Steps& steps, bool is_of_use,
                      const Blocked& otherwise) {
    if (world.repository.is_known && is_of_use) return true;
    const ContainerSpec list = list_job(wanted, world);
    if (!pursue_alone(list, world, steps, "what the repository has")) return false;
    const ObservedContainer& answered = *world.container(list.name);
    if (is_due_again(answered, world)) {
        discard(answered, world, steps, "the repository is asked again");
    } else {
        steps.block(otherwise);
    }
    return false;
}

Blocked no_backup(const Wanted& wanted, const World& world, const std::string& which) {
    const std::string& where = wanted.instance.backups.repository;
    return {.code = "no-backup",
            .message = "there is no complete backup (" + which + ") of " + wanted.instance.name +
                       " in " + where + "; no empty database is made in its place",
            .hint = "There are: " + sets_in_words(world.repository) +
                    ". Correct backups.repository or bootstrap.restore, or take bootstrap out of "
                    "the file to begin with a new, empty server."};
}

/// Nothing with Mastodon's code runs.
bool is_quiet(const Wanted& wanted, const World& world, Steps& steps) {
    if (!runs_code(world)) return true;
    fence(wanted, world, steps, "stopped for a restore");
    return false;
}

/// Whether the set is of this server and fits what the file asks for; says so where it does not.
bool fits(const Wanted& wanted, const World& world, Steps& steps) {
    const FetchedSet& set = *world.fetched;
    const specs::Instance& instance = wanted.instance;
    if (!set.domain.empty() && set.domain != instance.domain) {
        steps.block({.code = "restore-other-domain",
                     .message = "the backup is of " + set.domain + ", and the file says " +
                                instance.domain + "; other servers know it by its domain for ever",
                     .hint = "Put domain back to " + set.domain + "."});
    }
    if (set.postgres > instance.postgres.version) {
        const std::string version = std::to_string(set.postgres);
        steps.block({.code = "restore-newer-postgres",
                     .message = "the backup is of PostgreSQL " + version + ", newer than " +
                                std::to_string(instance.postgres.version) + " in the file",
                     .hint = "Write postgres: {version: " + version + "}."});
    }
    std::optional<specs::Version> oldest;
    for (const std::string& text : set.web_images) {
        const auto image = specs::parse_image(text);
        const auto version = specs::parse_version(image ? image->tag : "");
        if (version && (!oldest || *version < *oldest)) oldest = *version;
    }
    if (oldest && *oldest > instance.mastodon) {
        steps.block(
            {.code = "restore-newer",
             .message = "the backup is of Mastodon " + to_text(*oldest) +
                        ", newer than the file's " + to_text(instance.mastodon) +
                        ", whose code cannot read it",
             .hint = "Write mastodon: " + to_text(*oldest) + ", or restore an older backup."});
    }
    return steps.blocked.empty();
}

/// The set is here, whole, and has said what it is.
bool is_fetched(const Wanted& wanted, const World& world, Steps& steps, const Snapshot& set) {
    const std::string reason = "the backup of " + slot_text(set.slot);
    if (!pursue_alone(restore_fetch_job(wanted, world), world, steps, reason)) return false;
    if (world.fetched && world.fetched->slot == set.slot) return true;
    steps.add(Wait{"job restore-fetch", look_again}, "what it fetched is not known");
    return false;
}

/// The set is here, whole: of the repository, or made from the archive.
bool has_set(const Wanted& wanted, const World& world, Steps& steps, const Restore& restore) {
    const std::string slot = slot_text(restore.slot);
    if (restore.from_archive) {
        const std::string reason = "the database as of " + slot;
        if (!pursue_alone(recover_job(wanted, world), world, steps, reason)) return false;
        if (world.fetched && world.fetched->slot == restore.slot) return true;
        steps.add(Wait{"job restore-recover", look_again}, "what it recovered is not known");
        return false;
    }
    if (!plan_image(specs::resolved_images(wanted.instance).restic, world, steps)) return false;
    const Snapshot* set = set_of(world.repository, restore.slot);
    return knows_repository(wanted, world, steps, set != nullptr, no_backup(wanted, world, slot)) &&
           is_fetched(wanted, world, steps, *set);
}

/// Media go with a database of the repository; who lost the database alone has them still.
bool has_media(const Wanted& wanted, const World& world, Steps& steps, const Restore& restore) {
    const Snapshot* set = set_of(world.repository, restore.slot);
    if (restore.from_archive || set == nullptr) return true;
    return media_for(world.repository, set->taken) == nullptr ||
           pursue_alone(restore_media_job(wanted, world), world, steps,
                        "media of " + slot_text(restore.slot));
}

/// What the rows cannot be read without, from the set into the folder of the instance.
bool has_secrets(const Wanted& wanted, const World& world, Steps& steps) {
    const ContainerSpec job = restore_secrets_job(wanted, world);
    const ObservedContainer* made = world.container(job.name);
    if (world.identity.restoring->has_secrets) {
        if (made != nullptr) discard(*made, world, steps, "its secrets were taken");
        return made == nullptr;
    }
    if (made != nullptr && made->is_running() && job_state(job, world) == JobState::unfinished) {
        steps.add(TakeSecrets{made->id, made->name}, "the rows cannot be read without them");
    } else if (pursue_alone(job, world, steps, "the secrets of the backup")) {
        discard(*made, world, steps, "nobody took what it had");
    }
    return false;
}

/// What failed is tried again with the set fetched anew: it may have been the cause.
bool begins_anew(const Wanted& wanted, const ContainerSpec& database, const World& world,
                 Steps& steps) {
    if (job_state(database, world) != JobState::failed) return false;
    const ObservedContainer& failed_one = *world.container(database.name);
    if (!is_due_again(failed_one, world)) return false;
    const Names names(wanted.instance);
    const bool is_archive = world.identity.restoring->from_archive;
    const ObservedContainer* fetch =
        world.container(names.of(is_archive ? recover_role : restore_fetch_role));
    if (fetch != nullptr) discard(*fetch, world, steps, "fetched anew for the next try");
    discard(failed_one, world, steps, "failed, and is tried again");
    return true;
}

void finish(const World& world, Steps& steps) {
    Identity identity = world.identity;
    identity.restored = identity.restoring;
    identity.restoring.reset();
    identity.is_set_up = true;
    steps.add(PinIdentity{identity}, "the backup of " + slot_text(identity.restored->slot) +
                                         " is restored, and every table was counted");
}

}  // namespace

bool has_fitting_set(const Wanted& wanted, const World& world, Steps& steps,
                     const Restore& restore) {
    return has_set(wanted, world, steps, restore) && fits(wanted, world, steps);
}

bool begins_from_backup(const Wanted& wanted, const World& world) {
    return !wanted.instance.bootstrap.restore.empty() && world.identity.volumes.empty() &&
           !has_traces(wanted, world);
}

Steps plan_bootstrap(const Wanted& wanted, const World& world) {
    Steps steps;
    check_backup_policy(wanted, steps);
    if (!steps.blocked.empty()) return steps;
    plan_network(wanted, world, steps);
    if (!plan_image(specs::resolved_images(wanted.instance).restic, world, steps)) return steps;
    const std::string& which = wanted.instance.bootstrap.restore;
    const Snapshot* set = find_set(world.repository, which, world.now);
    if (!knows_repository(wanted, world, steps, set != nullptr, no_backup(wanted, world, which))) {
        return steps;
    }
    plan_identity(wanted, world, steps);
    for (Step& step : steps.steps) {
        auto* pin = std::get_if<PinIdentity>(&step.action);
        if (pin == nullptr) continue;
        pin->identity.repository_id = world.repository.id;
        pin->identity.restoring =
            Restore{.slot = set->slot,
                    .asked = std::chrono::floor<std::chrono::seconds>(world.now),
                    .is_bare = true};
        step.reason = "begins from the backup of " + slot_text(set->taken);
    }
    return steps;
}

std::optional<Restore> to_restore(const World& world) {
    if (world.identity.restoring) return world.identity.restoring;
    const auto& last = world.identity.restored;
    if (!world.wish || (last && last->asked == world.wish->asked)) return std::nullopt;
    return Restore{.slot = world.wish->slot,
                   .asked = world.wish->asked,
                   .has_secrets = true,
                   .from_archive = world.wish->from_archive};
}

void plan_wish(const Wanted& wanted, const World& world, Steps& steps) {
    const auto restore = to_restore(world);
    if (!restore || !world.due.is_kept) return;  // the controller's, which makes backups too
    const bool is_saved = has_slot(world.repository, database_kind, restore->asked, world.now);
    if (world.wish->is_saved && !is_saved) {
        steps.add(Wait{"the restore", look_at_job}, "the state of now is backed up first");
        return;
    }
    if (!has_fitting_set(wanted, world, steps, *restore) || !steps.changes_nothing() ||
        schema_job(world))
        return;
    Identity identity = world.identity;
    identity.restoring = restore;
    steps.add(PinIdentity{identity}, "the backup of " + slot_text(restore->slot) + " was asked for",
              Downtime::stops, Reversible::needs_restore);
}

void plan_restore(const Wanted& wanted, const World& world, Steps& steps) {
    check_backup_policy(wanted, steps);
    if (!steps.blocked.empty()) return;
    const specs::Images images = specs::resolved_images(wanted.instance);
    plan_network(wanted, world, steps);
    plan_volumes(wanted, world, steps);
    const Restore& restore = *world.identity.restoring;
    // Side by side with the other image.
    const bool has_restic = restore.from_archive || plan_image(images.restic, world, steps);
    if (!plan_image(images.postgres, world, steps) || !has_restic) return;
    const std::string slot = slot_text(restore.slot);
    if (!has_fitting_set(wanted, world, steps, restore)) return;
    if (!has_secrets(wanted, world, steps) || !is_quiet(wanted, world, steps)) return;
    plan_admission(wanted, world, steps);
    if (!steps.blocked.empty()) return;
    plan_postgres(wanted, world, steps);
    const bool is_filled = has_media(wanted, world, steps, restore);
    const ObservedContainer* postgres = world.container(Names(wanted.instance).postgres);
    if (postgres == nullptr || !postgres->is_ready()) return;
    const ContainerSpec database = restore_database_job(wanted, world);
    if (begins_anew(wanted, database, world, steps)) return;
    const bool has_database = pursue_alone(database, world, steps, "the database of " + slot);
    if (is_filled && has_database) finish(world, steps);
}

bool is_held(const World& world) {
    return world.identity.restored && world.resumed != world.identity.restored->asked;
}

std::string why_held(const World& world) {
    return "the backup of " + slot_text(world.identity.restored->slot) +
           " was restored; what was posted, followed and deleted since is not known here, and "
           "Sidekiq would go on as though it had not been";
}

}  // namespace matriarch::reconcilers
