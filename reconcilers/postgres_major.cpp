// The copy is made while nothing writes, so that it needs no log to catch up with; compared table
// by table, since an exit code alone has never shown that everything is there.
#include "reconcilers/postgres_major.hpp"

#include <algorithm>

#include "reconcilers/backup.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/backup_scripts.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/rollout.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

constexpr std::string_view infix = "-postgres-";

/// Into a folder that no server has ever run on: what is in it is half a copy, or an older one.
/// From a file, not through a pipe: a pipe hides that its producer failed. A start that the Engine
/// carries out late, when this very container has done its work, finds its name and ends: by then a
/// server may run there.
constexpr const char* copy_begins = R"sh(set -eu
umask 077
if [ "$(cat "$PGDATA/.copied" 2> /dev/null)" = "$(hostname)" ]; then exit 0; fi
if [ -e "$PGDATA/postmaster.pid" ]; then echo "a server runs on $PGDATA" >&2; exit 1; fi
making="$PGDATA/.making"
mkdir -p "$PGDATA"
find "$PGDATA" -mindepth 1 -delete
mkdir "$making"
PGDATA="$making" docker-ensure-initdb.sh > /dev/null
old() { "$@" -h postgres -U "$POSTGRES_USER"; }
new() { "$@" -h /var/tmp -U "$POSTGRES_USER"; }
trap 'pg_ctl -s -D "$making" -m immediate stop || true' EXIT
pg_ctl -s -w -D "$making" -l /var/tmp/server.log -o "-c listen_addresses= \
  -c unix_socket_directories=/var/tmp -c fsync=off -c max_wal_size=4GB -c autovacuum=off" start
old pg_dumpall --roles-only -f "$PGDATA/.roles"
new psql -Xq -d postgres -f "$PGDATA/.roles" > /dev/null 2>&1
old pg_dump -Fc -Z0 -d "$POSTGRES_DB" -f "$PGDATA/.dump"
new pg_restore --exit-on-error --no-owner -j 2 -d "$POSTGRES_DB" "$PGDATA/.dump"
rm "$PGDATA/.dump" "$PGDATA/.roles"
cat > /var/tmp/count.sql <<'SQL'
)sh";

constexpr const char* copy_ends = R"sh(
SQL
old psql -XAtq -v ON_ERROR_STOP=1 -d "$POSTGRES_DB" -f /var/tmp/count.sql > /var/tmp/rows.old
new psql -XAtq -v ON_ERROR_STOP=1 -d "$POSTGRES_DB" -f /var/tmp/count.sql > /var/tmp/rows.new
diff /var/tmp/rows.old /var/tmp/rows.new
new vacuumdb -q --analyze-only -d "$POSTGRES_DB"
trap - EXIT
pg_ctl -s -w -D "$making" -m fast stop
sync
chmod 700 "$PGDATA"
find "$making" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv {} "$PGDATA/" \;
sync
mv "$making/PG_VERSION" "$PGDATA/"
rmdir "$making"
hostname > "$PGDATA/.copied"
sync
echo "copied $(grep -c . /var/tmp/rows.new) tables, each the same as before"
)sh";

std::string copy_script() {
    return copy_begins + count_script() + copy_ends;
}

int major_of(const specs::Instance& instance, const std::string& volume) {
    const std::string start = instance.name + std::string(infix);
    if (!volume.starts_with(start)) return 0;
    const std::string digits = volume.substr(start.size());
    const bool is_number =
        !digits.empty() && digits.size() <= 3 &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    return is_number ? std::stoi(digits) : 0;
}

/// 0: there is no database yet.
int major_in_use(const specs::Instance& instance, const Identity& identity) {
    if (!identity.database_volume.empty()) return major_of(instance, identity.database_volume);
    for (const auto& [name, volume] : identity.volumes) {
        if (const int major = major_of(instance, name)) return major;
    }
    return 0;
}

ContainerSpec copy_job(const Wanted& goal) {
    const Names names(goal.instance);
    const auto& postgres = goal.instance.postgres;
    ContainerSpec job =
        job_container(goal, names.of("postgres-copy"), copy_role,
                      specs::resolved_images(goal.instance).postgres, names.postgres_volume);
    job.command = {"sh", "-c", copy_script()};
    job.user = "postgres";
    job.init = true;
    job.limits = postgres.limits;
    job.shared_memory = postgres.shared_memory;
    job.environment = database_environment(goal);
    if (const auto password = goal.secrets.find("DB_PASS"); password != goal.secrets.end()) {
        job.environment["PGPASSWORD"] = hidden(password->second);
    }
    job.networks[names.internal_network] = {};
    job.mounts = {{.volume = names.postgres_volume, .target = postgres_folder(postgres.version)}};
    return finished(job);
}

