// The dump before a migration: no schema is changed without a copy that was read back whole.
//
// One job dumps into the backups volume, reads the whole archive again, and only then gives it its
// name; its exit code 0 is the proof. A dump cut short never gets a name. Old ones stay: three.
#include "reconcilers/backup.hpp"

#include "reconcilers/labels.hpp"
#include "reconcilers/schema.hpp"
#include "reconcilers/upgrade.hpp"
#include "specs/specs.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {

using std::chrono::hours;

namespace {

/// A dump that is older than this does not count as taken for the migration at hand.
constexpr hours required_age_max{1};

/// The first phase of the upgrade to the wanted image.
const ObservedContainer* finished_premigration(const Wanted& wanted, const World& world) {
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    if (image == nullptr) return nullptr;
    const ContainerSpec job = premigrate_job(wanted, image->id);
    return job_state(job, world) == JobState::succeeded ? world.container(job.name) : nullptr;
}

/// pg_dump writes to a file, never into a pipe: a pipe hides that its producer failed. No `&&`
/// either: `set -e` does not see a failure inside such a list.
constexpr const char* dump_script =
    "set -e; cd /backups; part=.part-$$; trap 'rm -f \"$part\"' EXIT; "
    "pg_dump -Fc -f \"$part\"; pg_restore -f /dev/null \"$part\"; sync \"$part\"; "
    "mv \"$part\" \"before-$(date -u +%Y%m%dT%H%M%SZ).dump\"; sync .; "
    "ls -1t before-*.dump | tail -n +4 | xargs -r rm -f --";

/// Where `recent` is enough: a scheduled one of this database, from before the first phase, that is
/// marked and young.
bool has_recent_snapshot(const Wanted& wanted, const World& world) {
    const auto fresh = wanted.instance.backups.database.freshness;
    if (wanted.instance.upgrade.backup != specs::BackupDemand::recent) return false;
    const ObservedContainer* first = finished_premigration(wanted, world);
    const Time before = first == nullptr ? world.now : first->started_at;
    const Snapshot* newest = newest_complete(world.repository, database_kind, before);
    return newest != nullptr && newest->system == world.schema.system_identifier &&
           before - newest->taken <= fresh;
}

}  // namespace

ContainerSpec backup_job(const Wanted& wanted, const World& world) {
    const Names names(wanted.instance);
    ContainerSpec job = job_container(wanted, names.of("backup"), "backup",
                                      specs::resolved_images(wanted.instance).postgres,
                                      short_digest(fingerprint(world.schema.applied)));
    job.entrypoint = {"sh", "-c"};
    job.command = {dump_script};
    // Files of the backups volume belong to root; only this job writes there.
    job.user = "root";
    job.environment.add(database_access(wanted));
    job.networks[names.internal_network] = {};
    job.mounts = {{.volume = names.backups_volume, .target = "/backups"}};
    return finished(job);
}

bool has_backup(const Wanted& wanted, const World& world) {
    using std::chrono::milliseconds;
    const auto demand = wanted.instance.upgrade.backup;
    if (demand == specs::BackupDemand::none) return true;
    if (has_recent_snapshot(wanted, world)) return true;
    const ContainerSpec job = backup_job(wanted, world);
    const ObservedContainer* dump = world.container(job.name);
    if (dump == nullptr || !dump->has_exited() || dump->exit_code != 0) return false;
    const auto fresh = wanted.instance.backups.database.freshness;
    const milliseconds age_max = demand == specs::BackupDemand::recent && fresh.count() > 0
                                     ? milliseconds(fresh)
                                     : milliseconds(required_age_max);
    if (job_state(job, world) == JobState::succeeded) {
        return world.now - dump->finished_at <= age_max;
    }
    // In the second phase the schema is not the one that was dumped any more: what counts is the
    // dump from before the first.
    const ObservedContainer* first = finished_premigration(wanted, world);
    return first != nullptr && dump->finished_at <= first->started_at &&
           first->started_at - dump->finished_at <= age_max;
}

void plan_backup(const Wanted& wanted, const World& world, Steps& steps) {
    const ContainerSpec job = backup_job(wanted, world);
    const JobState state = job_state(job, world);
    const ObservedContainer* observed = world.container(job.name);
    if (state == JobState::failed) {
        steps.block(
            {.code = "backup-failed",
             .message =
                 "no migration without a backup, and the backup failed: " + observed->log_tail,
             .hint = "See docker logs " + job.name + "; remove that container to try again.",
             .kind = ErrorKind::failed});
        return;
    }
    if (state == JobState::succeeded) {
        steps.add(RemoveContainer{observed->id, observed->name},
                  "the backup is too old for this migration");
        return;
    }
    run_job(job, world, steps, "backup before the migration");
}

}  // namespace matriarch::reconcilers
