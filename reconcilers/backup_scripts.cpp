// Never a pipe into a backup: a pipe hides that its producer failed, and restic then stores half a
// dump with exit code 0. So: a file, read back, stored, read back again, and only then marked.
#include "reconcilers/backup_scripts.hpp"

#include "reconcilers/repository.hpp"

namespace matriarch::reconcilers {
namespace {

/// One transaction sees the same rows as the dump: it exports its snapshot to pg_dump, and then
/// counts, while what was dumped is read back. It is asked through a fifo, so that it stays.
/// -Z0: restic compresses, and finds what it has already only in what is not compressed yet.
constexpr const char* dump_text = R"sh(set -eu
ionice -c 2 -n 7 -p $$ 2> /dev/null || :
umask 077
cd "$FOLDER"
rm -rf set.part restore
mkdir set.part
trap 'rm -rf set.part' EXIT
date -u +'taken %Y-%m-%dT%H:%M:%SZ' > set.part/taken
mkfifo set.part/ask
{ psql -XAtq -F ' ' -v ON_ERROR_STOP=1 < set.part/ask || : > set.part/failed; } &
exec 3> set.part/ask
cat >&3 <<'SQL'
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
\o set.part/exported
SELECT pg_export_snapshot();
\o set.part/facts
SELECT 'system ' || system_identifier FROM pg_control_system();
SELECT 'postgres ' || current_setting('server_version');
SELECT 'schema ' || version FROM public.schema_migrations ORDER BY version COLLATE "C";
\o
SQL
until [ -s set.part/facts ]; do
  [ ! -e set.part/failed ]
  sleep 0.1
done
echo dumps
pg_dump -Fc -Z0 --snapshot="$(cat set.part/exported)" -f set.part/database.dump
echo dumped
cat >&3 <<'SQL'
\o set.part/rows
)sh";

constexpr const char* manifest_text = R"sh(
\o
\! : > set.part/counted
COMMIT;
SQL
exec 3>&-
pg_restore -f /dev/null set.part/database.dump
sum=$(sha256sum set.part/database.dump)
wait
test -e set.part/counted
[ ! -e set.part/failed ]
printf '%s' "$INSTANCE" > set.part/instance.yaml
{
  printf 'matriarch backup 1\n%s' "$HEAD"
  cat set.part/taken set.part/facts
  printf 'size %s\nsha256 %s\n' "$(wc -c < set.part/database.dump)" "${sum%% *}"
  sed 's/^/rows /' set.part/rows
} > set.part/manifest
rm set.part/taken set.part/ask set.part/exported set.part/counted set.part/facts set.part/rows
sync set.part/*
rm -rf set
mv set.part set
sync .
trap - EXIT
grep -c '^rows ' set/manifest
)sh";

/// There is never a second job of ours: a lock that carries our name is of one that was killed. For
/// somebody else who looks at the repository there is some patience (restic before 0.16 has none).
/// Each call of restic takes half a second to open the repository: no more of them than needed.
constexpr const char* locks_text = R"sh(
locks=$(if [ -d /repository/locks ]; then ls /repository/locks; else r --no-lock list locks; fi)
foreign=
for lock in $locks; do
  r --no-lock cat lock "$lock" | tr -d ' \n' | grep -q "\"hostname\":\"$LOCK_HOST\"" ||
    foreign=$lock
done
if [ -n "$locks" ] && [ -z "$foreign" ]; then r unlock --quiet --remove-all; fi
patient() {
  tries=0
  until r "$@" 2> /tmp/why; do
    tries=$((tries + 1))
    if ! grep -q 'already locked' /tmp/why || [ "$tries" -ge 40 ]; then
      cat /tmp/why >&2
      if grep 'no space left' /tmp/why | grep -q 'sftp:\|/repository'; then
        say "the repository is full: make room on its disk, or keep fewer backups (backups: keep)"
      fi
      return 1
    fi
    sleep 3
  done
}
one_a_line() { sed 's/},{"time"/}\n{"time"/g'; }
look() { r --no-lock snapshots --json --host "$NAME" --tag "$KIND" > /tmp/known; }
has() { one_a_line < /tmp/known | grep "\"slot=$SLOT\"" | grep -q '"complete"'; }
has_unmarked() { one_a_line < /tmp/known | grep '"id"' | grep -qv '"complete"'; }
store() {
  echo stores
  patient backup --quiet --json --host "$NAME" --tag "$KIND" --tag "slot=$SLOT" "$@" > /tmp/stored
  snapshot=$(sed -n 's/.*"snapshot_id":"\([0-9a-f]*\)".*/\1/p' /tmp/stored)
  test -n "$snapshot"
  echo "stored $snapshot"
}
)sh";

