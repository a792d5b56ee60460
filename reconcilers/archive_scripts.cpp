// pg_receivewal writes and flushes each record as it comes (--synchronous), so that what is lost
// with the database's disk is what was under way. It has no slot: a slot that nobody reads would
// fill the database's disk; the server keeps `wal_keep_size` instead, and a longer pause is a gap.
#include "reconcilers/archive_scripts.hpp"

#include "reconcilers/backup_scripts.hpp"

namespace matriarch::reconcilers {
namespace {

constexpr const char* room_text = R"sh(has_room() {
  set -- $(df -Pk "$FOLDER" | tail -n 1)
  [ "$4" -ge "$RESERVE" ]
})sh";

/// What it says of a server that has no more of the log, or never had what follows ours.
constexpr const char* stream_text = R"sh(
set -u
umask 077
cd "$FOLDER" || exit 1
child=
trap 'kill "$child" 2> /dev/null; wait; exit 0' TERM INT
gap='has already been removed|is ahead of the WAL flush|is not in this server'
while :; do
  system=$(psql -XAtqc 'SELECT system_identifier FROM pg_control_system()' 2> /dev/null) || system=
  if [ -n "$system" ]; then
    here=$(ls -d "$system"-* 2> /dev/null | sort | tail -n 1)
    [ -n "$here" ] || here=$system-$(date +%s)
    mkdir -p "$here/wal"
    printf '%s\n' "$here" > current.part
    mv current.part current
    # Below the reserve it pauses: the database needs that room more, on the same disk.
    until has_room; do sleep 1; done
    pg_receivewal -D "$here/wal" --no-loop --synchronous -s 5 2> /tmp/said &
    child=$!
    echo "$child" > /tmp/receiver
    wait "$child"
    cat /tmp/said >&2
    if grep -qE "$gap" /tmp/said; then mkdir -p "$system-$(date +%s)/wal"; fi
  fi
  sleep 1 &
  child=$!
  wait "$child"
done
)sh";

/// A receiver that hangs answers no more: what it last said it had is its answer's, and 5 s.
constexpr const char* health_text = R"sh(
cd "$FOLDER" || exit 1
if ! has_room; then
  echo "less room than storage.reserve"
  kill "$(cat /tmp/receiver)" 2> /dev/null
fi
here=$(cat current 2> /dev/null) || exit 1
at=$(psql -XAtqc "SELECT floor(extract(epoch FROM least(now() - coalesce(flush_lag, '0'),
  reply_time + interval '5 s'))) FROM pg_stat_replication
  WHERE application_name = 'archive' AND state = 'streaming'" | head -n 1)
if [ -n "$at" ]; then
  printf '%s\n' "$at" > "$here/caught_up.part"
  mv "$here/caught_up.part" "$here/caught_up"
fi
echo "archive $here"
echo "caught_up $(cat "$here/caught_up" 2> /dev/null)"
echo "bases $(ls -d "$here"/base-* 2> /dev/null | wc -l)"
[ -n "$at" ]
)sh";

/// The folder is named by its end: recovery to an earlier moment needs an older one.
constexpr const char* base_text = R"sh(set -eu
ionice -c 2 -n 7 -p $$ 2> /dev/null || :
umask 077
cd "$FOLDER/$ARCHIVE"
rm -rf making ../restore ../recovering
trap 'rm -rf making' EXIT
pg_basebackup -D making -X stream -c fast
pg_verifybackup -q making
sync
mv making "base-$(date +%s)"
trap - EXIT
ls -d base-* | sort -r | tail -n "+$((KEEP + 1))" | while read -r old; do rm -rf "$old"; done
oldest=$(ls -d base-* | sort | head -n 1)
first=$(sed -n 's/^START WAL LOCATION: .*(file \([0-9A-F]*\))$/\1/p' "$oldest/backup_label")
pg_archivecleanup wal "$first"
if [ "$(ls -d base-* | wc -l)" -ge "$KEEP" ]; then
  for other in ../*-*; do
    if [ "$other" != "../$ARCHIVE" ]; then rm -rf "$other"; fi
  done
fi
du -sk . | sed 's/^\([0-9]*\).*/archive has \1 KiB/'
)sh";

