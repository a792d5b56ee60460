// The rules that no plan may break, checked on every plan before anything of it runs. They repeat
// what the reconcilers keep to anyway: a bug there must meet a wall here.
#include <algorithm>

#include "reconcilers/converge.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/schema.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

tl::unexpected<Error> refuse(const Action& action, const std::string& rule) {
    return fail(
        ErrorKind::refused, "cannot " + in_words(action) + ": " + rule,
        "This is a bug in matriarch; nothing was done. Please report it with `matriarch plan`.");
}

bool is_scheduler(const ContainerSpec& spec) {
    if (spec.role != "sidekiq" || !spec.command) return false;
    return std::find(spec.command->begin(), spec.command->end(), "scheduler") !=
           spec.command->end();
}

bool is_alive(const ObservedContainer& container) {
    return container.is_running() || container.state == RunState::paused ||
           container.state == RunState::restarting;
}

const ObservedContainer* by_id(const World& world, const std::string& id) {
    for (const auto& [name, container] : world.containers) {
        if (container.id == id) return &container;
    }
    return nullptr;
}

/// S1: data is used only where its identity was seen.
Result<void> check_volumes(const World& world, const CreateContainer& create) {
    for (const Mount& mount : create.spec.mounts) {
        if (!world.volumes.contains(mount.volume)) {
            return refuse(create,
                          "volume " + mount.volume + " is not there and would be made empty");
        }
        const auto pinned = world.identity.volumes.find(mount.volume);
        const auto& labels = world.volumes.at(mount.volume).labels;
        if (pinned != world.identity.volumes.end() &&
            (!labels.contains(label::volume) || labels.at(label::volume) != pinned->second.uuid)) {
            return refuse(create, "volume " + mount.volume + " is not the one that was deployed");
        }
    }
    if (create.spec.labels.find(label::instance) == create.spec.labels.end()) {
        return refuse(create, "it has no owner");
    }
    return {};
}

/// S3 and S4: what may not run twice, and what may not run on this schema.
Result<void> check_start(const Wanted& wanted, const World& world, const StartContainer& start) {
    const ObservedContainer* container = by_id(world, start.id);
    if (container == nullptr) return refuse(start, "its id was not seen in this pass");
    for (const auto& [name, other] : world.containers) {
        if (other.id == container->id || !is_alive(other)) continue;
        if (is_scheduler(container->spec) && is_scheduler(other.spec)) {
            return refuse(start, "another process runs the scheduler queue: " + name);
        }
        const bool same_single_role =
            container->spec.role == other.spec.role &&
            (container->spec.role == "postgres" || container->spec.role == "redis" ||
             container->spec.role == "migrate" || container->spec.role == "setup" ||
             container->spec.role == "backup");
        if (same_single_role) return refuse(start, "it would run beside " + name);
    }
    for (const auto& [name, other] : world.containers) {
        const bool changes_schema = other.spec.role == "migrate" || other.spec.role == "setup";
        if (is_app_role(container->spec.role) && changes_schema && is_alive(other)) {
            return refuse(start, "job " + name + " is changing the schema");
        }
    }
    if (container->spec.role == "migrate") {
        for (const auto& [name, other] : world.containers) {
            if (is_app_role(other.spec.role) && is_alive(other)) {
                return refuse(start, "container " + name + " still runs the old code");
            }
        }
    }
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    const bool is_new_code =
        is_app_role(container->spec.role) && image != nullptr && container->image_id == image->id;
    if (is_new_code && world.schema.is_known) {
        const MigrationFiles* files = wanted_migrations(wanted, world);
        if (files != nullptr && !world.schema.applied.empty() &&
            schema_gap(*files, world).pending() > 0) {
            return refuse(start, "its schema has pending migrations");
        }
    }
    return {};
}

/// S12: only what was seen in this pass, by id; what runs is never removed.
Result<void> check_remove(const World& world, const RemoveContainer& remove) {
    const ObservedContainer* container = by_id(world, remove.id);
    if (container == nullptr) return refuse(remove, "its id was not seen in this pass");
    if (is_alive(*container)) return refuse(remove, "it runs");
    return {};
}

Result<void> check(const Wanted& wanted, const World& world, const Action& action) {
    if (const auto* create = std::get_if<CreateContainer>(&action))
        return check_volumes(world, *create);
    if (const auto* start = std::get_if<StartContainer>(&action)) {
        return check_start(wanted, world, *start);
    }
    if (const auto* remove = std::get_if<RemoveContainer>(&action))
        return check_remove(world, *remove);
    return {};
}

}  // namespace

Steps only_safe(const Wanted& wanted, const World& world, Steps steps) {
    Steps safe{.blocked = std::move(steps.blocked)};
    for (Step& step : steps.steps) {
        const auto allowed = check(wanted, world, step.action);
        if (allowed) {
            safe.steps.push_back(std::move(step));
        } else {
            safe.block({.code = "unsafe",
                        .message = allowed.error().message,
                        .hint = allowed.error().hint,
                        .kind = ErrorKind::refused});
        }
    }
    return safe;
}

}  // namespace matriarch::reconcilers