constexpr const char* snapshot_text = R"sh(
KIND=database
look
if has; then list; exit 0; fi
if ! grep -qx "slot $SLOT" /backups/set/manifest; then
  say "the dump is not the one of $SLOT"
  exit 3
fi
fact() { sed -n "s/^$1 //p" /backups/set/manifest; }
whole() { [ "$(sha256sum | cut -d ' ' -f 1)" = "$(fact sha256)" ]; }
if ! whole < /backups/set/database.dump; then
  say "the dump was damaged since it was made"
  exit 3
fi
if [ "$(fact system)" != "$SYSTEM" ]; then
  say "the dump is of another database"
  exit 3
fi
mkdir -p /secrets
trap 'rm -f /secrets/secrets.env /tmp/secrets' EXIT
printf '%s' "$SECRETS" > /secrets/secrets.env
store --tag "taken=$(fact taken)" --tag "system=$SYSTEM" /backups/set /secrets
if ! r dump "$snapshot" /backups/set/database.dump | whole; then
  say "what was stored reads back otherwise"
  exit 1
fi
r dump "$snapshot" /backups/set/manifest > /tmp/manifest
cmp /tmp/manifest /backups/set/manifest
r dump "$snapshot" /secrets/secrets.env > /tmp/secrets
cmp /tmp/secrets /secrets/secrets.env
patient tag --quiet --add complete "$snapshot"
)sh";

/// Of media, a sample of what was there before is read back: at most 20 files and 256 MiB, since it
/// lies in the container meanwhile. What people remove or replace while it is stored is let be.
constexpr const char* media_text = R"sh(
KIND=media
look
if has; then list; exit 0; fi
find /media -path /media/cache -prune -o -type f ! -path '*
*' -print |
  awk 'BEGIN { srand() } { print rand() "\t" $0 }' | sort | head -n 20 | cut -f 2- > /tmp/some