/// Code that ran while the copy was made, or since, has written what the copy does not have.
bool is_outdated(const ObservedContainer& copy, const World& world) {
    return std::any_of(world.containers.begin(), world.containers.end(), [&](const auto& entry) {
        const ObservedContainer& one = entry.second;
        if (!is_app_role(one.spec.role) || one.state == RunState::created) return false;
        return one.is_alive() || one.finished_at > copy.started_at;
    });
}

/// Whether the volume is there, and is the one that was written down.
bool is_ours(const World& world, const std::string& volume) {
    const auto pinned = world.identity.volumes.find(volume);
    const auto seen = world.volumes.find(volume);
    if (pinned == world.identity.volumes.end() || seen == world.volumes.end()) return false;
    const auto uuid = seen->second.labels.find(label::volume);
    return uuid != seen->second.labels.end() && uuid->second == pinned->second.uuid;
}

/// Everything that can be done while people are served.
bool is_prepared(const Wanted& goal, const Wanted& wanted, const Upgrade& upgrade,
                 const World& world) {
    const ContainerSpec job = copy_job(goal);
    const ObservedContainer* made = world.container(job.name);
    return upgrade.phase == Phase::settled && world.is_window_open && !missing_ground(job, world) &&
           made != nullptr && job_state(job, world) == JobState::unfinished &&
           has_backup(wanted, world) && in_the_way(world, copy_role) == nullptr;
}

/// The new volume is written down before it is made, like any other, and beside the one in use.
/// Returns whether it is there.
bool plan_volume(const Wanted& goal, const Wanted& wanted, const World& world, Steps& steps) {
    const std::string name = Names(goal.instance).postgres_volume;
    const auto known = world.identity.volumes.find(name);
    const bool is_known =
        known != world.identity.volumes.end() && !known->second.created_at.empty();
    if (is_known && is_ours(world, name)) return true;
    const bool is_being_written = std::any_of(
        steps.steps.begin(), steps.steps.end(),
        [](const Step& step) { return std::holds_alternative<PinIdentity>(step.action); });
    if (is_being_written) return false;
    Identity identity = world.identity;
    const auto pinned = identity.volumes.find(name);
    const auto seen = world.volumes.find(name);
    const bool is_there = seen != world.volumes.end();
    if (pinned == identity.volumes.end() && !is_there) {
        identity.database_volume = Names(wanted.instance).postgres_volume;
        identity.volumes[name] = {};
        steps.add(PinIdentity{identity}, "a volume for the copy: written down before it is made");
        return false;
    }
    if (is_there && !is_ours(world, name)) {
        const bool is_written = pinned != identity.volumes.end();
        steps.block({.code = is_written ? "data-volume-missing" : "name-taken",
                     .message = "volume " + name + " exists, and " +
                                (is_written ? "is not the one that was made for the copy"
                                            : "was not made for this"),
                     .hint = "Look what is in it; remove it if nobody needs it."});
    } else if (is_there) {
        pinned->second.created_at = seen->second.created_at;
        steps.add(PinIdentity{identity}, "newly known");
    } else if (!pinned->second.created_at.empty()) {
        pinned->second.created_at.clear();
        steps.add(PinIdentity{identity}, "it held no more than a copy, and is made anew");
    } else {
        steps.add(CreateVolume{.name = name,
                               .labels = {{label::instance, goal.instance.name},
                                          {label::role, "postgres"},
                                          {label::volume, pinned->second.uuid}}},
                  "for the copy");
    }
    return false;
}

