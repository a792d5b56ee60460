// Orphans: containers of this instance that nothing wants any more: a replica after scaling down, a
// group that left the file, a job whose answer is known. Volumes and networks are never orphans.
#include <algorithm>

#include "reconcilers/backup.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/mastodon.hpp"
#include "reconcilers/schema.hpp"
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

/// Jobs are kept while their answer is needed: lists of migrations while their image is wanted or
/// runs, the newest backup, and whatever failed (for the person who looks).
bool is_needed(const Wanted& wanted, const World& world, const ObservedContainer& job) {
    const std::string& role = job.spec.role;
    if (!job.has_exited() && job.state != RunState::created) return true;
    if (role == "backup") return true;
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
    const auto web = wanted_web(wanted);
    return is_current && !std::all_of(web.begin(), web.end(), [&](const ContainerSpec& spec) {
               return is_settled(spec, world);
           });
}

}  // namespace

void plan_orphans(const Wanted& wanted, const World& world, Steps& steps) {
    const auto all = wanted_containers(wanted);
    for (const auto& [key, container] : world.containers) {
        const std::string& name = container.name;
        const bool is_wanted = std::any_of(
            all.begin(), all.end(), [&](const ContainerSpec& spec) { return spec.name == name; });
        // Labels are inherited by images made of our containers: without our name it is not ours.
        const bool is_ours = name.starts_with(wanted.instance.name + "-");
        if (is_wanted || !is_ours) continue;
        if (is_job(container) && is_needed(wanted, world, container)) continue;
        const std::string reason =
            is_job(container) ? "its answer is known" : "no longer in the instance file";
        discard(container, world, steps, reason);
    }
}

}  // namespace matriarch::reconcilers