store --tag "taken=$(date -u +%Y-%m-%dT%H:%M:%SZ)" --exclude /media/cache /media
trap 'rm -rf /tmp/back' EXIT
: > /tmp/sample
set --
room=268435456
while IFS= read -r file; do
  size=$(stat -c %s "$file") || continue
  if [ $# -gt 0 ] && [ "$size" -gt "$room" ]; then continue; fi
  room=$((room - size))
  set -- "$@" --include "$(printf '%s\n' "$file" | sed 's/[][\\*?]/\\&/g')"
  printf '%s\n' "$file" >> /tmp/sample
done < /tmp/some
if [ $# -gt 0 ]; then
  patient restore "$snapshot" --quiet --target /tmp/back "$@"
  while IFS= read -r file; do
    if [ -e "$file" ] && ! [ "$file" -nt /tmp/some ]; then cmp "/tmp/back$file" "$file"; fi
  done < /tmp/sample
fi
patient tag --quiet --add complete "$snapshot"
)sh";

/// A drill's first part. The database's own user must be able to read what was fetched.
constexpr const char* fetch_text = R"sh(
rm -rf /backups/drill
mkdir /backups/drill
trap '[ -e /backups/drill/whole ] || rm -rf /backups/drill' EXIT
date +%s > /backups/drill/began
patient check --quiet $CHECK
r dump "$SNAPSHOT" /backups/set/manifest > /backups/drill/manifest
r dump "$SNAPSHOT" /backups/set/database.dump > /backups/drill/database.dump
r dump "$SNAPSHOT" /secrets/secrets.env > /tmp/secrets
grep -q '^SECRET_KEY_BASE="..*"$' /tmp/secrets
rm /tmp/secrets
sum=$(sha256sum /backups/drill/database.dump)
if ! grep -qx "sha256 ${sum%% *}" /backups/drill/manifest; then
  say "the dump does not read back as it was made"
  exit 1
fi
printf '%s\n' "$SNAPSHOT" > /backups/drill/snapshot
chmod 755 /backups/drill
chmod 644 /backups/drill/manifest /backups/drill/database.dump
sync /backups/drill/*
: > /backups/drill/whole
)sh";

/// Its second: a server of its own, which nothing reaches and which reaches nothing.
constexpr const char* drill_text = R"sh(set -eu
ionice -c 2 -n 7 -p $$ 2> /dev/null || :
export PGDATA=/var/tmp/scratch PGHOST=/var/tmp
cd /var/tmp
trap 'pg_ctl -s -m immediate stop || true; rm -rf "$PGDATA" /var/tmp/rows' EXIT
rm -rf "$PGDATA"
initdb -U "$PGUSER" -A trust --encoding=UTF8 --lc-collate=C --lc-ctype=C.UTF-8 --data-checksums \
  --no-sync > /dev/null
pg_ctl -s -w -o "-c listen_addresses= -c unix_socket_directories=/var/tmp -c fsync=off" \
  -l /var/tmp/server.log start
createdb "$PGDATABASE"
pg_restore --exit-on-error --no-owner -d "$PGDATABASE" "$FOLDER/drill/database.dump"
psql -XAtq -F ' ' -v ON_ERROR_STOP=1 > /var/tmp/rows <<'SQL'
)sh";

constexpr const char* compare_text = R"sh(
SQL
sed -n 's/^rows //p' "$FOLDER/drill/manifest" > /var/tmp/wanted
diff /var/tmp/wanted /var/tmp/rows
if command -v pg_amcheck > /dev/null; then pg_amcheck --install-missing -d "$PGDATABASE"; fi
psql -XAtq -c "SELECT 'restored ' || pg_database_size(current_database()) || ' bytes'"
)sh";

/// Its third: the mark, which is there already where it was cut off. Nothing is pruned but after
/// the whole repository was checked (above).
constexpr const char* mark_text = R"sh(
marked() { r --no-lock snapshots --json --host "$NAME" --tag "verified,drill=$SLOT"; }
if ! marked | grep -q '"id"'; then
  test -e /backups/drill/whole
  snapshot=$(cat /backups/drill/snapshot)
  took=$(($(date +%s) - $(cat /backups/drill/began)))
  patient tag --quiet --add verified --add pinned --add "drill=$SLOT" --add "recovery=$took" \
    "$snapshot"
fi
r --no-lock snapshots --json --host "$NAME" --tag pinned | one_a_line |
  grep -v "\"drill=$SLOT\"" | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p' > /tmp/before
for old in $(cat /tmp/before); do patient tag --quiet --remove pinned "$old"; done
rm -rf /backups/drill
patient prune --quiet
)sh";

/// Counts each table, and adds up a hash of each row: the order of rows does not matter.
constexpr const char* count_sql =
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; "
    "SET extra_float_digits = 1; SET bytea_output = 'hex'; SET search_path = pg_catalog;\n"
    "SELECT format('SELECT %L, count(*), coalesce(sum(hashtextextended(one_row::text, 0)), 0) "
    "FROM %I.%I AS one_row', schemaname || '.' || tablename, schemaname, tablename) "
    "FROM pg_catalog.pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') "
    "ORDER BY schemaname COLLATE \"C\", tablename COLLATE \"C\" \\gexec";

/// First what was never marked: it was cut off. Then by the rules of the file; the newest, the
/// newest that was restored for practice (`pinned`), and what is about to be restored always stay.
/// Only the list gets shorter here.
std::string retain(const std::string& kind, const specs::Keep& keep) {
    std::string rules = " --keep-tag pinned --keep-tag \"slot=$NEEDED\"";
    const auto add = [&](const char* rule, int count) {
        if (count > 0) rules += std::string(" --keep-") + rule + " " + std::to_string(count);
    };
    add("last", keep.last);
    add("daily", keep.daily);
    add("weekly", keep.weekly);
    add("monthly", keep.monthly);
    const std::string forget =
        "patient forget --quiet --host \"$NAME\" --group-by host --tag " + kind;
    return "if has_unmarked; then " + forget + " --keep-tag complete; fi\n" + forget + ",complete" +
           rules + "\n";
}

}  // namespace

std::string count_script() {
    return count_sql;
}

std::string dump_script() {
    return std::string(dump_text) + count_sql + manifest_text;
}

std::string fetch_script() {
    return open_repository() + locks_text + find_snapshot() + fetch_text + "list\n";
}

std::string drill_script() {
    return std::string(drill_text) + count_sql + compare_text;
}

std::string mark_script() {
    return open_repository() + locks_text + mark_text + "list\n";
}

std::string list_script() {
    return open_repository() + "list\n";
}

std::string snapshot_script(const specs::Keep& keep) {
    return open_repository() + locks_text + snapshot_text + retain("database", keep) + "list\n";
}

std::string media_script(const specs::Keep& keep) {
    return open_repository() + locks_text + media_text + retain("media", keep) + "list\n";
}

}  // namespace matriarch::reconcilers
