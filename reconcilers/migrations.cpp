// Migrations: the schema that the wanted image needs, before its code runs.
//
// Mastodon's own tools would let an older image run on a newer schema with exit code 0, and two
// migrations at once race; so the question is always put to the sets in image and database, and one
// job with one name does the work. Never starts without the backup that the instance demands. What
// a job has done is read from the schema, never from its exit code alone.
#include <algorithm>

#include "reconcilers/backup.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/mastodon.hpp"
#include "reconcilers/pursue.hpp"
#include "reconcilers/rehearsal.hpp"
#include "reconcilers/rollout.hpp"
#include "reconcilers/upgrade.hpp"
#include "specs/specs.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

ContainerSpec listing_job(const Wanted& wanted, const std::string& image_id) {
    const Names names(wanted.instance);
    ContainerSpec job =
        job_container(wanted, names.of("migrations-" + short_digest(image_id)), "migrations",
                      specs::resolved_images(wanted.instance).mastodon, image_id);
    job.entrypoint = {"sh", "-c"};
    job.command = {
        "cd /opt/mastodon/db && test -d migrate && test -d post_migrate && ls migrate | sed "
        "'s/^/migrate /' && "
        "ls post_migrate | sed 's/^/post_migrate /'"};
    job.limits = {.memory = mib(64), .pids = 32};
    return finished(job);
}

void block_failed(const ContainerSpec& job, const World& world, Steps& steps, const char* code,
                  const std::string& what) {
    steps.block({.code = code,
                 .message = what + ": " + world.container(job.name)->log_tail,
                 .hint = "See docker logs " + job.name +
                         ". Push another version, or remove that container to try again.",
                 .kind = ErrorKind::failed});
}

void list_migrations(const Wanted& wanted, const World& world, Steps& steps,
                     const std::string& image_id) {
    const ContainerSpec job = listing_job(wanted, image_id);
    if (job_state(job, world) == JobState::failed) {
        block_failed(job, world, steps, "image-unreadable",
                     "cannot list the migrations in image " +
                         specs::to_text(specs::resolved_images(wanted.instance).mastodon));
        return;
    }
    run_job(job, world, steps, "which migrations the image has is not known");
}

void set_up(const Wanted& wanted, const World& world, Steps& steps, const std::string& image_id) {
    const ContainerSpec job = setup_job(wanted, image_id);
    if (job_state(job, world) == JobState::failed) {
        block_failed(job, world, steps, "setup-failed", "cannot set up the database schema");
        return;
    }
    const ObservedContainer* redis = world.container(wanted_redis(wanted).name);
    if (redis == nullptr || !redis->is_ready()) return;
    run_job(job, world, steps,
            world.schema.applied.empty() ? "the database has no schema yet"
                                         : "its first setup did not come to an end");
}

void await_database(const Wanted& wanted, const World& world, Steps& steps,
                    const std::string& image_id) {
    // Made while the first database is, so that only its start is left to be done.
    if (!world.identity.has_database()) {
        make_job(setup_job(wanted, image_id), world, steps, "the database is new");
    }
    const ObservedContainer* postgres = world.container(Names(wanted.instance).postgres);
    if (postgres != nullptr && postgres->is_ready()) {  // else postgres.cpp brings it up
        steps.add(Wait{"database schema", look_again}, "the database could not be asked");
    }
}

std::string pending_words(const SchemaGap& gap) {
    return std::to_string(gap.pending()) + " pending migrations";
}

/// What stands in the way of a job that ended, if it did. Says so, and returns true.
bool has_ended_badly(const Wanted& wanted, const World& world, Steps& steps,
                     const ContainerSpec& job, const Upgrade& upgrade) {
    const std::string version = to_text(wanted.instance.mastodon);
    const std::string left = pending_words(upgrade.gap) + " left";
    const bool is_last = upgrade.gap.regular.empty();
    switch (job_state(job, world)) {
        case JobState::failed:
            block_failed(job, world, steps, "migration-failed",
                         (is_last ? "a post-deployment migration to " : "the migration to ") +
                             version + " failed with " + left +
                             (is_last ? "; the new release serves, and there is no way back"
                                      : "; the release before it serves"));
            return true;
        case JobState::succeeded:
            block_failed(job, world, steps, "migration-incomplete",
                         "the migration to " + version + " ended with exit code 0 and " + left);
            return true;
        default:
            return false;
    }
}

/// A backup that is being made is not cut off, and nothing is changed beside it.
bool waits_for_backup(const World& world, const ContainerSpec& job, Steps& steps) {
    const ObservedContainer* other = in_the_way(world, job.role);
    if (other == nullptr || changes_schema(other->spec.role)) return false;
    if (other->spec.role == "backup") return false;  // the one that it waits for anyway
    steps.add(Wait{"database schema", look_again}, "waits for job " + other->name);
    return true;
}

/// It is held beside everything else (scheduled_backup.cpp), by `matriarch run`.
void await_rehearsal(const Wanted& wanted, const World& world, Steps& steps) {
    const std::string version = to_text(wanted.instance.mastodon);
    const Rehearsal* rehearsal = rehearsal_of(wanted, world);
    if (rehearsal == nullptr) {
        steps.add(Wait{"database schema", look_at_job}, "waits for the rehearsal of " + version);
        return;
    }
    steps.block({.code = "rehearsal-failed",
                 .message = "the migration to " + version + " failed on a copy of the backup of " +
                            slot_text(rehearsal->slot) + ": " + rehearsal->last_words,
                 .hint = "Nothing was changed. Mend what it met, then matriarch backup run " +
                         wanted.instance.name + " and matriarch rehearse " + wanted.instance.name +
                         "; or push another version.",
                 .kind = ErrorKind::failed});
}

