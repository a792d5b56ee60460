// The jobs of a restore, and what runs in them: POSIX shell, as in backup_scripts.cpp. Reading asks
// the repository for no lock and leaves nothing in it. Each may be run again from its beginning.
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/backup_scripts.hpp"
#include "reconcilers/repository.hpp"
#include "reconcilers/restore.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

/// The set is fetched whole and held against its manifest, and says what it is. Damage elsewhere in
/// the repository is no reason to give up what can be read.
constexpr const char* fetch_text = R"sh(
set=/backups/$PLACE
rm -rf "$set"
mkdir "$set"
trap '[ -e "$set/whole" ] || rm -rf "$set"' EXIT
for file in manifest instance.yaml database.dump; do
  r --no-lock dump "$SNAPSHOT" "/backups/set/$file" > "$set/$file"
done
fact() { sed -n "s/^$1 //p" "$set/manifest"; }
sum=$(sha256sum "$set/database.dump")
if [ "${sum%% *}" != "$(fact sha256)" ]; then
  say "the dump does not read back as it was made"
  exit 1
fi
chmod 777 "$set"
chmod 644 "$set"/*
sync "$set"/*
: > "$set/whole"
echo "set slot $(fact slot)"
echo "set size $(fact size)"
echo "set postgres $(fact postgres)"
sed -n 's/^domain: /set domain /p' "$set/instance.yaml"
sed -n "s/^image $NAME-web-[^ ]* \([^ ]*\) .*/set image \1/p" "$set/manifest"
list
)sh";

/// Keeps the secrets in its own folder for a while, for whoever asks it, and takes them with it.
constexpr const char* secrets_text = R"sh(
trap 'exit 0' TERM INT
r --no-lock dump "$SNAPSHOT" /secrets/secrets.env > /tmp/part
grep -q '^SECRET_KEY_BASE="..*"$' /tmp/part
mv /tmp/part /tmp/secrets.env
left=300
while [ "$left" -gt 0 ]; do
  sleep 1
  left=$((left - 1))
done
)sh";

/// Files are added, and compared with the repository once they are there; none is taken away.
/// restic before 0.17 ends with 0 where some could not be written.
constexpr const char* media_text = R"sh(
if ! r --no-lock restore "$SNAPSHOT" --target / --verify > /tmp/told 2> /tmp/why ||
  grep -qE 'ignoring error|There were' /tmp/why; then
  tail -n 5 /tmp/why >&2
  exit 1
fi
list
)sh";

/// Restored beside, counted, and put into its place by one transaction that marks whose it is: that
/// mark says whether it was done, whatever became of an earlier run. Over what holds anything only
/// where the file before it is kept ("beside").
constexpr const char* database_text = R"sh(set -eu
say() { printf '%s\n' "$*" >&2; }
on_server() { psql -XAtq -v ON_ERROR_STOP=1 -d postgres "$@"; }
mark=$(on_server -c "SELECT shobj_description(oid, 'pg_database') FROM pg_database
  WHERE datname = '$PGDATABASE'")
if [ "$mark" != "$MARK" ]; then
  tables=$(psql -XAtq -v ON_ERROR_STOP=1 -c "SELECT count(*) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")
  if [ "$MODE" = bare ] && [ "$tables" != 0 ]; then
    say "the database holds something already; nothing is put in its place"
    exit 1
  fi
  test -e "$FOLDER/restore/whole"
  on_server -c 'DROP DATABASE IF EXISTS restoring'
  on_server -c 'CREATE DATABASE restoring TEMPLATE template0'
  pg_restore --exit-on-error --no-owner -d restoring "$FOLDER/restore/database.dump"
  psql -XAtq -F ' ' -v ON_ERROR_STOP=1 -d restoring > /tmp/rows <<'SQL'
)sh";

constexpr const char* swap_text = R"sh(
SQL
  sed -n 's/^rows //p' "$FOLDER/restore/manifest" > /tmp/wanted
  diff /tmp/wanted /tmp/rows
  psql -XAtq -v ON_ERROR_STOP=1 -d restoring -c ANALYZE
  on_server <<SQL
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
  WHERE datname IN ('$PGDATABASE', 'restoring') AND pid <> pg_backend_pid();
