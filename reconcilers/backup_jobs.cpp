// The containers of backups. A folder of the host is bound into jobs with restic and into nothing
// else, and only the one that `backups.repository` names; safety.cpp holds every plan against that.
#include "reconcilers/backup_jobs.hpp"

#include <algorithm>
#include <array>

#include "reconcilers/archive.hpp"
#include "reconcilers/backup_scripts.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/rehearsal.hpp"
#include "reconcilers/repository.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/schema.hpp"
#include "specs/canonical.hpp"
#include "specs/specs.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

/// Where local repositories may be without a word in the host's policy. Elsewhere is the system's.
constexpr std::array<std::string_view, 6> folders_for_backups{
    "/srv/", "/mnt/", "/media/", "/backup/", "/backups/", "/var/backups/"};

std::string image_lines(const World& world) {
    std::string lines;
    for (const auto& [name, container] : world.containers) {
        if (container.spec.labels.contains(label::subject)) continue;
        lines +=
            "image " + name + " " + container.image_reference + " " + container.image_id + "\n";
    }
    return lines;
}

/// What the rows cannot be read without, and what the server is known by. Not what opens the
/// repository: whoever reads this has it.
Secret secrets_text(const Wanted& wanted) {
    std::string text;
    for (const auto& [name, value] : wanted.secrets) {
        if (opens_repository(wanted, name)) continue;
        std::string quoted;
        for (const char c : value.reveal()) {
            if (c == '\\' || c == '"' || c == '$' || c == '`') quoted += '\\';
            quoted += c;
        }
        text += name + "=\"" + quoted + "\"\n";
    }
    return Secret(std::move(text));
}

/// The set that is to be restored: the backup of what is there now must not push it out.
EnvironmentValue needed_slot(const World& world) {
    const auto restore = to_restore(world);
    return shown(restore ? slot_text(restore->slot) : "none");
}

}  // namespace

ContainerSpec restic_job(const Wanted& wanted, const World& world, const std::string& name,
                         const std::string& role, const std::string& subject) {
    const Names names(wanted.instance);
    ContainerSpec job = job_container(wanted, names.of(name), role,
                                      specs::resolved_images(wanted.instance).restic, subject);
    give_way(job);
    job.entrypoint = {"sh", "-c"};
    job.user = "root";
    // Locks carry it: so we know ours.
    job.hostname = "matriarch-" + wanted.instance.name;
    job.labels[label::repository] = repository_key(wanted.instance);
    add_credentials(wanted, job);
    job.environment["NAME"] = shown(wanted.instance.name);
    job.environment["LOCK_HOST"] = shown(job.hostname);
    job.environment["REPOSITORY_ID"] = shown(world.identity.repository_id);
    const bool is_to_be_read =
        !wanted.instance.bootstrap.restore.empty() || world.identity.restoring;
    job.environment["ONLY_OPEN"] = shown(is_to_be_read ? "yes" : "");
    job.repository = repository_folder(wanted.instance);
    if (job.repository.empty()) {
        job.environment["RESTIC_REPOSITORY"] = shown(wanted.instance.backups.repository);
        job.networks[names.external_network] = {};
    } else {
        job.environment["RESTIC_REPOSITORY"] = shown("/repository");
    }
    return job;
}

bool is_repository_role(const std::string& role) {
    return role == snapshot_role || role == media_role || role == list_role || role == fetch_role ||
           role == mark_role || role == scratch_fetch_role || role == rehearsal_fetch_role ||
           (is_restore_role(role) && role != restore_database_role && role != recover_role);
}

bool is_restore_role(const std::string& role) {
    return role == restore_fetch_role || role == recover_role || role == restore_secrets_role ||
           role == restore_database_role || role == restore_media_role;
}

bool is_upkeep_role(const std::string& role) {
    return role == dump_role || role == drill_role || role == base_role || role == rehearsal_role ||
           is_repository_role(role);
}

