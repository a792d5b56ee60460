// The rules that no plan may break, checked on every plan before anything of it runs. They repeat
// what the reconcilers keep to anyway: a bug there must meet a wall here.
#include <algorithm>

#include "reconcilers/archive.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/converge.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/postgres_major.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/rollout.hpp"
#include "reconcilers/schema.hpp"
#include "reconcilers/spare_images.hpp"
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

/// S1, of what is made already: the volume may have been lost, and made anew and empty, since.
Result<void> check_known_volumes(const World& world, const StartContainer& start,
                                 const ObservedContainer& container) {
    for (const Mount& mount : container.spec.mounts) {
        const auto pinned = world.identity.volumes.find(mount.volume);
        if (pinned == world.identity.volumes.end()) continue;
        const auto seen = world.volumes.find(mount.volume);
        const bool is_it = seen != world.volumes.end() &&
                           seen->second.labels.contains(label::volume) &&
                           seen->second.labels.at(label::volume) == pinned->second.uuid;
        if (!is_it) return refuse(start, "volume " + mount.volume + " is not the one deployed");
    }
    return {};
}

/// No folder of the host but the repository of backups, and that for restic alone.
Result<void> check_repository(const Wanted& wanted, const CreateContainer& create) {
    const std::string& folder = create.spec.repository;
    if (folder.empty()) return {};
    const bool is_restic = is_repository_role(create.spec.role) &&
                           create.spec.image == specs::resolved_images(wanted.instance).restic &&
                           specs::allows_image(wanted.policy, create.spec.image);
    if (!is_restic || folder != repository_folder(wanted.instance)) {
        return refuse(create, "it would have the host's folder " + folder);
    }
    if (!allows_repository(wanted)) {
        return refuse(create, "the host does not allow backups in " + folder);
    }
    return {};
}

/// S3: what may not run twice.
Result<void> check_alone(const World& world, const StartContainer& start,
                         const ObservedContainer& container) {
    const std::string& role = container.spec.role;
    for (const auto& [name, other] : world.containers) {
        if (other.id == container.id || !other.is_alive()) continue;
        if (is_scheduler(container.spec) && is_scheduler(other.spec)) {
            return refuse(start, "another process runs the scheduler queue: " + name);
        }
        const bool is_single =
            role == "postgres" || role == "redis" || role == "backup" || role == archive_role;
        const bool is_second = (is_single && other.spec.role == role) ||
                               (changes_schema(role) && changes_schema(other.spec.role)) ||
                               excludes(role, other.spec.role);
        if (is_second) return refuse(start, "it would run beside " + name);
    }
    return {};
}

/// The one of the two images with Mastodon's code that a container of this role should run.
const ImageFacts* wanted_code(const Wanted& wanted, const World& world, const std::string& role) {
    const specs::Images images = specs::resolved_images(wanted.instance);
    return world.image(role == "streaming" ? images.streaming : images.mastodon);
}

/// S4: a job that brings post-deployment migrations runs beside nothing that they would break.
Result<void> check_migration(const Wanted& wanted, const World& world, const StartContainer& start,
                             const ObservedContainer& job) {
    if (job.spec.role == "premigrate") {
        const auto& environment = job.spec.environment;
        if (environment.contains("SKIP_POST_DEPLOYMENT_MIGRATIONS")) return {};
        return refuse(start, "it would bring post-deployment migrations too");
    }
    const auto files = world.migrations.find(job.image_id);
    const bool is_last =
        files != world.migrations.end() && schema_gap(files->second, world).regular.empty();
    for (const auto& [name, other] : world.containers) {
        if (!is_app_role(other.spec.role) || !other.is_alive()) continue;
        const ImageFacts* code = wanted_code(wanted, world, other.spec.role);
        const bool is_new = code != nullptr && code->id == other.image_id;
        if (!is_new) return refuse(start, "container " + name + " still runs the old code");
        if (!is_last) return refuse(start, "container " + name + " runs beside regular migrations");
    }
    return {};
}

/// S4: no code beside a job that breaks it, and none on a schema that it does not fit.
Result<void> check_code(const Wanted& wanted, const World& world, const StartContainer& start,
                        const ObservedContainer& container) {
    const ImageFacts* code = wanted_code(wanted, world, container.spec.role);
    const bool is_new = code != nullptr && code->id == container.image_id;
    const MigrationFiles* files = is_new ? wanted_migrations(wanted, world) : nullptr;
    const ObservedContainer* job = schema_job(world);
    const bool is_last_phase = is_new && files != nullptr && world.schema.is_known &&
                               job != nullptr && job->spec.role == "migrate" &&
                               schema_gap(*files, world).regular.empty();
    if (job != nullptr && job->spec.role != "premigrate" && !is_last_phase) {
        return refuse(start, "job " + job->name + " is changing the schema");
    }
    if (files == nullptr || !world.schema.is_known || world.schema.applied.empty()) return {};
    if (!schema_gap(*files, world).regular.empty()) {
        return refuse(start, "its schema has pending migrations");
    }
    return {};
}

/// A database is put into its place only where that was written down before.
Result<void> check_restore(const World& world, const StartContainer& start) {
    if (world.identity.restoring && world.identity.restoring->has_secrets) return {};
    return refuse(start, "nothing is to be restored");
}