BEGIN;
COMMENT ON DATABASE restoring IS '$MARK';
ALTER DATABASE "$PGDATABASE" RENAME TO "$KEPT";
ALTER DATABASE restoring RENAME TO "$PGDATABASE";
COMMIT;
SQL
fi
if [ "$MODE" = bare ]; then on_server -c "DROP DATABASE IF EXISTS \"$KEPT\""; fi
psql -XAtq -c "SELECT 'restored ' || pg_database_size(current_database()) || ' bytes'"
)sh";

std::string subject_of(const Restore& restore) {
    return slot_text(restore.slot) + " " + slot_text(restore.asked);
}

/// A name that sorts by time, and that no other restore gives.
std::string kept_name(const Restore& restore) {
    std::string name = "before_";
    for (const char c : slot_text(restore.asked)) {
        if (c >= '0' && c <= '9') name += c;
    }
    return name;
}

ContainerSpec reading_job(const Wanted& wanted, const World& world, const std::string& role,
                          const Snapshot* snapshot) {
    ContainerSpec job =
        restic_job(wanted, world, role, role, subject_of(to_restore(world).value()));
    job.environment["SET"] = tags_of(snapshot);
    return job;
}

const Snapshot* set_to_restore(const World& world) {
    return set_of(world.repository, to_restore(world).value().slot);
}

}  // namespace

std::string restore_fetch_script() {
    return open_repository() + find_snapshot() + fetch_text;
}

std::vector<std::string> secrets_command() {
    return {"sh", "-c",
            "left=100; until [ -e /tmp/secrets.env ]; do left=$((left - 1)); "
            "[ \"$left\" -gt 0 ] || exit 1; sleep 0.1; done; cat /tmp/secrets.env"};
}

ContainerSpec restore_fetch_job(const Wanted& wanted, const World& world) {
    ContainerSpec job = reading_job(wanted, world, restore_fetch_role, set_to_restore(world));
    job.command = {restore_fetch_script()};
    job.environment["PLACE"] = shown("restore");
    job.mounts = {{.volume = Names(wanted.instance).backups_volume, .target = "/backups"}};
    return finished(job);
}

ContainerSpec restore_secrets_job(const Wanted& wanted, const World& world) {
    ContainerSpec job = reading_job(wanted, world, restore_secrets_role, set_to_restore(world));
    job.command = {open_repository() + find_snapshot() + secrets_text};
    return finished(job);
}

ContainerSpec restore_media_job(const Wanted& wanted, const World& world) {
    const Snapshot* set = set_to_restore(world);
    const Snapshot* media = set == nullptr ? nullptr : media_for(world.repository, set->taken);
    ContainerSpec job = reading_job(wanted, world, restore_media_role, media);
    job.command = {open_repository() + find_snapshot() + media_text};
    // Files of media belong to Mastodon's user.
    job.capabilities = {"CHOWN", "DAC_OVERRIDE", "FOWNER"};
    job.mounts = {{.volume = Names(wanted.instance).media_volume, .target = "/media"}};
    return finished(job);
}

ContainerSpec restore_database_job(const Wanted& wanted, const World& world) {
    const Names names(wanted.instance);
    const Restore restore = to_restore(world).value();
    ContainerSpec job =
        job_container(wanted, names.of(restore_database_role), restore_database_role,
                      specs::resolved_images(wanted.instance).postgres, subject_of(restore));
    const std::string folder = postgres_folder(wanted.instance.postgres.version);
    job.entrypoint = {"sh", "-c"};
    job.command = {database_text + count_script() + swap_text};
    job.user = "postgres";
    job.environment["FOLDER"] = shown(folder);
    job.environment.add(database_access(wanted));
    job.environment["MODE"] = shown(restore.is_bare ? "bare" : "beside");
    job.environment["MARK"] = shown("restored " + subject_of(restore));
    job.environment["KEPT"] = shown(kept_name(restore));
    job.networks[names.internal_network] = {};
    // In the place that the image declares a volume at: else the Engine makes one, and it stays.
    const std::string& volume = restore.from_archive ? names.archive_volume : names.backups_volume;
    job.mounts = {{.volume = volume, .target = folder, .read_only = true}};
    return finished(job);
}

}  // namespace matriarch::reconcilers
