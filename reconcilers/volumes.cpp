// Volumes and their identity. The Engine makes a missing volume anew, empty, without a word; a
// server healed into an empty database is lost. So: each data volume gets an identity that is
// written down before it is made, and one that was there and is gone stops the work with an alarm.
//
// A volume is never removed and never made a second time.
#include <algorithm>

#include "reconcilers/labels.hpp"
#include "reconcilers/reconcilers.hpp"
#include "reconcilers/schema.hpp"

namespace matriarch::reconcilers {
namespace {

std::string uuid_of(const ObservedVolume& volume) {
    const auto found = volume.labels.find(label::volume);
    return found == volume.labels.end() ? std::string() : found->second;
}

}  // namespace

bool has_traces(const Wanted& wanted, const World& world) {
    const auto volumes = wanted_volumes(wanted);
    const bool has_volume = std::any_of(volumes.begin(), volumes.end(), [&](const auto& volume) {
        return volume.is_data && world.volumes.contains(volume.name);
    });
    const bool has_container =
        std::any_of(world.containers.begin(), world.containers.end(), [](const auto& entry) {
            return entry.second.spec.role == "postgres" || is_app_role(entry.second.spec.role);
        });
    return has_volume || has_container || !world.identity.volumes.empty();
}

namespace {

void alarm(Steps& steps, const std::string& volume, const std::string& what,
           const std::string& first = {}) {
    steps.block({.code = "data-volume-missing",
                 .message = "data volume " + volume + " " + what +
                            "; nothing is made in its place, since that would be an empty one",
                 .hint = "Bring the volume back, or " + first +
                         "restore the newest backup (matriarch restore)."});
}

/// A database is made once. Says so, and returns true, where one must have been there before.
bool refuses_new_database(const Wanted& wanted, const World& world, const WantedVolume& volume,
                          Steps& steps) {
    const std::string any_major = wanted.instance.name + "-postgres-";
    for (const auto& [name, identity] : world.identity.volumes) {
        if (!name.starts_with(any_major)) continue;
        steps.block(
            {.code = "postgres-major",
             .message = "the database is in volume " + name + "; postgres.version " +
                        std::to_string(wanted.instance.postgres.version) + " would need " +
                        volume.name + ", which is empty",
             .hint = "Put postgres.version back to " + name.substr(any_major.size()) + "."});
        return true;
    }
    if (!has_traces(wanted, world)) return false;
    alarm(steps, volume.name, "does not exist, but this instance was deployed before");
    return true;
}

/// One data volume against what is written down of it; fills in what is newly known.
void check_one(const Wanted& wanted, const World& world, const WantedVolume& volume,
               Identity& identity, Steps& steps) {
    const auto observed = world.volumes.find(volume.name);
    const auto pinned = world.identity.volumes.find(volume.name);
    const bool is_there = observed != world.volumes.end();
    if (pinned == world.identity.volumes.end()) {
        if (!is_there) {
            const bool is_state_lost = world.identity.volumes.empty() && has_traces(wanted, world);
            if (volume.role != "postgres" && is_state_lost) {
                alarm(steps, volume.name, "does not exist, but this instance was deployed before");
                return;
            }
            if (volume.role == "postgres" && refuses_new_database(wanted, world, volume, steps)) {
                return;
            }
            identity.volumes[volume.name] = {};
            return;
        }
        if (uuid_of(observed->second).empty()) {
            steps.block(
                {.code = "name-taken",
                 .message = "volume " + volume.name + " exists and is not ours",
                 .hint = "Choose another instance name, or take it over with matriarch adopt."});
            return;
        }
        identity.volumes[volume.name] = {.uuid = uuid_of(observed->second),
                                         .created_at = observed->second.created_at};
        return;
    }
    if (!is_there) {
        if (!pinned->second.created_at.empty()) alarm(steps, volume.name, "is gone");
        return;
    }
    const VolumeIdentity& known = pinned->second;
    if (uuid_of(observed->second) != known.uuid) {
        alarm(steps, volume.name, "is not the one that was deployed (it was made again)",
              "remove this one (docker volume rm " + volume.name +
                  ", after the container that has it) and ");
        return;
    }
    if (known.created_at.empty()) {
        identity.volumes[volume.name].created_at = observed->second.created_at;
    }
}

}  // namespace

void plan_identity(const Wanted& wanted, const World& world, Steps& steps) {
    Identity identity = world.identity;
    for (const WantedVolume& volume : wanted_volumes(wanted)) {
        if (volume.is_data) check_one(wanted, world, volume, identity, steps);
    }
    const auto fixed = [&](const char* field, const std::string& now, std::string& known) {
        if (known.empty()) known = now;
        if (known == now) return;
        steps.block(
            {.code = std::string(field) + "-changed",
             .message = std::string(field) + " is " + now + ", but this instance was deployed as " +
                        known + ", and other servers know it by that for ever",
             .hint =
                 std::string("Put ") + field + " back to " + known + ", or start a new instance."});
    };
    fixed("domain", wanted.instance.domain, identity.domain);
    const std::string& web = wanted.instance.web_domain;
    fixed("web_domain", web.empty() ? wanted.instance.domain : web, identity.web_domain);
    identity.is_set_up = is_set_up(world);
    // Where backups go may only move if the host allows it (admission.cpp).
    if (identity.backup_repository != wanted.instance.backups.repository) {
        identity.backup_repository = wanted.instance.backups.repository;
        identity.repository_id.clear();
    } else if (identity.repository_id.empty() && world.repository.is_known) {
        identity.repository_id = world.repository.id;
    }
    if (identity.database_system.empty()) {
        identity.database_system = world.schema.system_identifier;
    } else if (world.schema.is_known &&
               identity.database_system != world.schema.system_identifier) {
        steps.block(
            {.code = "database-replaced",
             .message = "the database is another one than was deployed (system identifier " +
                        world.schema.system_identifier + ", not " + identity.database_system + ")",
             .hint = "Bring the right volume back, or restore a backup (matriarch restore)."});
    }
    if (!steps.blocked.empty() || identity == world.identity) return;
    steps.add(PinIdentity{identity}, world.identity.volumes.empty()
                                         ? "first deployment: written down before anything is made"
                                         : "newly known");
}

void plan_volumes(const Wanted& wanted, const World& world, Steps& steps) {
    for (const WantedVolume& volume : wanted_volumes(wanted)) {
        if (world.volumes.contains(volume.name)) continue;
        CreateVolume action{
            .name = volume.name,
            .labels = {{label::instance, wanted.instance.name}, {label::role, volume.role}}};
        if (volume.is_data) {
            const auto pinned = world.identity.volumes.find(volume.name);
            const bool may_be_made = pinned != world.identity.volumes.end() &&
                                     !pinned->second.uuid.empty() &&
                                     pinned->second.created_at.empty();
            if (!may_be_made) continue;
            action.labels[label::volume] = pinned->second.uuid;
        }
        steps.add(std::move(action), "not found");
    }
}

}  // namespace matriarch::reconcilers