bool excludes(const std::string& role, const std::string& other) {
    const auto reads_database = [](const std::string& some) {
        return some == "backup" || some == dump_role || some == base_role;
    };
    const auto backs_up_database = [&](const std::string& some) {
        return reads_database(some) || some == snapshot_role;
    };
    const auto touches_database = [&](const std::string& some) {
        return backs_up_database(some) || changes_schema(some) || is_app_role(some) ||
               some == restore_database_role;
    };
    const auto uses_archive = [](const std::string& some) {
        return some == base_role || some == recover_role;
    };
    const auto cleans = [](const std::string& some) { return some == cache_role; };
    const auto is_beside_cleaning = [](const std::string& some) {
        return some == "backup" || is_upkeep_role(some) || is_restore_role(some) ||
               changes_schema(some) || some == cache_role;
    };
    return (cleans(role) && is_beside_cleaning(other)) ||
           (cleans(other) && is_beside_cleaning(role)) ||
           (role == drill_role && other == drill_role) ||
           (uses_archive(role) && uses_archive(other)) ||
           (reads_database(role) && reads_database(other)) ||
           (is_repository_role(role) && is_repository_role(other)) ||
           (role == restore_database_role && touches_database(other)) ||
           (touches_database(role) && other == restore_database_role) ||
           (changes_schema(role) && backs_up_database(other)) ||
           (backs_up_database(role) && changes_schema(other));
}

const ObservedContainer* in_the_way(const World& world, const std::string& role) {
    for (const auto& [name, container] : world.containers) {
        if (container.is_alive() && excludes(role, container.spec.role)) return &container;
    }
    return nullptr;
}

std::string repository_folder(const specs::Instance& instance) {
    const std::string& repository = instance.backups.repository;
    return repository.starts_with('/') ? repository : "";
}

std::string repository_key(const specs::Instance& instance) {
    return short_digest(sha256(instance.backups.repository));
}

bool allows_repository(const Wanted& wanted) {
    const std::string folder = repository_folder(wanted.instance);
    if (folder.empty()) return true;
    const auto has = [&](const char* part) {
        return (folder + "/").find(part) != std::string::npos;
    };
    if (has("/../") || has("/./") || has(":")) return false;
    return specs::allows_backup_repository(wanted.policy, folder) ||
           std::any_of(folders_for_backups.begin(), folders_for_backups.end(),
                       [&](std::string_view place) {
                           return folder.starts_with(place) && folder.size() > place.size();
                       });
}

void check_backup_policy(const Wanted& wanted, Steps& steps) {
    const specs::ImageRef restic = specs::resolved_images(wanted.instance).restic;
    if (!specs::allows_image(wanted.policy, restic)) {
        const std::string name = repository_text(restic);
        steps.block(
            {.code = "registry-not-allowed",
             .message = "this host does not allow images from " + name,
             .hint = "Allow it in /etc/matriarch/policy.yaml: registries: [" + name + "]."});
    }
    if (!allows_repository(wanted)) {
        const std::string folder = repository_folder(wanted.instance);
        steps.block({.code = "backup-repository-not-allowed",
                     .message = "this host does not allow backups in " + folder,
                     .hint = "Use a folder below /srv or /mnt, or allow it in "
                             "/etc/matriarch/policy.yaml: backup_repositories: [" +
                             folder + "]."});
    }
    check_keys(wanted, steps);
}

ContainerSpec dump_job(const Wanted& wanted, const World& world, Time slot) {
    const Names names(wanted.instance);
    ContainerSpec job =
        job_container(wanted, names.of("backup-dump"), dump_role,
                      specs::resolved_images(wanted.instance).postgres, slot_text(slot));
    give_way(job);
    // In the place that the image declares a volume at: else the Engine makes one, and it stays.
    const std::string folder = postgres_folder(wanted.instance.postgres.version);
    job.entrypoint = {"sh", "-c"};
    job.command = {dump_script()};
    job.user = "root";
    job.environment["FOLDER"] = shown(folder);
    job.environment.add(database_access(wanted));
    job.environment["HEAD"] =
        shown("instance " + wanted.instance.name + "\nslot " + slot_text(slot) + "\nrevision " +
              wanted.revision + "\n" + image_lines(world));
    job.environment["INSTANCE"] = shown(specs::canonical_text(wanted.instance));
    job.networks[names.internal_network] = {};
    job.mounts = {{.volume = names.backups_volume, .target = folder}};
    return finished(job);
}

