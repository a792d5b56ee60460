// Admission: what must be true before anything is touched: the host allows what the file names, the
// limits fit into its memory, and the disk keeps its reserve.
//
// Refuses in words, and never stops what runs.
#include <algorithm>

#include "reconcilers/archive.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/postgres_major.hpp"
#include "reconcilers/reconcilers.hpp"
#include "reconcilers/rehearsal.hpp"
#include "reconcilers/requirements.hpp"
#include "specs/catalogue.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

/// What the system and the Engine need for themselves.
constexpr Bytes system_share = mib(256);
/// On less no container can be made.
constexpr Bytes least = mib(4);

void check_policy(const Wanted& wanted, const World& world, Steps& steps) {
    for (Blocked& foreign : foreign_images(wanted.policy, wanted_images(wanted))) {
        steps.block(std::move(foreign));
    }
    const std::string& now = wanted.instance.backups.repository;
    const std::string& known = world.identity.backup_repository;
    if (!known.empty() && known != now && !specs::allows_backup_repository(wanted.policy, now)) {
        steps.block({.code = "backup-repository-moved",
                     .message = "backups.repository was " + known +
                                " when it was deployed, and is " + now + " now",
                     .hint = "Allow it in /etc/matriarch/policy.yaml: backup_repositories: [\"" +
                             now + "\"]."});
    }
}

void check_memory(const Wanted& wanted, const World& world, Steps& steps) {
    if (world.host.memory.count == 0) return;
    // A neighbour that came later is refused itself; it takes nothing away from who is here
    // already.
    Bytes sum = world.identity.volumes.empty() ? wanted.memory_of_others : Bytes{};
    for (const ContainerSpec& spec : wanted_containers(wanted))
        sum.count += spec.limits.memory.count;
    if (sum.count + system_share.count <= world.host.memory.count) return;
    const auto in_mib = [](Bytes bytes) {
        return std::to_string(bytes.count / mib(1).count) + " MiB";
    };
    steps.block({.code = "host-memory",
                 .message = "the memory limits of this host's instances sum to " + in_mib(sum) +
                            "; the host has " + in_mib(world.host.memory),
                 .hint = "Lower the limits; examples/small-server shows some for 2 GB."});
}

/// What a job may write, from above; nothing: little.
std::optional<Bytes> written_by(const World& world, const ContainerSpec& spec) {
    const std::string& role = spec.role;
    if (role == "postgres-init") return Bytes{};
    if (role == "backup" || role == dump_role || role == base_role) return world.schema.size;
    if (role == fetch_role || role == restore_fetch_role || role == scratch_fetch_role ||
        role == rehearsal_fetch_role) {
        return world.schema.size;
    }
    if (role == restore_database_role) {
        return Bytes{2 * (world.fetched ? world.fetched->size : 0)};
    }
    // How much that is, nobody knows before: the reserve is what is left for it.
    if (role == restore_media_role) return Bytes{};
    // With its own log; a copy with a dump for as long as the job runs.
    if (role == drill_role || role == scratch_role || role == copy_role || role == recover_role ||
        role == rehearsal_database_role) {
        return Bytes{2 * world.schema.size.count};
    }
    // In the worst case it finds nothing that it has already.
    if (role == snapshot_role && !spec.repository.empty()) return world.schema.size;
    if ((role == media_role || role == mark_role) && !spec.repository.empty()) return Bytes{};
    // A migration that rewrites the largest table, its indexes and the log of both.
    if (changes_schema(role)) return Bytes{world.schema.size.count / 2};
    // Nothing much, but nobody needs a rehearsal more than room.
    if (is_rehearsal_role(role)) return Bytes{};
    return std::nullopt;
}

