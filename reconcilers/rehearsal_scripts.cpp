// The book is in the copy itself, in a schema of its own; it locks nothing that migrations touch.
#include "reconcilers/rehearsal_scripts.hpp"

namespace matriarch::reconcilers {
namespace {

constexpr const char* watch_text = R"sh(
echo 'host all all all trust' >> "$PGDATA/pg_hba.conf"
ask() { psql -XAtq -v ON_ERROR_STOP=1 "$@" > /dev/null 2>&1; }
watch() {
  until ask -c 'SELECT 1'; do sleep 0.2; done
  ask <<'SQL'
CREATE SCHEMA IF NOT EXISTS matriarch_book;
CREATE UNLOGGED TABLE matriarch_book.space (bytes bigint, at timestamptz DEFAULT clock_timestamp());
CREATE UNLOGGED TABLE matriarch_book.locks (relation text, mode text, began timestamptz,
  seen timestamptz, PRIMARY KEY (relation, mode, began));
SQL
  ask <<'SQL' &
INSERT INTO matriarch_book.space (bytes) SELECT pg_database_size(current_database()) +
  (SELECT sum(size) FROM pg_ls_waldir()) \watch 1
SQL
  ask <<'SQL'
INSERT INTO matriarch_book.locks
  SELECT c.relname, l.mode, a.xact_start, clock_timestamp()
  FROM pg_locks l JOIN pg_stat_activity a USING (pid) JOIN pg_class c ON c.oid = l.relation
  WHERE l.granted AND a.datname = current_database() AND l.pid <> pg_backend_pid()
    AND c.relkind IN ('r', 'p', 'm') AND c.relnamespace = 'public'::regnamespace AND l.mode IN
      ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    AND a.xact_start IS NOT NULL
  GROUP BY 1, 2, 3
  ON CONFLICT (relation, mode, began) DO UPDATE SET seen = excluded.seen \watch 0.1
SQL
}
watch &
exec postgres -c 'listen_addresses=*' -c unix_socket_directories=/var/tmp
)sh";

/// Packets that had nowhere to go, and names that nobody was there to be asked for.
constexpr const char* rehearse_text = R"sh(set -u
counter() {
  awk -v kind="$1:" -v name="$2" '$1 == kind && !at { for (i = 2; i <= NF; i++)
    if ($i == name) at = i; next } $1 == kind { print $at; exit }' /proc/net/snmp
}
calls() {
  six=$(sed -n 's/^Ip6OutNoRoutes *//p' /proc/net/snmp6 2> /dev/null)
  echo $(($(counter Ip OutNoRoutes) + $(counter Udp NoPorts) + ${six:-0}))
}
phase() {
  began=$(date +%s%3N)
  timeout 21600 bundle exec rails db:migrate > /tmp/said 2>&1
  code=$?
  took=$(($(date +%s%3N) - began))
  cat /tmp/said
}
at_first=$(calls)
export SKIP_POST_DEPLOYMENT_MIGRATIONS=true
phase
unset SKIP_POST_DEPLOYMENT_MIGRATIONS
if [ "$code" != 0 ] && grep -qi 'zero-downtime migrations' /tmp/said; then
  phase
  echo "phase all $took $code"
else
  echo "phase regular $took $code"
  if [ "$code" = 0 ]; then
    phase
    echo "phase post-deployment $took $code"
  fi
fi
if [ "$code" != 0 ]; then
  echo "last-words $(grep -v '^ *$' /tmp/said | tail -n 3 | tr '\n' ' ')"
fi
for file in /sys/fs/cgroup/memory.peak /sys/fs/cgroup/memory/memory.max_usage_in_bytes; do
  if [ -r "$file" ]; then echo "memory-peak $(cat "$file")"; fi
done
echo "calls-out $(($(calls) - at_first))"
# Not with its code: whoever was killed from outside ends with another one.
[ "$code" = 0 ]
)sh";

constexpr const char* report_text = R"sh(psql -XAtq -F ' ' <<'SQL'
SELECT 'disk-before', bytes FROM matriarch_book.space ORDER BY at LIMIT 1;
SELECT 'disk-peak', max(bytes) FROM matriarch_book.space;
SELECT 'lock', relation, mode, (1000 * extract(epoch FROM max(seen - began)))::bigint
  FROM matriarch_book.locks GROUP BY 2, 3 ORDER BY 4 DESC LIMIT 20;
SQL
)sh";

}  // namespace

std::string watched_server_script() {
    return watch_text;
}

std::string rehearsal_script() {
    return rehearse_text;
}

std::string rehearsal_report_script() {
    return report_text;
}

}  // namespace matriarch::reconcilers
