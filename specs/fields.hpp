// The one definition of every field: name, type, sentence, range. The reader, the canonical text
// and the JSON Schema are visitors of these functions, so that they cannot disagree.
//
// A visitor has field() for each type of value, choice(), section(), section_or_word(), named() and
// list().
// Memory floors are the least with which the image was seen to start (facts: mastodon-measured.md,
// "Times and memory"), so that a mistyped unit is an error and not a crash loop.
#pragma once

#include "specs/field_words.hpp"
#include "specs/instance.hpp"

namespace matriarch::specs {

inline constexpr Form name_form{
    .pattern = "[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?",
    .length_max = 40,
    .expected = "1 to 40 of a-z, 0-9 and '-', a letter or digit at both ends"};
inline constexpr Form host_form{.pattern = "[a-z0-9]([a-z0-9.-]*[a-z0-9])?",
                                .length_max = 253,
                                .expected = "a host name in lower case, such as example.social"};
inline constexpr Form one_line{
    .pattern = "[^\\r\\n\\t]*", .length_max = 200, .expected = "one line"};

inline constexpr Form required(Form form) {
    form.is_required = true;
    return form;
}

template <class V>
void describe_limits(V& visit, Limits& limits, Bytes memory_floor) {
    visit.field("memory", limits.memory, "Memory that one container may use.",
                Sizes{memory_floor, gib(1024)});
    visit.field("cpus", limits.cpus, "Processors that one container may use; 0 for no limit.");
    visit.field("pids", limits.pids, "Processes and threads that one container may have.",
                Range{16, 32768});
}

template <class V>
void describe(V& visit, Images& images) {
    visit.field(
        "mastodon", images.mastodon,
        "Mastodon; default ghcr.io/mastodon/mastodon (tootsuite/mastodon for old versions).");
    visit.field(
        "streaming", images.streaming,
        "Streaming server; default: that of mastodon with -streaming (before v4.3 the same).");
    visit.field("postgres", images.postgres, "PostgreSQL; default docker.io/library/postgres.");
    visit.field("redis", images.redis, "Redis; default docker.io/library/redis.");
    visit.field("edge", images.edge, "Caddy; default docker.io/library/caddy.");
    visit.field("search", images.search,
                "Elasticsearch; default docker.elastic.co/elasticsearch/elasticsearch.");
    visit.field("restic", images.restic, "restic; default docker.io/restic/restic.");
}

template <class V>
void describe(V& visit, Upgrade& upgrade) {
    visit.choice("strategy", upgrade.strategy, "How a new version takes over.",
                 Words<Strategy>(strategy_words));
    visit.field(
        "window", upgrade.window,
        "When an upgrade may start, such as Sun 02:00-05:00 Asia/Tokyo; empty for any time.",
        one_line);
    visit.choice("backup", upgrade.backup, "What must exist before a migration starts.",
                 Words<BackupDemand>(backup_words));
    visit.field("rehearse", upgrade.rehearse,
                "Run the migrations on a restored copy of the newest backup first.");
    visit.field("patience", upgrade.patience,
                "How long a new container may take until it answers; then the old one stays.",
                Spans{std::chrono::seconds{5}, std::chrono::hours{24}});
    visit.field("drain", upgrade.drain,
                "How long Sidekiq may go on with the jobs in hand before it is stopped.",
                Spans{Duration{0}, std::chrono::hours{24}});
}

template <class V>
void describe(V& visit, Web& web) {
    visit.field("replicas", web.replicas, "Web containers side by side.", Range{1, 16});
    visit.field("processes", web.processes, "Puma workers of each (WEB_CONCURRENCY).",
                Range{1, 64});
    visit.field("threads", web.threads, "Threads of each worker (MAX_THREADS).", Range{1, 64});
    describe_limits(visit, web.limits, mib(256));
}

template <class V>
void describe(V& visit, Streaming& streaming) {
    visit.field("replicas", streaming.replicas, "Streaming containers side by side.", Range{1, 16});
    visit.field("pool", streaming.pool, "Database connections of each (DB_POOL).", Range{1, 200});
    describe_limits(visit, streaming.limits, mib(64));
}

template <class V>
void describe(V& visit, SidekiqGroup& group) {
    visit.field(
        "queues", group.queues,
        "Queues it serves, the preferred first; default: all that the version has.",
        Form{.pattern = "[a-z][a-z_]{0,39}", .length_max = 40, .expected = "a queue's name"});
    visit.field("concurrency", group.concurrency, "Jobs at once in each container.", Range{1, 200});
    visit.field("replicas", group.replicas, "Containers of this group.", Range{1, 16});
    describe_limits(visit, group.limits, mib(192));
}

template <class V>
void describe(V& visit, Postgres& postgres) {
    visit.field("version", postgres.version, "Major version of PostgreSQL.", Range{12, 18});
    visit.field("max_connections", postgres.max_connections, "Connections it accepts at most.",
                Range{20, 5000});
    visit.field("shared_memory", postgres.shared_memory,
                "Size of /dev/shm, which parallel queries need.", Sizes{mib(64), gib(256)});
    describe_limits(visit, postgres.limits, mib(128));
}

template <class V>
void describe(V& visit, Redis& redis) {
    visit.field("version", redis.version, "Major version of Redis.", Range{6, 8});
    describe_limits(visit, redis.limits, mib(32));
}

template <class V>
void describe(V& visit, Search& search) {
    visit.field("enabled", search.enabled, "Run Elasticsearch for full-text search.");
    visit.field("version", search.version, "Full version of Elasticsearch; required when enabled.",
                Form{.pattern = "([0-9]+\\.[0-9]+\\.[0-9]+)?",
                     .length_max = 20,
                     .expected = "a full version such as 8.19.15"});
    describe_limits(visit, search.limits, mib(512));
}

template <class V>
void describe(V& visit, Edge& edge) {
    visit.field("http", edge.http, "Host port for HTTP; 0 for none.", Range{0, 65535});
    visit.field("https", edge.https, "Host port for HTTPS; 0 for none.", Range{0, 65535});
    visit.choice("tls", edge.tls, "Where certificates come from.", Words<Tls>(tls_words));
    describe_limits(visit, edge.limits, mib(32));
}

template <class V>
void describe(V& visit, Keep& keep) {
    visit.field("last", keep.last, "The newest so many.", Range{0, 1000});
    visit.field("daily", keep.daily, "One of each of so many days.", Range{0, 1000});
    visit.field("weekly", keep.weekly, "One of each of so many weeks.", Range{0, 1000});
    visit.field("monthly", keep.monthly, "One of each of so many months.", Range{0, 1000});
}

inline constexpr Spans freshness_spans{Duration{0}, std::chrono::hours{24 * 366}};
inline constexpr const char* freshness_sentence =
    "Age of the newest verified backup from which on a warning is given; 0s for never.";

template <class V>
void describe(V& visit, DatabaseBackup& backup) {
    visit.field("schedule", backup.schedule, "When the database is backed up.");
    visit.section("keep", backup.keep, "How many backups are kept.");
    visit.field("freshness", backup.freshness, freshness_sentence, freshness_spans);
    visit.field("continuous", backup.continuous,
                "Also keep every change between backups (write-ahead log).");
}

template <class V>
void describe(V& visit, BackupJob& backup) {
    visit.field("schedule", backup.schedule, "When it is backed up.");
    visit.section("keep", backup.keep, "How many backups are kept.");
    visit.field("freshness", backup.freshness, freshness_sentence, freshness_spans);
}

template <class V>
void describe(V& visit, Drill& drill) {
    visit.field("schedule", drill.schedule, "When the newest backup is restored and checked.");
}

template <class V>
void describe(V& visit, Backups& backups) {
    visit.field(
        "repository", backups.repository,
        "A restic repository: an absolute path, sftp:, s3:, rest:, rclone:, b2:, azure:, gs: "
        "or swift:.",
        Form{.pattern = "[^\\s]+",
             .length_max = 500,
             .expected = "a restic repository",
             .is_required = true,
             .may_be_secret = true});
    visit.field("password", backups.password, "Name of the secret that opens the repository.",
                Form{.pattern = "[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?",
                     .length_max = 40,
                     .expected = "the name of a secret in a-z, 0-9 and '-'",
                     .may_be_secret = true});
    visit.section("database", backups.database, "Backups of the database.");
    visit.section("media", backups.media, "Backups of uploaded media.");
    visit.section("drill", backups.drill, "Restoring for practice.");
}

template <class V>
void describe(V& visit, Bootstrap& bootstrap) {
    visit.field("restore", bootstrap.restore,
                "On a host that has nothing of it: begin from this snapshot of the repository, or "
                "from the newest one (latest).",
                Form{.pattern = "(latest|[0-9a-f]{8,64})?",
                     .length_max = 64,
                     .expected = "latest, or the id of a snapshot"});
}

template <class V>
void describe(V& visit, CacheUpkeep& cache) {
    constexpr Spans spans{Duration{0}, std::chrono::hours{24 * 3660}};
    visit.field("media", cache.media, "Copies of remote media older than this go; 0s for never.",
                spans);
    visit.field("previews", cache.previews, "Link previews older than this go; 0s for never.",
                spans);
    visit.field("schedule", cache.schedule, "When that happens.");
}

template <class V>
void describe(V& visit, Storage& storage) {
    visit.field("reserve", storage.reserve,
                "No work starts that would leave the host's disk with less.",
                Sizes{{0}, gib(10240)});
    visit.section("cache", storage.cache, "What Mastodon keeps of other servers.");
}

template <class V>
void describe(V& visit, Ignore& ignore) {
    visit.field("resource", ignore.resource, "The part of this file: web, sidekiq.main, redis.",
                required({.pattern = "[a-z0-9.-]+",
                          .length_max = 40,
                          .expected = "a part of this file, such as web or sidekiq.main"}));
    visit.field("field", ignore.fields,
                "One field or several, as `matriarch drift` calls them: memory, cpus, pids, shared "
                "memory, environment NAME, parameter NAME.",
                Form{.pattern = "[A-Za-z0-9_./ -]+",
                     .length_max = 120,
                     .expected = "a field, as `matriarch drift` calls it",
                     .is_required = true,
                     .may_be_single = true});
    visit.field("reason", ignore.reason, "Why it may differ; shown in every report.",
                required({.pattern = "[^\\r\\n\\t]*[^\\r\\n\\t ][^\\r\\n\\t]*",
                          .length_max = 200,
                          .expected = "one line of at most 200 characters"}));
    visit.field("until", ignore.until,
                "The last day of it: 2026-12-31, in UTC, or as named: 2026-12-31 Asia/Tokyo.",
                required({.pattern = "[0-9]{4}-[0-9]{2}-[0-9]{2}( [A-Za-z0-9_/+-]+)?",
                          .length_max = 80,
                          .expected = "a day such as 2026-12-31, or 2026-12-31 Asia/Tokyo"}));
}

template <class V>
void describe(V& visit, Instance& instance) {
    visit.field("instance", instance.name,
                "Its name; containers and volumes start with it. It cannot change once deployed.",
                required(name_form));
    visit.field("domain", instance.domain,
                "Its domain (LOCAL_DOMAIN). It can never change once deployed.",
                required(host_form));
    visit.field("web_domain", instance.web_domain,
                "Host of its web pages (WEB_DOMAIN) where that differs. It can never change.",
                host_form);
    visit.field("mastodon", instance.mastodon, "Version of Mastodon; change it to upgrade.");
    visit.field("host", instance.host,
                "A name of hosts.yaml; empty for the controller's own Engine.", name_form);
    visit.section("images", instance.images, "Other registries, forks and mirrors; pins allowed.");
    visit.section("upgrade", instance.upgrade, "How upgrades happen.");
    visit.section("web", instance.web, "Puma: pages and the API.");
    visit.section("streaming", instance.streaming, "The streaming server.");
    visit.named("sidekiq", instance.sidekiq,
                "Background jobs, by name of the container group. Exactly one holds the queue "
                "`scheduler`, with one replica.",
                Form{.pattern = "[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?",
                     .length_max = 20,
                     .expected = "1 to 20 of a-z, 0-9 and '-'"});
    visit.section("postgres", instance.postgres, "The database.");
    visit.section("redis", instance.redis, "Queues and feeds.");
    visit.section("search", instance.search, "Full-text search.");
    visit.section_or_word("edge", instance.edge, "external", instance.edge.external,
                          "The front door (Caddy); `external` to bring your own.");
    visit.section("backups", instance.backups, "Backups with restic.");
    visit.section("bootstrap", instance.bootstrap,
                  "How it begins on a host that has nothing of it.");
    visit.section("storage", instance.storage, "The host's disk.");
    visit.field("settings", instance.settings, "Plain environment for Mastodon, never secrets.",
                Form{.pattern = "[A-Z][A-Z0-9_]{0,99}",
                     .length_max = 100,
                     .expected = "a name of A-Z, 0-9 and '_'",
                     .may_be_secret = true});
    visit.field("secrets", instance.secrets,
                "An age-encrypted file of the repository ending in .age, or file:/absolute/path.",
                Form{.pattern = "[^\\s]*",
                     .length_max = 300,
                     .expected = "a path ending in .age, or file:/absolute/path",
                     .may_be_secret = true});
    visit.choice("drift", instance.drift, "What happens to changes made by hand.",
                 Words<DriftPolicy>(drift_words));
    visit.list("ignore", instance.ignore,
               "What may differ for a while: it is shown with its reason, and not put back.");
}

}  // namespace matriarch::specs