/// The newest base that had ended by then, of the major version that this image can read.
constexpr const char* recover_text = R"sh(set -eu
umask 077
export PGDATA=/var/tmp/recovered PGHOST=/var/tmp
cd "$FOLDER"
say() { printf '%s\n' "$*" >&2; }
rm -rf restore recovering "$PGDATA"
trap 'pg_ctl -s -m immediate stop 2> /dev/null || true; rm -rf "$PGDATA" "$FOLDER/recovering"' EXIT
newest=0
base=
for one in *-*/base-*; do
  [ -e "$one/backup_manifest" ] && [ "$(cat "$one/PG_VERSION")" = "$MAJOR" ] || continue
  ended=${one##*/base-}
  if [ "$ended" -le "$UNTIL" ] && [ "$ended" -gt "$newest" ]; then newest=$ended base=$one; fi
done
if [ -z "$base" ]; then
  say "the archive has no base backup of PostgreSQL $MAJOR from before $SLOT"
  exit 1
fi
here=$FOLDER/${base%%/*}
caught_up=$(cat "$here/caught_up" 2> /dev/null || echo 0)
if [ -n "$TARGET" ] && [ "$UNTIL" -gt "$caught_up" ]; then
  say "the archive ends at $(date -u -d "@$caught_up" +%Y-%m-%dT%H:%M:%SZ), before $SLOT"
  exit 1
fi
target=
if [ -n "$TARGET" ]; then target=$(date -u -d "@$UNTIL" '+%Y-%m-%d %H:%M:%S+00'); fi
cp -a "$base" "$PGDATA"
chmod 700 "$PGDATA"
cat >> "$PGDATA/postgresql.auto.conf" <<END
restore_command = 'cp "$here/wal/%f" "%p" 2> /dev/null || cp "$here/wal/%f.partial" "%p"'
recovery_target_time = '$target'
recovery_target_action = 'promote'
hot_standby = off
fsync = off
listen_addresses = ''
unix_socket_directories = '/var/tmp'
END
touch "$PGDATA/recovery.signal"
begin() {
  pg_ctl -s -w -t 86400 -l /var/tmp/server.log start || return 1
  until psql -XAtqc 'SELECT 1' > /dev/null 2>&1; do
    pg_ctl status > /dev/null || return 1
    sleep 0.2
  done
}
if ! begin; then
  # Nothing was committed between the last row and the moment that was asked for.
  if ! grep -q 'before configured recovery target was reached' /var/tmp/server.log; then
    tail -n 5 /var/tmp/server.log >&2
    exit 1
  fi
  echo "recovery_target_time = ''" >> "$PGDATA/postgresql.auto.conf"
  begin
fi
grep -E 'last completed transaction|redo done' /var/tmp/server.log | tail -n 2
if [ "$(psql -XAtqc 'SELECT pg_is_in_recovery()')" != f ]; then
  say "it is still in recovery"
  exit 1
fi
mkdir recovering
( export FOLDER="$FOLDER/recovering"
)sh";

constexpr const char* recovered_text = R"sh(
)
set=$FOLDER/recovering/set
fact() { sed -n "s/^$1 //p" "$set/manifest"; }
echo "set slot $(fact slot)"
echo "set size $(fact size)"
echo "set postgres $(fact postgres)"
sed -n 's/^domain: /set domain /p' "$set/instance.yaml"
: > "$set/whole"
sync "$set"/*
mv "$set" "$FOLDER/restore"
)sh";

}  // namespace

std::string stream_script() {
    return std::string(room_text) + stream_text;
}

std::string stream_health() {
    return std::string(room_text) + health_text;
}

std::string base_script() {
    return base_text;
}

std::string recover_script() {
    return std::string(recover_text) + dump_script() + recovered_text;
}

}  // namespace matriarch::reconcilers
