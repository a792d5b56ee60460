// One function for each rule; validate() at the end lists them. A rule is silent about fields that
// are empty because reading them has failed already.
#include "specs/validate.hpp"

#include <array>
#include <charconv>
#include <string>

#include "specs/catalogue.hpp"
#include "specs/schedule.hpp"

namespace matriarch::specs {
namespace {

void check_domain(const Instance& instance, Findings& findings) {
    const auto check = [&](const char* path, const std::string& value) {
        if (value.empty() || is_host_name(value)) return;
        findings.add(findings.place_of(path),
                     "cannot use " + std::string(path) + ": '" + value + "' is not a host name",
                     "Write a full name such as example.social; write other scripts as xn--...");
    };
    check("domain", instance.domain);
    check("web_domain", instance.web_domain);
}

/// Migrations, backups, probes and a person with psql need connections too.
constexpr int connections_reserved = 5;

void check_connections(const Instance& instance, Findings& findings) {
    const int web = instance.web.replicas * instance.web.processes * instance.web.threads;
    int sidekiq = 0;
    for (const SidekiqGroup& group : instance.sidekiq)
        sidekiq += group.replicas * group.concurrency;
    const int streaming = instance.streaming.replicas * instance.streaming.pool;
    const int sum = web + sidekiq + streaming + connections_reserved;
    if (sum <= instance.postgres.max_connections) return;
    findings.add(findings.place_of("postgres.max_connections"),
                 "cannot use postgres.max_connections: web " + std::to_string(web) + " + sidekiq " +
                     std::to_string(sidekiq) + " + streaming " + std::to_string(streaming) +
                     " + reserve " + std::to_string(connections_reserved) + " = " +
                     std::to_string(sum) + ", more than " +
                     std::to_string(instance.postgres.max_connections),
                 "Raise postgres.max_connections, or lower replicas, threads or concurrency.");
}

void check_postgres(const Instance& instance, Findings& findings) {
    const Postgres& postgres = instance.postgres;
    const int minimum = catalogue::postgres_minimum(instance.mastodon);
    if (postgres.version < minimum) {
        findings.add(findings.place_of("postgres.version"),
                     "cannot use postgres.version: Mastodon " + to_text(instance.mastodon) +
                         " needs PostgreSQL " + std::to_string(minimum) + " or newer, not " +
                         std::to_string(postgres.version));
    }
    if (postgres.shared_memory > postgres.limits.memory) {
        findings.add(findings.place_of("postgres.shared_memory"),
                     "cannot use postgres.shared_memory: " + to_text(postgres.shared_memory) +
                         " is more than postgres.memory, " + to_text(postgres.limits.memory));
    }
    if (instance.backups.database.continuous && postgres.version < 13) {
        findings.add(findings.place_of("backups.database.continuous"),
                     "cannot use backups.database.continuous: it needs PostgreSQL 13 or newer",
                     "Write postgres: {version: 17}, or take continuous out.");
    }
    // One process for each connection, and a dozen for the server itself.
    if (postgres.limits.pids < postgres.max_connections + 20) {
        findings.add(findings.place_of("postgres.pids"),
                     "cannot use postgres.pids: " + std::to_string(postgres.limits.pids) +
                         " is less than postgres.max_connections + 20");
    }
}

void check_redis(const Instance& instance, Findings& findings) {
    const Release* release = catalogue::find_or_before(instance.mastodon);
    if (release == nullptr) return;
    int minimum = 0;
    const std::string& text = release->redis_minimum;
    std::from_chars(text.data(), text.data() + text.size(), minimum);
    if (instance.redis.version >= minimum) return;
    findings.add(findings.place_of("redis.version"),
                 "cannot use redis.version: Mastodon " + to_text(instance.mastodon) +
                     " needs Redis " + text + " or newer, not " +
                     std::to_string(instance.redis.version));
}

void check_search(const Instance& instance, Findings& findings) {
    const bool needs_version =
        instance.images.search.tag.empty() && instance.images.search.digest.empty();
    if (!instance.search.enabled || !instance.search.version.empty() || !needs_version) return;
    const Release* release = catalogue::find_or_before(instance.mastodon);
    const std::string tested = release == nullptr ? "" : release->search_tested;
    findings.add(findings.place_of("search"), "cannot use search: its version is missing",
                 tested.empty()
                     ? "Set search.version."
                     : "Set search.version; Mastodon's compose file has " + tested + ".");
}

void check_edge(const Instance& instance, Findings& findings) {
    const Edge& edge = instance.edge;
    if (edge.external) return;
    if (edge.http == 0 && edge.https == 0) {
        findings.add(findings.place_of("edge"), "cannot use edge: it has no port at all",
                     "Set edge.http or edge.https, or write edge: external.");
    } else if (edge.http == edge.https) {
        findings.add(
            findings.place_of("edge.https"),
            "cannot use edge.https: edge.http has the same port, " + std::to_string(edge.http));
    }
}

void check_upgrade(const Instance& instance, Findings& findings) {
    const Upgrade& upgrade = instance.upgrade;
    if (!upgrade.window.empty()) {
        if (const auto window = parse_window(upgrade.window); !window) {
            findings.add(findings.place_of("upgrade.window"),
                         "cannot use upgrade.window: " + window.error().message,
                         window.error().hint);
        }
    }
    if (upgrade.backup == BackupDemand::recent &&
        instance.backups.database.freshness.count() == 0) {
        findings.add(
            findings.place_of("upgrade.backup"),
            "cannot use upgrade.backup: 'recent' needs backups.database.freshness above 0s");
    }
}

constexpr std::array<std::string_view, 8> repository_schemes{
    "sftp:", "s3:", "rest:", "rclone:", "b2:", "azure:", "gs:", "swift:"};

void check_repository(const std::string& repository, Findings& findings) {
    if (repository.empty()) return;
    const auto refuse = [&](const std::string& why, const char* hint) {
        findings.add(findings.place_of("backups.repository"),
                     "cannot use backups.repository: " + why, hint);
    };
    std::string_view rest = repository;
    for (const std::string_view scheme : repository_schemes) {
        if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
        if (rest.size() != repository.size()) break;
    }
    const bool has_scheme = rest.size() != repository.size();
    if (!has_scheme && !repository.starts_with('/')) {
        refuse(
            "it is neither an absolute path nor of a kind that restic knows",
            "Write /path, or start with sftp:, s3:, rest:, rclone:, b2:, azure:, gs: or swift:.");
        return;
    }
    if (rest.empty()) return refuse("nothing follows its kind", "");
    if (rest.starts_with("//")) rest.remove_prefix(2);
    // A host that starts with '-' would be an option of ssh or rclone.
    if (rest.starts_with('-')) return refuse("it starts with '-'", "");
    const auto scheme_end = rest.find("://");
    if (scheme_end != std::string_view::npos) rest.remove_prefix(scheme_end + 3);
    const auto at = rest.substr(0, rest.find('/')).find('@');
    if (has_scheme && at != std::string_view::npos &&
        rest.substr(0, at).find(':') != std::string_view::npos) {
        refuse("it holds a password", "Put credentials into the secrets file.");
    }
}

void check_keep(const char* path, const Keep& keep, Findings& findings) {
    if (keep.last + keep.daily + keep.weekly + keep.monthly > 0) return;
    findings.add(findings.place_of(path), "cannot use " + std::string(path) +
                                              ": nothing would be kept, all of its numbers are 0");
}

bool has_dot_parts(std::string_view path) {
    const std::string framed = "/" + std::string(path) + "/";
    return framed.find("/../") != std::string::npos || framed.find("/./") != std::string::npos ||
           std::string_view(framed).substr(1).find("//") != std::string_view::npos;
}

void check_secrets(const std::string& secrets, Findings& findings) {
    if (secrets.empty()) return;
    std::string_view path = secrets;
    bool is_good = false;
    if (path.starts_with("file:/")) {
        path.remove_prefix(6);
        is_good = !path.empty() && !has_dot_parts(path);
    } else {
        is_good = path.ends_with(".age") && path.size() > 4 && path.front() != '/' &&
                  path.front() != '-' && !has_dot_parts(path) &&
                  path.find(':') == std::string_view::npos;
    }
    if (is_good) return;
    findings.add(findings.place_of("secrets"),
                 "cannot use secrets: it is neither a path of the repository ending in .age nor "
                 "file:/absolute/path",
                 "Write secrets/example.age or file:/etc/matriarch/example.env, without '..'.");
}

}  // namespace

bool is_host_name(std::string_view text) {
    if (text.size() > 253) return false;
    std::size_t labels = 0;
    std::string_view last;
    while (true) {
        const auto dot = text.find('.');
        last = text.substr(0, dot);
        if (last.empty() || last.size() > 63 || last.front() == '-' || last.back() == '-') {
            return false;
        }
        if (last.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") !=
            std::string_view::npos) {
            return false;
        }
        ++labels;
        if (dot == std::string_view::npos) break;
        text.remove_prefix(dot + 1);
    }
    // The last label of a name starts with a letter; of an address it does not.
    return labels >= 2 && last.front() >= 'a' && last.front() <= 'z';
}

void validate(const Instance& instance, Findings& findings) {
    check_domain(instance, findings);
    validate_sidekiq(instance, findings);
    check_connections(instance, findings);
    check_postgres(instance, findings);
    check_redis(instance, findings);
    check_search(instance, findings);
    check_edge(instance, findings);
    check_upgrade(instance, findings);
    check_repository(instance.backups.repository, findings);
    check_keep("backups.database.keep", instance.backups.database.keep, findings);
    check_keep("backups.media.keep", instance.backups.media.keep, findings);
    validate_settings(instance, findings);
    check_secrets(instance.secrets, findings);
    validate_ignore(instance, findings);
}

}  // namespace matriarch::specs