/// S1: while a database moves to another volume, nobody writes to the one that it leaves.
Result<void> check_move(const World& world, const StartContainer& start,
                        const ObservedContainer& container) {
    if (container.spec.role == copy_role && runs_code(world)) {
        return refuse(start, "what writes to the database runs beside it");
    }
    const std::string& in_use = world.identity.database_volume;
    if (in_use.empty() || !is_app_role(container.spec.role)) return {};
    for (const auto& [name, other] : world.containers) {
        const auto& mounts = other.spec.mounts;
        const bool has_it = std::any_of(mounts.begin(), mounts.end(),
                                        [&](const auto& one) { return one.volume == in_use; });
        if (other.spec.role == "postgres" && !has_it) {
            return refuse(start, name + " serves another database than the one in use");
        }
    }
    return {};
}

/// S1: a database is declared to be elsewhere only while no server has it open.
Result<void> check_identity(const World& world, const PinIdentity& pin) {
    const std::string& before = world.identity.database_volume;
    if (before.empty() || pin.identity.database_volume == before) return {};
    for (const auto& [name, container] : world.containers) {
        if (container.spec.role == "postgres") return refuse(pin, name + " still has it");
        if (is_app_role(container.spec.role) && container.is_alive()) {
            return refuse(pin, name + " may write to it");
        }
    }
    return {};
}

Result<void> check_start(const Wanted& wanted, const World& world, const StartContainer& start) {
    const ObservedContainer* container = by_id(world, start.id);
    if (container == nullptr) return refuse(start, "its id was not seen in this pass");
    TRY(check_known_volumes(world, start, *container));
    TRY(check_alone(world, start, *container));
    TRY(check_move(world, start, *container));
    const std::string& role = container->spec.role;
    if (role == restore_database_role) return check_restore(world, start);
    if (world.identity.restoring && (is_app_role(role) || changes_schema(role))) {
        return refuse(start, "a backup is being restored");
    }
    if (role == "sidekiq" && is_held(world)) return refuse(start, "it is held after a restore");
    if (role == "premigrate" || role == "migrate") {
        return check_migration(wanted, world, start, *container);
    }
    if (is_app_role(role)) return check_code(wanted, world, start, *container);
    return {};
}

/// S5: people are not sent to what is asked to stop.
Result<void> check_signal(const World& world, const SignalContainer& signal) {
    const ObservedContainer* container = by_id(world, signal.id);
    if (container == nullptr) return refuse(signal, "its id was not seen in this pass");
    if (container->is_ready() && world.edge.routes.contains(container->name)) {
        return refuse(signal, "the edge sends people to it");
    }
    return {};
}

/// S12: only what was seen in this pass, by id; what runs is never removed.
Result<void> check_remove(const World& world, const RemoveContainer& remove) {
    const ObservedContainer* container = by_id(world, remove.id);
    if (container == nullptr) return refuse(remove, "its id was not seen in this pass");
    if (container->is_alive()) return refuse(remove, "it runs");
    return {};
}

/// An image goes only if we pulled it and nothing of ours needs it.
Result<void> check_image(const Wanted& goal, const World& world, const RemoveImage& remove) {
    const auto spare = spare_images(goal, world);
    const bool is_spare = std::any_of(spare.begin(), spare.end(), [&](const PulledImage& one) {
        return one.id == remove.id && one.reference == remove.reference;
    });
    if (!is_spare) return refuse(remove, "we did not pull it, or it is needed");
    for (const auto& [name, container] : world.containers) {
        if (container.image_id == remove.id) return refuse(remove, name + " has it");
    }
    if (world.held_images.contains(remove.id)) return refuse(remove, "somebody else has it");
    return {};
}

Result<void> check(const Wanted& wanted, const World& world, const Action& action) {
    if (const auto* create = std::get_if<CreateContainer>(&action)) {
        TRY(check_repository(wanted, *create));
        return check_volumes(world, *create);
    }
    if (const auto* start = std::get_if<StartContainer>(&action)) {
        return check_start(wanted, world, *start);
    }
    if (const auto* remove = std::get_if<RemoveContainer>(&action))
        return check_remove(world, *remove);
    if (const auto* take = std::get_if<TakeSecrets>(&action)) {
        const ObservedContainer* job = by_id(world, take->id);
        if (job == nullptr || job->spec.role != restore_secrets_role) {
            return refuse(*take, "it is no job that has fetched them");
        }
    }
    if (const auto* pin = std::get_if<PinIdentity>(&action)) return check_identity(world, *pin);
    if (const auto* signal = std::get_if<SignalContainer>(&action)) {
        return check_signal(world, *signal);
    }
    return {};
}

}  // namespace

Steps only_safe(const Wanted& goal, const World& world, Steps steps) {
    const Wanted wanted = next_station(goal, world);
    Steps safe{.blocked = std::move(steps.blocked)};
    for (Step& step : steps.steps) {
        const auto* image = std::get_if<RemoveImage>(&step.action);
        const auto allowed =
            image != nullptr ? check_image(goal, world, *image) : check(wanted, world, step.action);
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