ContainerSpec snapshot_job(const Wanted& wanted, const World& world, Time slot) {
    const Names names(wanted.instance);
    ContainerSpec job =
        restic_job(wanted, world, "backup-database", snapshot_role, slot_text(slot));
    job.command = {snapshot_script(wanted.instance.backups.database.keep)};
    job.environment["SLOT"] = shown(slot_text(slot));
    job.environment["NEEDED"] = needed_slot(world);
    job.environment["SYSTEM"] = shown(world.identity.database_system);
    job.environment["SECRETS"] = hidden(secrets_text(wanted));
    job.mounts = {{.volume = names.backups_volume, .target = "/backups", .read_only = true}};
    return finished(job);
}

ContainerSpec media_job(const Wanted& wanted, const World& world, Time slot) {
    const Names names(wanted.instance);
    ContainerSpec job = restic_job(wanted, world, "backup-media", media_role, slot_text(slot));
    job.command = {media_script(wanted.instance.backups.media.keep)};
    job.environment["SLOT"] = shown(slot_text(slot));
    job.environment["NEEDED"] = needed_slot(world);
    // Files of media belong to Mastodon's user; so do those that are read back.
    job.capabilities = {"CHOWN", "DAC_OVERRIDE", "FOWNER"};
    job.mounts = {{.volume = names.media_volume, .target = "/media", .read_only = true}};
    return finished(job);
}

ContainerSpec fetch_job(const Wanted& wanted, const World& world, Time slot) {
    const Names names(wanted.instance);
    ContainerSpec job = restic_job(wanted, world, "drill-fetch", fetch_role, slot_text(slot));
    const Snapshot* newest = newest_complete(world.repository, database_kind, world.now);
    job.command = {fetch_script()};
    job.environment["SLOT"] = shown(slot_text(slot));
    // Reading all of it over a network is for the person who pays for that.
    job.environment["CHECK"] = shown(job.repository.empty() ? "" : "--read-data");
    job.environment["SET"] = tags_of(newest);
    job.mounts = {{.volume = names.backups_volume, .target = "/backups"}};
    return finished(job);
}

/// Its database is in the container alone, and goes with it. No network at all.
ContainerSpec drill_job(const Wanted& wanted, Time slot) {
    const Names names(wanted.instance);
    ContainerSpec job =
        job_container(wanted, names.of("drill"), drill_role,
                      specs::resolved_images(wanted.instance).postgres, slot_text(slot));
    job.limits = wanted.instance.postgres.limits;
    give_way(job);
    const std::string folder = postgres_folder(wanted.instance.postgres.version);
    job.entrypoint = {"sh", "-c"};
    job.command = {drill_script()};
    job.user = "postgres";
    job.init = true;
    job.shared_memory = wanted.instance.postgres.shared_memory;
    job.environment["FOLDER"] = shown(folder);
    job.environment["PGUSER"] = shown(database_user);
    job.environment["PGDATABASE"] = shown(database_name);
    job.mounts = {{.volume = names.backups_volume, .target = folder, .read_only = true}};
    return finished(job);
}

ContainerSpec mark_job(const Wanted& wanted, const World& world, Time slot) {
    const Names names(wanted.instance);
    ContainerSpec job = restic_job(wanted, world, "drill-mark", mark_role, slot_text(slot));
    job.command = {mark_script()};
    job.environment["SLOT"] = shown(slot_text(slot));
    job.mounts = {{.volume = names.backups_volume, .target = "/backups"}};
    return finished(job);
}

ContainerSpec list_job(const Wanted& wanted, const World& world) {
    ContainerSpec job =
        restic_job(wanted, world, "backup-list", list_role, repository_key(wanted.instance));
    job.command = {list_script()};
    return finished(job);
}

}  // namespace matriarch::reconcilers