/// What a step may write, from above; nothing: little.
std::optional<Bytes> writes(const World& world, const Action& action) {
    if (std::holds_alternative<PullImage>(action)) {
        // Its size is not known before it is here: about that of the one that runs.
        Bytes largest{};
        for (const auto& [id, image] : world.images_by_id) largest = std::max(largest, image.size);
        return largest;
    }
    if (const auto* create = std::get_if<CreateContainer>(&action)) {
        return written_by(world, create->spec);
    }
    // Made while there was room. What serves may be stopped for a change of the schema by then, and
    // for a restore: those go on.
    const auto* start = std::get_if<StartContainer>(&action);
    const ObservedContainer* job = start == nullptr ? nullptr : world.container(start->name);
    const bool is_upkeep =
        job != nullptr && (is_upkeep_role(job->spec.role) || is_rehearsal_role(job->spec.role));
    return is_upkeep ? written_by(world, job->spec) : std::nullopt;
}

bool is_upkeep_job(const Action& action) {
    const auto* create = std::get_if<CreateContainer>(&action);
    return create != nullptr &&
           (is_upkeep_role(create->spec.role) || create->spec.role == cache_role);
}

/// What keeps the wanted release from booting, whatever else is done.
void check_environment(const Wanted& wanted, Steps& steps) {
    const auto environment = mastodon_environment(wanted);
    std::set<std::string> needed;
    std::set<std::string> forbidden;
    for (const specs::Release* release : specs::catalogue::releases()) {
        if (release->version > wanted.instance.mastodon) break;
        needed.insert(release->needs.begin(), release->needs.end());
        forbidden.insert(release->forbids.begin(), release->forbids.end());
        for (const std::string& name : release->drops) needed.erase(name);
    }
    const std::string version = to_text(wanted.instance.mastodon);
    for (const std::string& name : needed) {
        if (environment.contains(name)) continue;
        steps.block({.code = "environment-missing",
                     .message = version + " does not start without " + name,
                     .hint = "Put it into the file that `secrets` names."});
    }
    for (const std::string& name : forbidden) {
        if (!environment.contains(name)) continue;
        steps.block({.code = "environment-forbidden",
                     .message = version + " does not start while " + name + " is set",
                     .hint = "Follow its release notes, then take it out of settings or secrets."});
    }
}

}  // namespace

void plan_admission(const Wanted& wanted, const World& world, Steps& steps) {
    check_policy(wanted, world, steps);
    check_environment(wanted, steps);
    check_memory(wanted, world, steps);
}

void only_keep_running(Steps& steps) {
    std::erase_if(steps.steps, [](const Step& step) {
        return !std::holds_alternative<StartContainer>(step.action) &&
               !std::holds_alternative<UnpauseContainer>(step.action) &&
               !std::holds_alternative<ConnectNetwork>(step.action) &&
               !std::holds_alternative<DisconnectNetwork>(step.action) &&
               !std::holds_alternative<ConfigureEdge>(step.action) && !is_wait(step.action);
    });
}

void keep_reserve(const Wanted& wanted, const World& world, Steps& steps) {
    if (!world.host.disk_free) return;
    Bytes kept = wanted.instance.storage.reserve;
    bool is_short = false;
    std::erase_if(steps.steps, [&](const Step& step) {
        const auto more = writes(world, step.action);
        Bytes needed = is_upkeep_job(step.action) ? least : Bytes{};
        if (more) needed = Bytes{kept.count + more->count};
        kept.count += more.value_or(Bytes{}).count;
        const bool has_room = *world.host.disk_free >= needed;
        is_short = is_short || !has_room;
        return !has_room;
    });
    if (!is_short) return;
    const auto in_mib = [](Bytes bytes) { return std::to_string(bytes.count / mib(1).count); };
    steps.block(
        {.code = "host-disk",
         .message = "the disk has " + in_mib(*world.host.disk_free) +
                    " MiB free; what is to be done may need " +
                    in_mib(Bytes{kept.count - wanted.instance.storage.reserve.count}) +
                    " MiB, and storage.reserve keeps " + to_text(wanted.instance.storage.reserve),
         .hint = "Free some space (docker system df, old dumps), or lower storage.reserve."});
}

}  // namespace matriarch::reconcilers
