// Instance: everything one instance file says, as plain values. What we want, and nothing else.
//
// The field definitions (names, types, documentation, schema) live in specs/fields.hpp; defaults
// and their reasons in specs/defaults.cpp; rules between fields in specs/validate.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "specs/image.hpp"
#include "specs/values/units.hpp"
#include "specs/version.hpp"

namespace matriarch::specs {

/// A five-field cron expression or @hourly, @daily, @weekly, @monthly, as written.
struct Schedule {
    std::string text{};
    friend bool operator==(const Schedule&, const Schedule&) = default;
};

/// What any container may take of the host. 0 means "not limited" for cpus only.
struct Limits {
    Bytes memory{};
    Cpus cpus{};
    /// Processes and threads at most.
    std::int64_t pids{0};
    friend bool operator==(const Limits&, const Limits&) = default;
};

/// Where images come from: repositories, with an optional tag or digest that then wins over
/// `version`.
struct Images {
    ImageRef mastodon{};
    ImageRef streaming{};
    ImageRef postgres{};
    ImageRef redis{};
    ImageRef edge{};
    ImageRef search{};
    ImageRef restic{};
    friend bool operator==(const Images&, const Images&) = default;
};

enum class Strategy { automatic, rolling, stop };
enum class BackupDemand { required, recent, none };

struct Upgrade {
    Strategy strategy{Strategy::automatic};
    /// "Sun 02:00-05:00 Asia/Tokyo", "daily 02:00-05:00 UTC", or empty: any time.
    std::string window{};
    BackupDemand backup{BackupDemand::required};
    bool rehearse{false};
    /// How long a new container may take until it answers; then the old one stays.
    Duration patience{0};
    /// How long Sidekiq may go on with the jobs in hand once it fetches no more.
    Duration drain{0};
    friend bool operator==(const Upgrade&, const Upgrade&) = default;
};

struct Web {
    int replicas{1};
    /// Puma workers (WEB_CONCURRENCY) and threads of each (MAX_THREADS).
    int processes{2};
    int threads{5};
    Limits limits{};
    friend bool operator==(const Web&, const Web&) = default;
};

struct Streaming {
    int replicas{1};
    /// Database connections each process may hold (DB_POOL).
    int pool{10};
    Limits limits{};
    friend bool operator==(const Streaming&, const Streaming&) = default;
};

/// One Sidekiq container: the queues it serves, in order of preference.
struct SidekiqGroup {
    std::string name{};
    std::vector<std::string> queues{};
    int concurrency{5};
    int replicas{1};
    Limits limits{};
    friend bool operator==(const SidekiqGroup&, const SidekiqGroup&) = default;
};

struct Postgres {
    /// Major version.
    int version{17};
    int max_connections{100};
    Bytes shared_memory{};
    Limits limits{};
    friend bool operator==(const Postgres&, const Postgres&) = default;
};

struct Redis {
    /// Major version.
    int version{7};
    Limits limits{};
    friend bool operator==(const Redis&, const Redis&) = default;
};

struct Search {
    bool enabled{false};
    /// Full version of Elasticsearch.
    std::string version{};
    Limits limits{};
    friend bool operator==(const Search&, const Search&) = default;
};

/// automatic: public certificates for public names, Caddy's own authority for reserved ones (.test,
/// .localhost, ...), which are also served without TLS; internal: always its own; off: HTTP only.
enum class Tls { automatic, internal, off };

struct Edge {
    /// `edge: external`: we run no front door; web and streaming publish on loopback instead.
    bool external{false};
    /// Host ports. 0: not published.
    int http{80};
    int https{443};
    Tls tls{Tls::automatic};
    Limits limits{};
    friend bool operator==(const Edge&, const Edge&) = default;
};

/// How many snapshots to keep, by restic's rules. 0: none of that kind.
struct Keep {
    int last{0};
    int daily{0};
    int weekly{0};
    int monthly{0};
    friend bool operator==(const Keep&, const Keep&) = default;
};

struct BackupJob {
    Schedule schedule{};
    Keep keep{};
    /// The newest verified backup may be this old before a warning. 0: no such rule.
    Duration freshness{0};
    friend bool operator==(const BackupJob&, const BackupJob&) = default;
};

struct DatabaseBackup {
    Schedule schedule{};
    Keep keep{};
    Duration freshness{0};
    bool continuous{false};
    friend bool operator==(const DatabaseBackup&, const DatabaseBackup&) = default;
};

struct Drill {
    Schedule schedule{};
    friend bool operator==(const Drill&, const Drill&) = default;
};

struct Backups {
    /// Any restic repository: a path, sftp:, s3:, rest:, rclone:. Required.
    std::string repository{};
    /// Name of the secret that holds the repository's password.
    std::string password{};
    DatabaseBackup database{};
    BackupJob media{};
    Drill drill{};
    friend bool operator==(const Backups&, const Backups&) = default;
};

/// Where a first deployment comes from; read once, on a host that has nothing of the instance.
struct Bootstrap {
    /// "latest", or the id of a snapshot of the database; empty: a new server.
    std::string restore{};
    friend bool operator==(const Bootstrap&, const Bootstrap&) = default;
};

struct CacheUpkeep {
    Duration media{0};
    Duration previews{0};
    Schedule schedule{};
    friend bool operator==(const CacheUpkeep&, const CacheUpkeep&) = default;
};

struct Storage {
    /// No work starts that would leave the host's disk with less.
    Bytes reserve{};
    CacheUpkeep cache{};
    friend bool operator==(const Storage&, const Storage&) = default;
};

enum class DriftPolicy { heal, report };

/// Drift that is left as it is for a while: shown with its reason, and not put back.
struct Ignore {
    /// A part of the file: "web", "sidekiq.main".
    std::string resource{};
    /// As `matriarch drift` calls them: "memory", "environment NAME".
    std::vector<std::string> fields{};
    std::string reason{};
    /// Its last day: "2026-12-31", or "2026-12-31 Asia/Tokyo"; without a zone in UTC.
    std::string until{};
    friend bool operator==(const Ignore&, const Ignore&) = default;
};

struct Instance {
    /// [a-z0-9-]{1,40}; labels, container and volume names start with it.
    std::string name{};
    /// LOCAL_DOMAIN. Can never change once deployed.
    std::string domain{};
    /// WEB_DOMAIN where it differs; empty: the same. Can never change once deployed.
    std::string web_domain{};
    Version mastodon{};
    Images images{};
    Upgrade upgrade{};
    Web web{};
    Streaming streaming{};
    /// Sorted by name.
    std::vector<SidekiqGroup> sidekiq{};
    Postgres postgres{};
    Redis redis{};
    Search search{};
    Edge edge{};
    Backups backups{};
    Bootstrap bootstrap{};
    Storage storage{};
    /// Plain environment for Mastodon.
    std::map<std::string, std::string> settings{};
    /// A path in the repository ending in .age, "file:/absolute/path", or empty: only generated
    /// ones.
    std::string secrets{};
    DriftPolicy drift{DriftPolicy::heal};
    std::vector<Ignore> ignore{};
    /// Name of the host in hosts.yaml; empty: the Engine that the controller was started for.
    std::string host{};
    friend bool operator==(const Instance&, const Instance&) = default;
};

}  // namespace matriarch::specs
