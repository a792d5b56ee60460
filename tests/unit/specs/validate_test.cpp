// Rules between fields: each refuses what would break a server, and says which numbers it compared.
#include "specs/validate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/specs/instance_text.hpp"

namespace matriarch::specs {
namespace {

using testing::HasSubstr;

std::string with(const std::string& line) {
    return problems(shortest(line + "\n"));
}

std::string at_version(const char* version, const std::string& more) {
    return problems("instance: a\ndomain: a.example\nmastodon: " + std::string(version) +
                    "\nbackups: {repository: /b}\n" + more + "\n");
}

std::string with_repository(const std::string& repository) {
    return problems("instance: a\ndomain: a.example\nmastodon: v4.7.5\nbackups: {repository: \"" +
                    repository + "\"}\n");
}

TEST(Validate, AcceptsHostNamesOnly) {
    for (const char* name : {"example.social", "a.b.c.example", "xn--mnchen-3ya.example", "m.test",
                             "1.example", "a-b.example"}) {
        EXPECT_TRUE(is_host_name(name)) << name;
    }
    for (const char* name :
         {"", "localhost", "example", ".example", "example.", "a..b", "-a.b", "a-.b", "a_b.example",
          "10.0.0.1", "a.1", "A.example", "a b.example"}) {
        EXPECT_FALSE(is_host_name(name)) << name;
    }
    EXPECT_FALSE(is_host_name(std::string(64, 'a') + ".example"));
    EXPECT_THAT(with("web_domain: localhost"),
                HasSubstr("a.yaml:5:13: cannot use web_domain: 'localhost' is not a host name"));
}

TEST(Validate, WantsExactlyOneScheduler) {
    EXPECT_EQ(
        with("sidekiq: {a: {}, b: {queues: [push, scheduler]}}"),
        "a.yaml:5:30: cannot use sidekiq.b.queues: sidekiq.a holds the queue 'scheduler' too\n");
    EXPECT_EQ(
        with("sidekiq: {a: {replicas: 2}}"),
        "a.yaml:5:25: cannot use sidekiq.a.replicas: the group with the queue 'scheduler' has "
        "one replica, not 2\n");
}

TEST(Validate, WantsEveryQueueServedAndKnown) {
    EXPECT_EQ(with("sidekiq: {a: {queues: [default, pusj, ingress, mailers, pull, scheduler]}}"),
              "a.yaml:5:33: cannot use sidekiq.a.queues: Mastodon v4.7.5 has no queue 'pusj'\n"
              "a.yaml:5:10: cannot use sidekiq: no group serves the queues push, fasp\n");
    EXPECT_THAT(at_version("v4.3.8",
                           "sidekiq: {a: {queues: [default, push, ingress, mailers, pull, "
                           "fasp, scheduler]}}"),
                HasSubstr("Mastodon v4.3.8 has no queue 'fasp'"));
    EXPECT_THAT(with("sidekiq: {a: {queues: []}, b: {}}"),
                HasSubstr("cannot use sidekiq.a.queues: the list is empty"));
    EXPECT_THAT(with("sidekiq: {a: {queues: [push, push]}, b: {}}"),
                HasSubstr("in the list twice"));
}

TEST(Validate, ShowsTheSumOfConnections) {
    EXPECT_EQ(
        with("postgres: {max_connections: 29}"),
        "a.yaml:5:29: cannot use postgres.max_connections: web 10 + sidekiq 5 + streaming 10 + "
        "reserve 5 = 30, more than 29\n");
    EXPECT_EQ(with("postgres: {max_connections: 30}"), "");
    EXPECT_EQ(with("web: {replicas: 2, processes: 4, threads: 10}"), "");  // 100 of 100
    EXPECT_THAT(with("web: {replicas: 2, processes: 4, threads: 11}"),
                HasSubstr("a.yaml:1:1: cannot use postgres.max_connections: web 88 + sidekiq 5"));
}

TEST(Validate, KnowsWhatAVersionNeeds) {
    EXPECT_THAT(with("postgres: {version: 13}"),
                HasSubstr("a.yaml:5:21: cannot use postgres.version: Mastodon v4.7.5 needs "
                          "PostgreSQL 14 or newer, not 13"));
    EXPECT_EQ(at_version("v4.3.8", "postgres: {version: 13}"), "");
    EXPECT_THAT(with("redis: {version: 6}"), HasSubstr("needs Redis 7.0 or newer, not 6"));
    EXPECT_THAT(with("search: {enabled: true}"),
                HasSubstr("a.yaml:5:9: cannot use search: its version is missing"));
    EXPECT_THAT(hints(shortest("search: {enabled: true}")), HasSubstr("8.19.15"));
}

TEST(Validate, ChecksPostgresAgainstItself) {
    EXPECT_THAT(with("postgres: {memory: 128MiB}"),
                HasSubstr("256MiB is more than postgres.memory"));
    EXPECT_THAT(with("postgres: {pids: 100}"),
                HasSubstr("100 is less than postgres.max_connections"));
    const std::string old =
        "instance: a\ndomain: a.example\nmastodon: v4.2.12\nbackups: "
        "{repository: /b, database: {continuous: true}}\npostgres: {version: ";
    EXPECT_THAT(problems(old + "12}\n"), HasSubstr("continuous: it needs PostgreSQL 13 or newer"));
    EXPECT_EQ(problems(old + "13}\n"), "");
}

TEST(Validate, WantsDifferentPorts) {
    EXPECT_THAT(with("edge: {http: 443}"), HasSubstr("edge.http has the same port, 443"));
    EXPECT_THAT(with("edge: {http: 0, https: 0}"), HasSubstr("it has no port at all"));
    EXPECT_EQ(with("edge: {http: 8080, https: 0}"), "");
    EXPECT_THAT(with("edge: {http: 65536}"), HasSubstr("0 to 65535"));
    EXPECT_THAT(with("edge: {http: -1}"), HasSubstr("0 to 65535"));
}

TEST(Validate, ReadsWindowsAndSchedules) {
    EXPECT_EQ(with("upgrade: {window: 'Sun 02:00-05:00 Asia/Tokyo'}"), "");
    EXPECT_THAT(
        with("upgrade: {window: 'Sunday night'}"),
        HasSubstr("a.yaml:5:19: cannot use upgrade.window: 'Sunday night' is not a window"));
    EXPECT_THAT(with("storage: {cache: {schedule: '@never'}}"),
                HasSubstr("cannot read storage.cache.schedule: '@never' is not a schedule"));
}

TEST(Validate, KeepsAtLeastOneBackup) {
    const std::string head = "instance: a\ndomain: a.example\nmastodon: v4.7.5\n";
    EXPECT_THAT(
        problems(head + "backups: {repository: /b, media: {keep: {daily: 0, monthly: 0}}}\n"),
        HasSubstr("a.yaml:4:41: cannot use backups.media.keep: nothing would be kept"));
}

TEST(Validate, KnowsBackupRepositories) {
    for (const char* good : {"/srv/b", "sftp:u@h:/b", "sftp://u@h:22//b", "s3:s3.example/b",
                             "s3:https://h/b", "rest:https://h:8000/x", "rclone:remote:path",
                             "b2:b:p", "azure:c:/", "gs:b:/", "swift:c:/"}) {
        EXPECT_EQ(with_repository(good), "") << good;
    }
    for (const char* bad :
         {"", "relative/path", "ftp://h/b", "sftp:", "sftp:-oProxyCommand=x", "file:/b",
          "sftp://-oProxyCommand=x/", "rest:https://u:p@h/", "/a b", "--help"}) {
        EXPECT_NE(with_repository(bad), "") << bad;
    }
}

TEST(Validate, KnowsPlacesOfSecrets) {
    for (const char* good : {"secrets/a.age", "a.age", "file:/etc/matriarch/a.env"}) {
        EXPECT_EQ(with("secrets: " + std::string(good)), "") << good;
    }
    for (const char* bad :
         {"../a.age", "a/../../b.age", "/etc/a.age", "a.env", "file:a", "file:/../x", "file:/",
          ".age", "a//b.age", "./a.age", "https://x/a.age", "-a.age"}) {
        EXPECT_NE(with("secrets: " + std::string(bad)), "") << bad;
    }
}

std::string with_setting(const std::string& name, const char* version = "v4.7.5") {
    return at_version(version, "settings: {" + name + ": x}");
}

TEST(Settings, RefuseWhatWouldRunCode) {
    for (const char* name : {"LD_PRELOAD",
                             "LD_LIBRARY_PATH",
                             "RUBYOPT",
                             "RUBYLIB",
                             "NODE_OPTIONS",
                             "NODE_PATH",
                             "PATH",
                             "BASH_ENV",
                             "ENV",
                             "GEM_HOME",
                             "BUNDLE_GEMFILE",
                             "BUNDLER_ORIG_PATH",
                             "PYTHONPATH",
                             "PERL5OPT",
                             "GIT_SSH_COMMAND",
                             "SHELL",
                             "HOME",
                             "TMPDIR",
                             "OPENSSL_CONF",
                             "GLIBC_TUNABLES",
                             "FFMPEG_BINARY",
                             "MAGICK_CONFIGURE_PATH",
                             "BOOTSNAP_CACHE_DIR",
                             "IFS",
                             "RAKEOPT"}) {
        EXPECT_THAT(with_setting(name), HasSubstr("could run code")) << name;
    }
}

TEST(Settings, RefuseWhatOtherFieldsSay) {
    for (const char* name :
         {"LOCAL_DOMAIN", "WEB_DOMAIN", "DB_HOST", "DB_PASS", "REDIS_URL", "RAILS_ENV",
          "WEB_CONCURRENCY", "MAX_THREADS", "SKIP_POST_DEPLOYMENT_MIGRATIONS", "DATABASE_URL",
          "PORT", "SIDEKIQ_CONCURRENCY", "SELF_DESTRUCT"}) {
        EXPECT_THAT(with_setting(name), HasSubstr("matriarch sets it")) << name;
    }
    EXPECT_EQ(with_setting("ES_HOST"), "");
    EXPECT_THAT(with("settings: {ES_HOST: x}\nsearch: {enabled: true, version: 8.19.15}"),
                HasSubstr("matriarch sets it"));
}

TEST(Settings, RefuseSecretsAndWhatStopsTheBoot) {
    for (const char* name :
         {"SECRET_KEY_BASE", "OTP_SECRET", "SMTP_PASSWORD", "AWS_SECRET_ACCESS_KEY",
          "AWS_ACCESS_KEY_ID", "VAPID_PRIVATE_KEY", "DEEPL_API_KEY", "ES_PASS",
          "ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY", "OIDC_CLIENT_SECRET", "X_TOKEN",
          "REPLICA_DATABASE_URL", "AZURE_STORAGE_ACCESS_KEY"}) {
        EXPECT_THAT(with_setting(name), HasSubstr("belongs in secrets")) << name;
    }
    EXPECT_THAT(with_setting("REDIS_NAMESPACE"),
                HasSubstr("v4.7.5 does not start while it is set"));
    EXPECT_EQ(with_setting("REDIS_NAMESPACE", "v4.3.8"), "");
}

TEST(Settings, TakeWhatMastodonDocuments) {
    for (const char* name :
         {"SINGLE_USER_MODE", "LIMITED_FEDERATION_MODE", "DEFAULT_LOCALE", "S3_BUCKET",
          "SMTP_SERVER", "SMTP_LOGIN", "TRUSTED_PROXY_IP", "ALTERNATE_DOMAINS", "RAILS_LOG_LEVEL",
          "VAPID_PUBLIC_KEY", "MALLOC_ARENA_MAX", "CDN_HOST", "PREPARED_STATEMENTS",
          "RUBY_YJIT_ENABLE", "OMNIAUTH_ONLY"}) {
        EXPECT_EQ(with_setting(name), "") << name;
    }
    EXPECT_THAT(with_setting("lower"), HasSubstr("its name is not a name of A-Z"));
    EXPECT_THAT(with_setting("\"A=B\""), HasSubstr("its name is not a name of A-Z"));
}

}  // namespace
}  // namespace matriarch::specs
