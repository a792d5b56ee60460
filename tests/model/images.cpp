// The registry's shelf: what the images of a test bring along.
#include "specs/values/digest.hpp"
#include "tests/model/host.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::model {

namespace {

using Texts = std::vector<std::string>;

bool is_called(const specs::ImageRef& reference, const char* word) {
    return reference.repository.find(word) != std::string::npos;
}

}  // namespace

SimulatedImage published_image(const specs::ImageRef& reference) {
    SimulatedImage image{.facts = {}, .reference = reference};
    const std::string text = specs::to_text(reference);
    image.facts.id = "sha256:" + sha256("configuration of " + text);
    image.facts.repository_digests = {specs::repository_text(reference) +
                                      "@sha256:" + sha256("manifest of " + text)};
    image.facts.environment = {{"PATH", "/usr/local/bin:/usr/bin:/bin"}};
    image.facts.size = mib(100);
    if (is_called(reference, "postgres")) {
        image.facts.entrypoint = Texts{"docker-entrypoint.sh"};
        image.facts.command = Texts{"postgres"};
        image.facts.environment["PGDATA"] = "/var/lib/postgresql/data";
        image.facts.volumes = Texts{"/var/lib/postgresql/data"};
        image.facts.stop_signal = "SIGINT";
    } else if (is_called(reference, "redis")) {
        image.facts.entrypoint = Texts{"docker-entrypoint.sh"};
        image.facts.command = Texts{"redis-server"};
        image.facts.volumes = Texts{"/data"};
    } else if (is_called(reference, "restic")) {
        image.facts.entrypoint = Texts{"/usr/bin/restic"};
    } else if (is_called(reference, "caddy")) {
        image.facts.command = Texts{"caddy", "run"};
        image.facts.environment["XDG_DATA_HOME"] = "/data";
        image.facts.volumes = Texts{"/config"};
    } else {
        image.facts.entrypoint = Texts{"/usr/bin/tini", "--"};
        image.facts.user = "mastodon";
        image.facts.working_folder = "/opt/mastodon";
        image.facts.environment["RAILS_ENV"] = "production";
    }
    return image;
}

const reconcilers::MigrationFiles& migrations_in(const specs::ImageRef& reference) {
    thread_local std::map<std::string, reconcilers::MigrationFiles> known;
    const auto found = known.find(reference.tag);
    if (found != known.end()) return found->second;
    return known.emplace(reference.tag, reconcilers::testing::migrations_of(reference))
        .first->second;
}

std::set<std::string> all_of(const reconcilers::MigrationFiles& files) {
    std::set<std::string> all;
    for (const auto& [version, name] : files.regular) all.insert(version);
    for (const auto& [version, name] : files.post_deployment) all.insert(version);
    return all;
}

}  // namespace matriarch::model
