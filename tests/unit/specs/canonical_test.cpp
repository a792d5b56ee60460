// The canonical text: reads back to the same instance, and changes when and only when one changes.
#include "specs/canonical.hpp"

#include <gtest/gtest.h>

#include <random>

#include "specs/specs.hpp"
#include "tests/unit/specs/instance_text.hpp"

namespace matriarch::specs {
namespace {

Instance parsed(const std::string& text) {
    const auto instance = parse_instance_text(text, "a.yaml");
    EXPECT_TRUE(instance) << to_text(instance.error());
    return instance ? *instance : Instance{};
}

TEST(Canonical, ReadsBackToTheSameInstance) {
    const std::string full = shortest(
        "web_domain: w.example\nimages: {mastodon: 'r.example/x/m@sha256:" + std::string(64, 'b') +
        "'}\nupgrade: {strategy: stop, window: 'Mon-Fri 22:00-02:00 Europe/Berlin', backup: "
        "recent, "
        "rehearse: true}\nsidekiq: {b: {queues: [scheduler, push, pull, fasp]}, a: {queues: "
        "[default, "
        "ingress, mailers], cpus: 0.25, memory: 1000MB}}\nsearch: {enabled: true, version: "
        "8.19.15}\n"
        "edge: {tls: off, http: 8080, https: 0}\nsettings: {A: 'null', B: \"x: y # z\", C: '', D: "
        "\"quote \\\" \\\\ \xC3\xA4\", E: '~', F: ' lead', G: '- a', H: '&a', I: 'true'}\n"
        "secrets: file:/etc/x.env\ndrift: report\nignore: [{resource: web, field: memory, reason: "
        "\"a: b\", "
        "until: 2026-12-31}, {resource: sidekiq.a, field: [cpus, environment X], reason: y, until: "
        "2027-01-31 Asia/Tokyo}]\n");
    for (const std::string& text : {shortest(), full, shortest("edge: external\n")}) {
        const Instance instance = parsed(text);
        const std::string canonical = canonical_text(instance);
        EXPECT_EQ(parsed(canonical), instance) << canonical;
        EXPECT_EQ(canonical_text(parsed(canonical)), canonical);
    }
}

TEST(Canonical, ReadsBackWhateverASettingHolds) {
    std::mt19937 random(3);
    const std::string alphabet = "ab 01:#-?[]{}&*!|>'\"%@`,\\~.<=/_+$^()";
    Instance instance = parsed(shortest());
    for (int round = 0; round < 500; ++round) {
        std::string value;
        for (std::size_t length = random() % 9; length > 0; --length) {
            value += alphabet[random() % alphabet.size()];
        }
        instance.settings = {{"A", value}};
        EXPECT_EQ(parsed(canonical_text(instance)).settings.at("A"), value);
    }
}

TEST(Canonical, IsTheSameHoweverTheFileIsWritten) {
    const Instance first = parsed(shortest("redis: {memory: 512MiB}\ndrift: heal\n"));
    const Instance second = parsed(
        "# a comment\ndrift: 'heal'\nbackups:\n  repository: \"/srv/backups\"\n"
        "redis:\n  memory: 0.5GiB\nmastodon: v4.7.5\ndomain: example.social\n"
        "instance: example\n");
    EXPECT_EQ(digest(first), digest(second));
    EXPECT_EQ(digest(first).size(), 64U);
}

TEST(Canonical, ChangesWithEveryField) {
    const std::string before = digest(parsed(shortest()));
    for (const char* line : {"web: {memory: 2GiB}", "web: {cpus: 1}", "settings: {A: b}",
                             "drift: report", "edge: external", "sidekiq: {other: {}}",
                             "upgrade: {rehearse: true}", "storage: {cache: {previews: 31d}}",
                             "ignore: [{resource: web, field: cpus, reason: x, until: 2026-12-31}]",
                             "images: {edge: 'caddy:2.8'}"}) {
        EXPECT_NE(digest(parsed(shortest(line))), before) << line;
    }
}

}  // namespace
}  // namespace matriarch::specs
