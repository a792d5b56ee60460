// Migrations: the schema that the wanted image needs, before its code runs.
//
// Mastodon's own tools would let an older image run on a newer schema with exit code 0, and two
// migrations at once race; so the question is always put to the sets in image and database, and one
// job with one name does the work. Never starts without the backup that the instance demands. Stops
// what runs the old code first; if the migration fails and the schema still fits the old code, the
// old containers are put back.
#include <algorithm>

#include "reconcilers/backup.hpp"
#include "reconcilers/mastodon.hpp"
#include "reconcilers/schema.hpp"
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

/// Containers with Mastodon's code, of any version.
std::vector<const ObservedContainer*> app_containers(const World& world, bool running) {
    std::vector<const ObservedContainer*> found;
    for (const auto& [name, container] : world.containers) {
        if (!is_app_role(container.spec.role)) continue;
        const bool runs = container.is_running() || container.state == RunState::restarting;
        if (runs == running) found.push_back(&container);
    }
    return found;
}

/// Rails fills a database by itself only where it has just made its schema; seeding again changes
/// nothing that is there.
ContainerSpec setup_job(const Wanted& wanted, const std::string& image_id) {
    return finished(rails_job(wanted, "setup", {"db:prepare", "db:seed"}, image_id));
}

void set_up(const Wanted& wanted, const World& world, Steps& steps, const std::string& image_id) {
    const ContainerSpec job = setup_job(wanted, image_id);
    const JobState state = job_state(job, world);
    if (state == JobState::failed) {
        block_failed(job, world, steps, "setup-failed", "cannot set up the database schema");
        return;
    }
    const ObservedContainer* redis = world.container(wanted_redis(wanted).name);
    if (redis == nullptr || !redis->is_ready()) return;
    run_job(job, world, steps,
            world.schema.applied.empty() ? "the database has no schema yet"
                                         : "its first setup did not come to an end");
}

/// The migration failed: whatever still fits the schema as it is now serves again.
void put_back(const Wanted& wanted, const World& world, Steps& steps) {
    const auto all = wanted_containers(wanted);
    for (const ObservedContainer* container : app_containers(world, false)) {
        const bool is_wanted = std::any_of(all.begin(), all.end(), [&](const ContainerSpec& spec) {
            return spec.name == container->name;
        });
        if (container->state != RunState::exited || !is_wanted) continue;
        if (!may_serve_again(*container, world)) continue;
        steps.add(StartContainer{container->id, container->name},
                  "put back, since the migration failed");
    }
}

void migrate(const Wanted& wanted, const World& world, Steps& steps, const SchemaGap& gap,
             const std::string& image_id) {
    const ContainerSpec job = finished(rails_job(wanted, "migrate", {"db:migrate"}, image_id));
    const JobState state = job_state(job, world);
    const std::string count = std::to_string(gap.pending()) + " pending migrations";
    if (state == JobState::failed) {
        block_failed(job, world, steps, "migration-failed",
                     "the migration to " + to_text(wanted.instance.mastodon) + " failed with " +
                         count + " left");
        put_back(wanted, world, steps);
        return;
    }
    // What serves the old schema is started again only where all of the new one can be.
    const auto images = wanted_images(wanted);
    const bool has_images = std::all_of(
        images.begin(), images.end(), [&](const auto& image) { return world.image(image); });
    const ObservedContainer* made = world.container(job.name);
    const bool is_begun = state != JobState::absent && made->state != RunState::created;
    if (!is_begun && !has_images) {
        steps.add(Wait{"database schema", look_again}, "waits for every image");
        return;
    }
    if (!is_begun && !has_backup(wanted, world)) {
        plan_backup(wanted, world, steps);
        return;
    }
    // Also what somebody started since: no old code beside a migration.
    const auto running = app_containers(world, true);
    if (state != JobState::succeeded && !running.empty()) {
        for (const ObservedContainer* container : running) {
            stop(*container, world, steps, "stopped for " + count, Downtime::stops);
        }
        return;
    }
    run_job(job, world, steps, count, Reversible::needs_restore);
}

}  // namespace

void plan_migrations(const Wanted& wanted, const World& world, Steps& steps) {
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
    const MigrationFiles* files = wanted_migrations(wanted, world);
    if (files == nullptr) {
        const ContainerSpec job = listing_job(wanted, image->id);
        if (job_state(job, world) == JobState::failed) {
            block_failed(job, world, steps, "image-unreadable",
                         "cannot list the migrations in image " +
                             specs::to_text(specs::resolved_images(wanted.instance).mastodon));
            return;
        }
        run_job(job, world, steps, "which migrations the image has is not known");
        return;
    }
    if (!world.schema.is_known) return;  // postgres.cpp brings it up
    // A setup that fails after the schema was loaded has not seeded it: still not a server.
    const ContainerSpec setup = setup_job(wanted, image->id);
    const JobState began = job_state(setup, world);
    const bool is_cut_off = began == JobState::unfinished || began == JobState::failed;
    if (world.schema.applied.empty() || (is_cut_off && !is_set_up(world))) {
        set_up(wanted, world, steps, image->id);
        return;
    }
    const SchemaGap gap = schema_gap(*files, world);
    if (!gap.ahead.empty() && !gap.runs_ahead) {
        steps.block(
            {.code = "downgrade",
             .message = to_text(wanted.instance.mastodon) +
                        " is older than the database, which has " +
                        std::to_string(gap.ahead.size()) +
                        " newer migrations; it would answer with errors",
             .hint =
                 "Put the newer version back in the instance file, or restore a backup from before "
                 "the upgrade."});
        return;
    }
    if (gap.pending() > 0) {
        migrate(wanted, world, steps, gap, image->id);
    } else if (!is_set_up(world)) {
        set_up(wanted, world, steps, image->id);
    }
}

}  // namespace matriarch::reconcilers
