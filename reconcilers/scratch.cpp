// Scratch: a database of before to look into. Fetched like a restore, put into a PostgreSQL of its
// own that has no network and no volume, counted, and left there until a person takes it away.
#include "reconcilers/scratch.hpp"

#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/backup_scripts.hpp"
#include "reconcilers/pursue.hpp"
#include "reconcilers/repository.hpp"
#include "reconcilers/restore.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::seconds;

/// What was fetched goes once it is restored; `whole` is what its health check looks for.
constexpr const char* begin_text = R"sh(set -eu
ionice -c 2 -n 7 -p $$ 2> /dev/null || :
export PGDATA=/var/tmp/scratch PGHOST=/var/tmp
cd /var/tmp
rm -rf "$PGDATA" whole
initdb -U "$PGUSER" -A trust --encoding=UTF8 --lc-collate=C --lc-ctype=C.UTF-8 --data-checksums \
  --no-sync > /dev/null
pg_ctl -s -w -o "-c listen_addresses= -c unix_socket_directories=/var/tmp -c fsync=off" \
  -l /var/tmp/server.log start
createdb "$PGDATABASE"
pg_restore --exit-on-error --no-owner -d "$PGDATABASE" "$FOLDER/$PLACE/database.dump"
psql -XAtq -F ' ' -v ON_ERROR_STOP=1 > /var/tmp/rows <<'SQL'
)sh";

constexpr const char* stay_text = R"sh(
SQL
sed -n 's/^rows //p' "$FOLDER/$PLACE/manifest" > /var/tmp/wanted
diff /var/tmp/wanted /var/tmp/rows
psql -XAtq -c ANALYZE
rm -f "$FOLDER/$PLACE"/*
pg_ctl -s -m fast stop
: > /var/tmp/whole
)sh";

constexpr const char* serve_text =
    "exec postgres -c listen_addresses= -c unix_socket_directories=/var/tmp\n";

ContainerSpec fetch_job(const Wanted& wanted, const World& world, const std::string& name,
                        const Snapshot& set) {
    return fetched_set(wanted, world, scratch_fetch_role, name + " " + slot_text(set.slot), set,
                       "scratch");
}

}  // namespace

ContainerSpec restored_server(const Wanted& wanted, const std::string& name,
                              const std::string& role, const std::string& subject,
                              const std::string& place) {
    const Names names(wanted.instance);
    ContainerSpec job = job_container(wanted, names.of(name), role,
                                      specs::resolved_images(wanted.instance).postgres, subject);
    job.limits = wanted.instance.postgres.limits;
    give_way(job);
    const std::string folder = postgres_folder(wanted.instance.postgres.version);
    job.entrypoint = {"sh", "-c"};
    job.command = {begin_text + count_script() + stay_text};
    job.environment["PLACE"] = shown(place);
    job.user = "postgres";
    job.init = true;
    job.stop_signal = "SIGINT";
    job.shared_memory = wanted.instance.postgres.shared_memory;
    job.environment["FOLDER"] = shown(folder);
    job.environment["PGUSER"] = shown(database_user);
    job.environment["PGDATABASE"] = shown(database_name);
    job.health = HealthCheck{
        .test = {"CMD-SHELL", "test -e /var/tmp/whole && psql -XAtq -h /var/tmp -c 'SELECT 1'"},
        .interval = seconds(2),
        .timeout = seconds(10),
        .start_period = seconds(120),
        .retries = 3};
    job.mounts = {{.volume = names.backups_volume, .target = folder}};
    return job;
}

ContainerSpec fetched_set(const Wanted& wanted, const World& world, const std::string& role,
                          const std::string& subject, const Snapshot& set,
                          const std::string& place) {
    ContainerSpec job = restic_job(wanted, world, role, role, subject);
    job.command = {restore_fetch_script()};
    job.environment["PLACE"] = shown(place);
    job.environment["SET"] = tags_of(&set);
    job.mounts = {{.volume = Names(wanted.instance).backups_volume, .target = "/backups"}};
    return finished(job);
}

bool is_used_up(const ObservedContainer* fetch, const ObservedContainer* server) {
    return fetch != nullptr && server != nullptr && fetch->has_exited() && server->has_exited() &&
           fetch->finished_at < server->started_at;
}

ContainerSpec scratch_server(const Wanted& wanted, const std::string& name, Time slot) {
    ContainerSpec job =
        restored_server(wanted, "scratch-" + name, scratch_role, slot_text(slot), "scratch");
    job.command->back() += serve_text;
    return finished(job);
}

bool has_scratch_work(const World& world) {
    if (!world.scratches.empty()) return true;
    for (const auto& [name, one] : world.containers) {
        if (one.spec.role == scratch_role || one.spec.role == scratch_fetch_role) return true;
    }
    return false;
}

void plan_scratches(const Wanted& wanted, const World& world, Steps& steps) {
    const Names names(wanted.instance);
    for (const auto& [key, one] : world.containers) {
        const std::string prefix = names.of("scratch-");
        const bool is_asked_for = one.name.starts_with(prefix) &&
                                  world.scratches.contains(one.name.substr(prefix.size()));
        if (one.spec.role == scratch_role && !is_asked_for) {
            return discard(one, world, steps, "it has been looked at");
        }
    }
    for (const auto& [name, slot] : world.scratches) {
        const ContainerSpec server = scratch_server(wanted, name, slot);
        const ObservedContainer* made = world.container(server.name);
        const JobState state = job_state(server, world);
        if (state == JobState::unfinished && made->is_ready()) continue;
        const Snapshot* set = set_of(world.repository, slot);
        if (set == nullptr) {
            return steps.block(
                {.code = "no-backup",
                 .message = "the backup of " + slot_text(slot) + " is gone",
                 .hint = "matriarch restore " + wanted.instance.name + " --remove " + name,
                 .kind = ErrorKind::failed});
        }
        const ObservedContainer* fetched = world.container(names.of(scratch_fetch_role));
        if (is_used_up(fetched, made)) {
            return discard(*fetched, world, steps, "what it fetched was restored once");
        }
        const std::string reason = "to look into, as " + name;
        const bool is_begun = state == JobState::unfinished && made->state != RunState::created;
        if (!is_begun && !pursue(fetch_job(wanted, world, name, *set), world, steps, reason))
            return;
        if (pursue(server, world, steps, reason)) {
            discard(*made, world, steps, "it was stopped, and is still asked for");
        }
        return;
    }
    const ObservedContainer* fetch = world.container(names.of(scratch_fetch_role));
    if (fetch != nullptr) discard(*fetch, world, steps, "what it fetched was restored");
}

}  // namespace matriarch::reconcilers