/// Everything that can be done before the schema is touched.
void prepare(const Wanted& wanted, const World& world, Steps& steps, const Upgrade& upgrade,
             const ContainerSpec& job) {
    const auto images = wanted_images(wanted);
    const bool has_images = std::all_of(images.begin(), images.end(),
                                        [&](const auto& image) { return world.image(image); });
    if (!has_images) {
        steps.add(Wait{"database schema", look_again}, "waits for every image");
    } else if (outside_window(wanted, world)) {
        steps.add(Wait{"database schema", until_window(world)},
                  "waits for its window, " + wanted.instance.upgrade.window);
    } else if (!is_rehearsed(wanted, world)) {
        await_rehearsal(wanted, world, steps);
    } else if (waits_for_backup(world, job, steps)) {
        return;
    } else if (!has_backup(wanted, world)) {
        plan_backup(wanted, world, steps);
    } else if (!upgrade.rolls) {
        make_job(job, world, steps, "made before anything stops");
    }
}

void finish(const Wanted& wanted, const World& world, Steps& steps, const Upgrade& upgrade,
            const std::string& image_id) {
    if (upgrade.gap.pending() == 0) {
        // A start that came late: it finds nothing to do.
        steps.add(Wait{"job " + schema_job(world)->name, look_again}, "it is never cut off");
        return;
    }
    const ContainerSpec job = migrate_job(wanted, image_id);
    if (has_ended_badly(wanted, world, steps, job, upgrade)) return;
    const bool has_begun = job_state(job, world) == JobState::unfinished &&
                           world.container(job.name)->state != RunState::created;
    if (!has_begun && waits_for_backup(world, job, steps)) return;
    if (!has_begun && !has_backup(wanted, world)) {
        plan_backup(wanted, world, steps);
        return;
    }
    run_job(job, world, steps,
            std::to_string(upgrade.gap.pending()) + " post-deployment migrations",
            Reversible::needs_restore);
}

void migrate(const Wanted& wanted, const World& world, Steps& steps, const Upgrade& upgrade,
             const std::string& image_id) {
    if (upgrade.refused) {
        steps.block(*upgrade.refused);
        return;
    }
    const ContainerSpec job =
        upgrade.rolls ? premigrate_job(wanted, image_id) : migrate_job(wanted, image_id);
    if (has_ended_badly(wanted, world, steps, job, upgrade)) return;
    switch (upgrade.phase) {
        case Phase::migrating:
            run_job(job, world, steps,
                    std::to_string(upgrade.gap.regular.size()) +
                        " regular migrations beside what serves");
            return;
        case Phase::fenced:
            fence(wanted, world, steps, "stopped for " + pending_words(upgrade.gap));
            if (!runs_code(world)) {
                run_job(job, world, steps, pending_words(upgrade.gap), Reversible::needs_restore);
            }
            return;
        default:
            prepare(wanted, world, steps, upgrade, job);
    }
}

}  // namespace

void plan_migrations(const Wanted& wanted, const World& world, const Upgrade& upgrade,
                     Steps& steps) {
    const ObservedContainer* busy = schema_job(world);
    if (busy != nullptr && busy->state == RunState::paused) {
        steps.add(UnpauseContainer{busy->id, busy->name}, "paused");
        return;
    }
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    if (image == nullptr) return;  // images.cpp pulls it
    if (busy != nullptr && busy->image_id != image->id) {
        steps.add(Wait{"job " + busy->name, std::chrono::milliseconds(500)},
                  "an earlier commit's job changes the schema, and is never cut off");
        return;
    }
    if (wanted_migrations(wanted, world) == nullptr) {
        list_migrations(wanted, world, steps, image->id);
        return;
    }
    if (!world.schema.is_known) {
        await_database(wanted, world, steps, image->id);
        return;
    }
    // A setup that fails after the schema was loaded has not seeded it: still not a server.
    const JobState began = job_state(setup_job(wanted, image->id), world);
    const bool is_cut_off = began == JobState::unfinished || began == JobState::failed;
    if (world.schema.applied.empty() || (is_cut_off && !is_set_up(world))) {
        set_up(wanted, world, steps, image->id);
        return;
    }
    if (!upgrade.gap.ahead.empty() && !upgrade.gap.runs_ahead) {
        steps.block(
            {.code = "downgrade",
             .message = to_text(wanted.instance.mastodon) +
                        " is older than the database, which has " +
                        std::to_string(upgrade.gap.ahead.size()) +
                        " newer migrations; it would answer with errors",
             .hint =
                 "Put the newer version back in the instance file, or restore a backup from before "
                 "the upgrade."});
        return;
    }
    if (!upgrade.gap.regular.empty()) {
        migrate(wanted, world, steps, upgrade, image->id);
    } else if (!is_set_up(world)) {
        set_up(wanted, world, steps, image->id);
    } else if (upgrade.phase == Phase::finishing) {
        finish(wanted, world, steps, upgrade, image->id);
    } else if (upgrade.phase == Phase::replacing && !upgrade.gap.post_deployment.empty()) {
        make_job(migrate_job(wanted, image->id), world, steps,
                 "made before the code that it would break is gone");
    } else if (has_old_code(wanted, world) && outside_window(wanted, world)) {
        steps.add(Wait{"containers with Mastodon's code", until_window(world)},
                  "wait for their window, " + wanted.instance.upgrade.window);
    }
}

}  // namespace matriarch::reconcilers
