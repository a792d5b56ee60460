// PostgreSQL: the one thing that cannot be had back.
//
// An init job fills an empty data folder once, at the first deployment. The server itself is
// started without a password for a new database, and the image then refuses to run on an empty
// folder: it can never come up as a new, empty database. It is replaced in place and never runs
// twice.
#include "reconcilers/archive.hpp"
#include "reconcilers/converge.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::seconds;

/// Prints the cluster's identity, which parameters somebody set by ALTER SYSTEM, and a digest of
/// the applied migrations: each inspection then tells whether any changed, without an exec of our
/// own.
std::string health_line(bool tells_of_parameters) {
    const std::string sql = std::string("psql -XAtq -U ") + database_user + " -d " + database_name;
    const std::string parameters =
        tells_of_parameters ? " UNION ALL SELECT 'setting ' || name FROM pg_settings WHERE "
                              "sourcefile LIKE '%postgresql.auto.conf'"
                            : "";
    return "pg_isready -q -U " + std::string(database_user) + " -d " + database_name + " && " +
           sql +
           " -c \"SELECT 'system ' || system_identifier FROM pg_control_system() UNION ALL SELECT "
           "'size ' || pg_database_size(current_database())" +
           parameters + "\" && t=$(" + sql +
           " -c \"SELECT to_regclass('public.schema_migrations') IS NOT NULL\") && if [ \"$t\" = t "
           "]; "
           "then " +
           sql +
           " -c \"SELECT 'schema ' || encode(sha256(convert_to(coalesce(string_agg(version, ',' "
           "ORDER BY version COLLATE \\\"C\\\"), ''), 'UTF8')), 'hex') FROM "
           "public.schema_migrations\"; else echo schema none; fi";
}

/// Makes the database beside its place and moves it there whole, PG_VERSION last. Killed anywhere,
/// it can be run again, and removes nothing but what it had half made itself.
const char* const make_database =
    "set -eu; making=\"$PGDATA/.making\"; if [ -s \"$PGDATA/PG_VERSION\" ]; then exit 0; fi; "
    "if [ ! -e \"$making/.whole\" ]; then rm -rf \"$making\"; mkdir -p \"$making\"; "
    "PGDATA=\"$making\" docker-ensure-initdb.sh; sync; touch \"$making/.whole\"; fi; "
    "chmod 700 \"$PGDATA\"; find \"$making\" -mindepth 1 -maxdepth 1 ! -name PG_VERSION "
    "! -name .whole -exec mv {} \"$PGDATA/\" \\;; sync; "
    "mv \"$making/PG_VERSION\" \"$PGDATA/\"; rm -r \"$making\"";

ContainerSpec init_job(const Wanted& wanted) {
    const Names names(wanted.instance);
    const auto& postgres = wanted.instance.postgres;
    ContainerSpec job =
        job_container(wanted, names.of("postgres-init"), "postgres-init",
                      specs::resolved_images(wanted.instance).postgres, names.postgres_volume);
    job.command = {"sh", "-c", make_database};
    job.user = "postgres";
    job.limits = postgres.limits;
    job.shared_memory = postgres.shared_memory;
    job.mounts = {{.volume = names.postgres_volume, .target = postgres_folder(postgres.version)}};
    job.environment = database_environment(wanted);
    return finished(job);
}

}  // namespace

/// Moved in version 18 (docker-library/postgres, pull 1259).
std::string postgres_folder(int version) {
    return version >= 18 ? "/var/lib/postgresql" : "/var/lib/postgresql/data";
}

Environment database_environment(const Wanted& wanted) {
    Environment environment{
        {"POSTGRES_USER", shown(database_user)},
        {"POSTGRES_DB", shown(database_name)},
        // Collation C: a new libc then never invalidates a text index. Who makes it syncs it all.
        {"POSTGRES_INITDB_ARGS",
         shown("--no-sync --encoding=UTF8 --lc-collate=C --lc-ctype=C.UTF-8 --data-checksums")}};
    if (const auto password = wanted.secrets.find("DB_PASS"); password != wanted.secrets.end()) {
        environment["POSTGRES_PASSWORD"] = hidden(password->second);
    }
    return environment;
}

Environment database_access(const Wanted& wanted) {
    Environment environment{{"PGHOST", shown("postgres")},
                            {"PGUSER", shown(database_user)},
                            {"PGDATABASE", shown(database_name)}};
    if (const auto password = wanted.secrets.find("DB_PASS"); password != wanted.secrets.end()) {
        environment["PGPASSWORD"] = hidden(password->second);
    }
    return environment;
}

ContainerSpec wanted_postgres(const Wanted& wanted) {
    const Names names(wanted.instance);
    const auto& postgres = wanted.instance.postgres;
    ContainerSpec spec = base_container(wanted, names.postgres, "postgres",
                                        specs::resolved_images(wanted.instance).postgres);
    const auto memory_mib = postgres.limits.memory.count / mib(1).count;
    spec.command = {
        "postgres", "-c", "max_connections=" + std::to_string(postgres.max_connections), "-c",
        "shared_buffers=" + std::to_string(std::max<std::int64_t>(32, memory_mib / 4)) + "MB"};
    spec.user = "postgres";
    spec.limits = postgres.limits;
    spec.shared_memory = postgres.shared_memory;
    spec.mounts = {{.volume = names.postgres_volume, .target = postgres_folder(postgres.version)}};
    if (wanted.instance.backups.database.continuous) {
        // So long the archive may pause without a gap. More would be more of the database's disk.
        spec.command->insert(spec.command->end(), {"-c", "wal_keep_size=512MB"});
        spec.mounts.push_back(socket_mount(wanted));
    }
    spec.networks[names.internal_network] = {"postgres"};
    const HealthCheck older{.test = {"CMD-SHELL", health_line(false)},
                            .interval = seconds(10),
                            .timeout = seconds(10),
                            .start_period = seconds(120),
                            .retries = 3};
    spec.health = older;
    spec.health->test.back() = health_line(true);
    // Whose database was made before parameters were told of keeps it: this is worth no restart.
    spec.older_health = older;
    // The server takes whatever child of process 1 dies for one of its own, and ends every session:
    // so also for the psql of a health check that was cut off.
    spec.init = true;
    spec.stop_signal = "SIGINT";  // fast shutdown, as the official image asks for
    spec.stop_grace = seconds(60);
    return finished(spec);
}

void plan_postgres(const Wanted& wanted, const World& world, Steps& steps) {
    const ContainerSpec server = wanted_postgres(wanted);
    const bool was_initialised =
        world.identity.has_database() || world.container(server.name) != nullptr;
    if (!was_initialised) {
        const ContainerSpec init = init_job(wanted);
        const JobState state = job_state(init, world);
        const ObservedContainer* made = world.container(init.name);
        if (state == JobState::failed && made->was_killed()) {
            discard(*made, world, steps, "was killed before it was done");
            return;
        }
        if (state == JobState::failed) {
            steps.block(
                {.code = "database-init-failed",
                 .message =
                     "cannot make the database of " + wanted.instance.name + ": " + made->log_tail,
                 .hint = "See docker logs " + init.name + "; remove that container to try again.",
                 .kind = ErrorKind::failed});
            return;
        }
        if (state != JobState::succeeded) {
            run_job(init, world, steps, "the data folder is new");
            return;
        }
    }
    converge(server, world, steps);
}

}  // namespace matriarch::reconcilers
