// Every default, with its reason and source, in one table. They suit one small server: 2 cores, 2
// to 4 GB of memory. Memory figures are ceilings, not reservations; "measured" is
// facts/mastodon-measured.md, "Times and memory".
#include "specs/defaults.hpp"

#include <algorithm>
#include <chrono>

#include "specs/catalogue.hpp"

namespace matriarch::specs {
namespace {

/// No limit of processors: a busy container may use what the others leave. Whoever shares a host
/// sets them.
constexpr Cpus all_cpus{0};

Upgrade upgrade_defaults() {
    using namespace std::chrono_literals;
    return {
        .strategy = Strategy::automatic,
        .backup = BackupDemand::required,
        // Rehearsing needs room for a second database, which a small server does not have.
        .rehearse = false,
        // Measured 26 to 61 s on two busy cores; a small server may need three times that.
        .patience = 3min,
        // Longer than Sidekiq's own 25 s, after which it gives jobs back half done.
        .drain = 1min,
    };
}

Web web_defaults() {
    return {
        .replicas = 1,
        .processes = 2,  // Mastodon's own default (config/puma.rb, WEB_CONCURRENCY)
        .threads = 5,    // Mastodon's own default (config/puma.rb, MAX_THREADS)
        // Measured 330 MiB fresh and 530 with some use; Ruby's heap grows for days: twice that.
        .limits = {.memory = gib(1), .cpus = all_cpus, .pids = 512},
    };
}

Streaming streaming_defaults() {
    return {
        .replicas = 1,
        .pool = 10,  // Mastodon's own default (streaming/index.js, DB_POOL)
        // Measured 56 to 101 MiB; a thousand open connections need about as much again.
        .limits = {.memory = mib(256), .cpus = all_cpus, .pids = 128},
    };
}

SidekiqGroup sidekiq_defaults(const Version& version) {
    return {
        .name = "main",
        .queues = catalogue::queues(version),  // config/sidekiq.yml of the line
        .concurrency = 5,                      // Mastodon's own default (SIDEKIQ_CONCURRENCY)
        .replicas = 1,
        // Measured 263 to 300 MiB idle; media conversion (ffmpeg, libvips) runs inside this limit.
        .limits = {.memory = mib(768), .cpus = all_cpus, .pids = 512},
    };
}

Postgres postgres_defaults(const Version& version) {
    // The newest major whose image keeps its data where the older ones do (18 moved it:
    // facts/mastodon-container-contract.md, section 12).
    constexpr int version_default = 17;
    const int minimum = catalogue::postgres_minimum(version);
    return {
        .version = std::max(version_default, minimum),
        .max_connections = 100,  // PostgreSQL's own default
        // Docker gives 64 MiB, on which parallel queries fail; Mastodon's docker-compose.yml since
        // 3.1.4 says 256 MiB.
        .shared_memory = mib(256),
        // Measured 82 to 118 MiB; the rest is page cache for a small server's hot tables.
        .limits = {.memory = gib(1), .cpus = all_cpus, .pids = 256},
    };
}

Redis redis_defaults() {
    return {
        .version = 7,  // docker-compose.yml since 4.0.0; 7.0 is the minimum from 4.5 on
        // Measured 4 MiB; home feeds of some hundred people fit in 100 MiB, and a save forks.
        .limits = {.memory = mib(256), .cpus = all_cpus, .pids = 64},
    };
}

Search search_defaults() {
    return {
        .enabled = false,  // it needs as much memory as everything else together
        // Elasticsearch takes half of the container's memory as heap, and 512 MiB of heap is the
        // size in Mastodon's docker-compose.yml. It wants 4096 threads (bootstrap checks).
        .limits = {.memory = gib(1), .cpus = all_cpus, .pids = 4096},
    };
}

Edge edge_defaults() {
    return {
        .external = false,
        .http = 80,  // certificates by HTTP-01 and the redirect to HTTPS
        .https = 443,
        .tls = Tls::automatic,
        // Caddy idles at about 20 MiB; buffers of a thousand connections need the rest.
        .limits = {.memory = mib(128), .cpus = all_cpus, .pids = 256},
    };
}

Backups backup_defaults() {
    using namespace std::chrono_literals;
    Backups backups{};
    backups.password = "restic-password";
    // Four a day, so that an accident costs six hours at most; a month of weeks and a year of
    // months because damage is often found late (contract, section 2).
    backups.database = {.schedule = {"0 */6 * * *"},
                        .keep = {.last = 4, .daily = 7, .weekly = 4, .monthly = 12},
                        .freshness = 8h,  // one run may be late by two hours before we warn
                        .continuous = false};
    // Media only grows and can in part be fetched again: once a day, half a year.
    backups.media = {.schedule = {"@daily"},
                     .keep = {.daily = 7, .monthly = 6},
                     .freshness = 48h};  // one missed day is no alarm
    backups.drill = {.schedule = {"@weekly"}};
    return backups;
}

Storage storage_defaults() {
    using namespace std::chrono_literals;
    return {
        // Room for one more version of the images (about 2.5 GiB unpacked) and for PostgreSQL to
        // write its log while someone frees space.
        .reserve = gib(5),
        // Other servers' media is the largest part of most disks and is fetched again when asked
        // for; previews are small, and making them anew costs other servers (contract, section 2).
        .cache = {.media = 7 * 24h, .previews = 30 * 24h, .schedule = {"@daily"}},
    };
}

}  // namespace

Instance defaults_for(const Version& version) {
    Instance instance{};
    instance.mastodon = version;
    instance.upgrade = upgrade_defaults();
    instance.web = web_defaults();
    instance.streaming = streaming_defaults();
    instance.sidekiq = {sidekiq_defaults(version)};
    instance.postgres = postgres_defaults(version);
    instance.redis = redis_defaults();
    instance.search = search_defaults();
    instance.edge = edge_defaults();
    instance.backups = backup_defaults();
    instance.storage = storage_defaults();
    instance.drift = DriftPolicy::heal;  // what is in git is what runs
    return instance;
}

}  // namespace matriarch::specs