void prepare(const Wanted& goal, const Wanted& wanted, const World& world, Steps& steps) {
    const int major = wanted.instance.postgres.version;
    if (goal.instance.postgres.version < major) {
        steps.block({.code = "postgres-major",
                     .message = "the database is one of PostgreSQL " + std::to_string(major) +
                                ", which " + std::to_string(goal.instance.postgres.version) +
                                " cannot read",
                     .hint = "Put postgres.version back to " + std::to_string(major) + "."});
        return;
    }
    const ContainerSpec job = copy_job(goal);
    const std::string to = "PostgreSQL " + std::to_string(goal.instance.postgres.version);
    if (job_state(job, world) == JobState::failed) {
        steps.block({.code = "postgres-copy-failed",
                     .message = "the database was not copied to " + to + ": " +
                                world.container(job.name)->log_tail + "; it serves as before",
                     .hint = "See docker logs " + job.name +
                             ". Remove that container to try again, or put postgres.version back.",
                     .kind = ErrorKind::failed});
        return;
    }
    if (!plan_volume(goal, wanted, world, steps)) return;
    if (!make_job(job, world, steps, "copies the database to " + to)) return;
    if (!world.is_window_open) {
        steps.add(Wait{"the database's move to " + to, until_window(world)},
                  "waits for its window, " + wanted.instance.upgrade.window);
    } else if (const ObservedContainer* other = in_the_way(world, copy_role)) {
        steps.add(Wait{"the database's move to " + to, look_again}, "waits for job " + other->name);
    } else if (!has_backup(wanted, world)) {
        plan_backup(wanted, world, steps);
    }
}

/// Nobody asks the old server any more, and nobody can ask the new one yet.
void change_over(const Wanted& goal, const World& world, Steps& steps) {
    const Names names(goal.instance);
    bool is_served = false;
    for (const auto& [name, container] : world.containers) {
        // Also one that somebody gave another name meanwhile.
        if (container.spec.role != "postgres") continue;
        is_served = true;
        discard(container, world, steps, "its database was copied to " + names.postgres_volume);
    }
    if (is_served) return;
    Identity identity = world.identity;
    identity.database_volume = names.postgres_volume;
    // The next server is asked who it is, once.
    identity.database_system.clear();
    steps.add(PinIdentity{identity},
              "the database is in " + names.postgres_volume + " from here on; " +
                  world.identity.database_volume + " stays as it was",
              Downtime::none, Reversible::needs_restore);
}

}  // namespace

Wanted at_major_in_use(const Wanted& goal, const World& world) {
    const int major = major_in_use(goal.instance, world.identity);
    if (major == 0 || major == goal.instance.postgres.version) return goal;
    Wanted wanted = goal;
    wanted.instance.postgres.version = major;
    // A tag or digest that the file names is of the other major.
    specs::ImageRef& image = wanted.instance.images.postgres;
    if (image.tag.empty() && image.digest.empty()) return wanted;
    const ObservedContainer* server = world.container(Names(goal.instance).postgres);
    if (server != nullptr) {
        image = server->spec.image;
    } else {
        image.tag.clear();
        image.digest.clear();
    }
    return wanted;
}

Crossing crossing_of(const Wanted& goal, const Wanted& wanted, const Upgrade& upgrade,
                     const World& world) {
    if (goal.instance.postgres.version == wanted.instance.postgres.version) return Crossing::none;
    if (goal.instance.postgres.version < wanted.instance.postgres.version) {
        return Crossing::preparing;
    }
    const ContainerSpec job = copy_job(goal);
    const JobState state = job_state(job, world);
    const bool is_begun =
        state == JobState::unfinished && world.container(job.name)->state != RunState::created;
    if (is_begun || state == JobState::succeeded) {
        const bool is_whole =
            state == JobState::succeeded && !is_outdated(*world.container(job.name), world);
        return is_whole ? Crossing::switching : Crossing::fenced;
    }
    return is_prepared(goal, wanted, upgrade, world) ? Crossing::fenced : Crossing::preparing;
}

void plan_crossing(const Wanted& goal, const Wanted& wanted, Crossing crossing, const World& world,
                   Steps& steps) {
    const ContainerSpec job = copy_job(goal);
    const ObservedContainer* made = world.container(job.name);
    switch (crossing) {
        case Crossing::none:
            if (made != nullptr) discard(*made, world, steps, "its answer is known");
            return;
        case Crossing::preparing:
            prepare(goal, wanted, world, steps);
            return;
        case Crossing::fenced:
            fence(wanted, world, steps, "stopped for the database's move");
            if (runs_code(world)) return;
            if (made->has_exited()) {
                discard(*made, world, steps, "something was written since it was made");
                return;
            }
            run_job(job, world, steps, "nothing writes any more");
            return;
        case Crossing::switching:
            change_over(goal, world, steps);
    }
}

}  // namespace matriarch::reconcilers
