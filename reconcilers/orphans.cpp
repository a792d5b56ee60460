// Orphans: containers of this instance that nothing wants any more: a replica after scaling down, a
// group that left the file, a job whose answer is known. Volumes and networks are never orphans.
#include <algorithm>

#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/converge.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/postgres_major.hpp"
#include "reconcilers/rehearsal.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/rollout.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

bool is_job(const ObservedContainer& container) {
    return container.spec.labels.contains(label::subject);
}

bool runs_somewhere(const World& world, const std::string& image_id) {
    return std::any_of(world.containers.begin(), world.containers.end(), [&](const auto& entry) {
        return is_app_role(entry.second.spec.role) && entry.second.image_id == image_id;
    });
}

/// Whether a list is what tells that the database is ahead of the wanted image, and by what kind of
/// migrations: without it a release that may go back one step could not be judged any more.
bool explains_schema(const Wanted& wanted, const World& world, const std::string& image_id) {
    const MigrationFiles* files = wanted_migrations(wanted, world);
    const auto listed = world.migrations.find(image_id);
    if (files == nullptr || listed == world.migrations.end()) return true;
    const auto has = [](const MigrationFiles& some, const std::string& version) {
        return some.regular.contains(version) || some.post_deployment.contains(version);
    };
    return std::any_of(world.schema.applied.begin(), world.schema.applied.end(),
                       [&](const std::string& version) {
                           return !has(*files, version) && has(listed->second, version);
                       });
}

bool serves_as_wanted(const Wanted& wanted, const World& world) {
    const auto web = slots_of(wanted_of(wanted, "web"), world);
    return std::all_of(web.begin(), web.end(), [](const Slot& slot) {
        return slot.old == nullptr && slot.fresh != nullptr && slot.fresh->is_ready();
    });
}

/// Jobs are kept while their answer is needed: lists of migrations while their image is wanted or
/// runs, those that changed the schema until the upgrade is at its end, the newest backup, and
/// whatever failed (for the person who looks).
bool is_needed(const Wanted& wanted, const World& world, const Upgrade& upgrade,
               const ObservedContainer& job) {
    const std::string& role = job.spec.role;
    const bool is_under_way = !job.has_exited() && job.state != RunState::created;
    if (is_under_way && role != restore_secrets_role) return true;
    if (is_restore_role(role)) return to_restore(world).has_value();
    if (role == scratch_role) return true;     // scratch.cpp
    if (is_upkeep_role(role)) return true;     // scheduled_backup.cpp
    if (role == cache_role) return true;       // clean_cache.cpp
    if (is_rehearsal_role(role)) return true;  // rehearsal.cpp
    if (role == copy_role) return true;        // postgres_major.cpp
    if (role == "backup" || (role == "search-deploy" && wanted.instance.search.enabled))
        return true;
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    if (image == nullptr) return true;
    const std::string& subject = job.spec.labels.at(label::subject);
    if (role == "migrations") {
        return subject == image->id || runs_somewhere(world, subject) || !world.schema.is_known ||
               explains_schema(wanted, world, subject);
    }
    if (role == "postgres-init") return world.identity.database_system.empty();
    const bool is_current = subject == image->id;
    if (job.exit_code != 0) return is_current;
    return is_current && (upgrade.phase != Phase::settled || !serves_as_wanted(wanted, world));
}

}  // namespace

void plan_orphans(const Wanted& wanted, const World& world, const Upgrade& upgrade, Steps& steps) {
    const auto all = wanted_containers(wanted);
    for (const auto& [key, container] : world.containers) {
        const std::string& name = container.name;
        const bool is_wanted = std::any_of(all.begin(), all.end(), [&](const auto& spec) {
            return spec.name == name || (is_app_role(spec.role) && second_name(spec.name) == name);
        });
        // Labels are inherited by images made of our containers: without our name it is not ours.
        const bool is_ours = name.starts_with(wanted.instance.name + "-");
        if (is_wanted || !is_ours) continue;
        if (is_job(container) && is_needed(wanted, world, upgrade, container)) continue;
        const std::string reason =
            is_job(container) ? "its answer is known" : "no longer in the instance file";
        if (is_missed(wanted, world, container)) {
            steps.add(Wait{"container " + name, look_again}, "serves until another one does");
        } else if (is_app_role(container.spec.role) && container.is_alive()) {
            retire(wanted, container, world, steps, reason, Downtime::none);
        } else {
            discard(container, world, steps, reason);
        }
    }
}

}  // namespace matriarch::reconcilers
