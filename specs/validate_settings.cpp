// Environment for Mastodon comes from a repository that is half trusted (contract, section 8). What
// would load code, what we set ourselves and what is a secret is refused by name; the value is
// never repeated.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "specs/catalogue.hpp"
#include "specs/validate.hpp"

namespace matriarch::specs {
namespace {

/// Names that a program of the image reads as code, as options of an interpreter, or as a place to
/// load either from: the dynamic loader, shells, Ruby, Node, Python, Perl, git, OpenSSL, libvips.
constexpr std::array<std::string_view, 30> code_names{"BASHOPTS",
                                                      "BROWSER",
                                                      "CDPATH",
                                                      "EDITOR",
                                                      "ENV",
                                                      "FFMPEG_BINARY",
                                                      "FFPROBE_BINARY",
                                                      "GCONV_PATH",
                                                      "GLIBC_TUNABLES",
                                                      "HOME",
                                                      "HOSTALIASES",
                                                      "IFS",
                                                      "LOCPATH",
                                                      "MALLOC_CONF",
                                                      "NLSPATH",
                                                      "PAGER",
                                                      "PATH",
                                                      "PROMPT_COMMAND",
                                                      "PWD",
                                                      "RUBYLIB",
                                                      "RUBYOPT",
                                                      "RUBYPATH",
                                                      "RUBYSHELL",
                                                      "SHELL",
                                                      "SHELLOPTS",
                                                      "TEMP",
                                                      "TMP",
                                                      "TMPDIR",
                                                      "VIPSHOME",
                                                      "VISUAL"};
constexpr std::array<std::string_view, 20> code_prefixes{
    "BASH_",   "BOOTSNAP_", "BUNDLE",      "COREPACK_", "GEM_",  "GIT_", "LD_",
    "MAGICK_", "NODE_",     "NPM_",        "OPENSSL_",  "PERL",  "PS4",  "PYTHON",
    "RAKE",    "RUBYGEMS",  "RUBY_DEBUG_", "SSH_",      "TINI_", "YARN_"};

/// Names that follow from other fields, and one that would destroy the server for good.
constexpr std::array<std::string_view, 17> our_names{"BIND",
                                                     "DATABASE_URL",
                                                     "LOCAL_DOMAIN",
                                                     "MASTODON_SIDEKIQ_READY_FILENAME",
                                                     "MAX_THREADS",
                                                     "PAPERCLIP_ROOT_PATH",
                                                     "PIDFILE",
                                                     "PORT",
                                                     "RAILS_ENV",
                                                     "RAILS_SERVE_STATIC_FILES",
                                                     "SELF_DESTRUCT",
                                                     "SIDEKIQ_CONCURRENCY",
                                                     "SKIP_POST_DEPLOYMENT_MIGRATIONS",
                                                     "SOCKET",
                                                     "STREAMING_CLUSTER_NUM",
                                                     "WEB_CONCURRENCY",
                                                     "WEB_DOMAIN"};
constexpr std::array<std::string_view, 6> our_prefixes{"CACHE_REDIS_", "DB_",    "PG",
                                                       "POSTGRES_",    "REDIS_", "SIDEKIQ_REDIS_"};
/// Ours only while we run Elasticsearch; otherwise they may point to another one.
constexpr std::array<std::string_view, 4> search_names{"ES_ENABLED", "ES_HOST", "ES_PORT",
                                                       "ES_PRESET"};

constexpr std::array<std::string_view, 5> secret_parts{"PASSWORD", "PASSPHRASE", "PRIVATE_KEY",
                                                       "SECRET", "ACTIVE_RECORD_ENCRYPTION_"};
constexpr std::array<std::string_view, 7> secret_endings{
    "_ACCESS_KEY", "_API_KEY", "_ACCESS_KEY_ID", "_PASS", "_TOKEN", "_MASTER_KEY", "DATABASE_URL"};

template <std::size_t n>
bool is_one(std::string_view name, const std::array<std::string_view, n>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

template <std::size_t n>
bool starts_with_one(std::string_view name, const std::array<std::string_view, n>& prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view prefix) { return name.starts_with(prefix); });
}

/// Whether a release up to this version has begun to abort its boot over the name.
bool is_forbidden(const std::string& name, const Version& version) {
    for (const Release* release : catalogue::releases()) {
        if (release->version > version) return false;
        const auto& names = release->forbids;
        if (std::find(names.begin(), names.end(), name) != names.end()) return true;
    }
    return false;
}

bool is_ours(const std::string& name, const Instance& instance) {
    if (name == "REDIS_NAMESPACE") return false;  // up to v4.3 an old server may depend on it
    return is_one(name, our_names) || starts_with_one(name, our_prefixes) ||
           (instance.search.enabled && is_one(name, search_names));
}

bool is_secret(std::string_view name) {
    const bool has_part = std::any_of(
        secret_parts.begin(), secret_parts.end(),
        [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
    return has_part || std::any_of(secret_endings.begin(), secret_endings.end(),
                                   [&](std::string_view end) { return name.ends_with(end); });
}

}  // namespace

bool is_free_setting(const std::string& name, const Instance& instance) {
    return !is_one(name, code_names) && !starts_with_one(name, code_prefixes) &&
           !is_ours(name, instance) && !is_secret(name);
}

void validate_settings(const Instance& instance, Findings& findings) {
    for (const auto& [name, value] : instance.settings) {
        const std::string path = "settings." + name;
        const auto refuse = [&](const std::string& why, const std::string& hint) {
            findings.add(findings.place_of(path), "cannot use " + path + ": " + why, hint);
        };
        if (is_one(name, code_names) || starts_with_one(name, code_prefixes)) {
            refuse("it could run code inside the containers", "Remove it.");
        } else if (is_ours(name, instance)) {
            refuse("matriarch sets it from other fields", "Remove it, and see `matriarch schema`.");
        } else if (is_forbidden(name, instance.mastodon)) {
            refuse("Mastodon " + to_text(instance.mastodon) + " does not start while it is set",
                   "Remove it as its release notes say.");
        } else if (is_secret(name)) {
            refuse("it belongs in secrets", "Move it to the file that `secrets` names.");
        }
    }
}

}  // namespace matriarch::specs
