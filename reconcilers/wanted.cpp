// What all containers of an instance share: names, labels, posture, Mastodon's environment.
#include "reconcilers/wanted.hpp"

#include <algorithm>

#include "reconcilers/ignore.hpp"
#include "reconcilers/labels.hpp"
#include "specs/specs.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {

namespace {

/// What follows from a Wanted alone. A pass asks for it a dozen times, and making it anew took two
/// thirds of the pass (measured): the last two are kept, what is wanted and the station before it.
struct Everything {
    Wanted wanted{};
    std::vector<ContainerSpec> containers{};
    std::vector<specs::ImageRef> images{};
};

bool have_settled_the_same(const Wanted& left, const Wanted& right) {
    if (left.settled == right.settled) return true;
    return left.settled != nullptr && right.settled != nullptr && *left.settled == *right.settled;
}

bool is_same(const Wanted& left, const Wanted& right) {
    // What was settled matters for what is ignored only.
    const bool has_same_past = left.instance.ignore.empty() || have_settled_the_same(left, right);
    return has_same_past && left.revision == right.revision && left.instance == right.instance &&
           std::equal(left.secrets.begin(), left.secrets.end(), right.secrets.begin(),
                      right.secrets.end(), [](const auto& one, const auto& other) {
                          return one.first == other.first && one.second.is_same_as(other.second);
                      });
}

Everything make_everything(const Wanted& wanted) {
    Everything all{.wanted = wanted, .containers = {wanted_postgres(wanted), wanted_redis(wanted)}};
    for (const auto& part : {wanted_search(wanted), wanted_web(wanted), wanted_streaming(wanted),
                             wanted_sidekiq(wanted), wanted_edge(wanted), wanted_archive(wanted)}) {
        all.containers.insert(all.containers.end(), part.begin(), part.end());
    }
    for (const ContainerSpec& spec : all.containers) {
        if (std::find(all.images.begin(), all.images.end(), spec.image) == all.images.end()) {
            all.images.push_back(spec.image);
        }
    }
    return all;
}

const Everything& everything_of(const Wanted& wanted) {
    thread_local Everything last;
    thread_local Everything before;
    if (!last.containers.empty() && is_same(last.wanted, wanted)) return last;
    std::swap(last, before);
    if (last.containers.empty() || !is_same(last.wanted, wanted)) last = make_everything(wanted);
    return last;
}

}  // namespace

Names::Names(const specs::Instance& instance) : prefix_(instance.name) {
    internal_network = of("internal");
    external_network = of("external");
    postgres = of("postgres");
    redis = of("redis");
    search = of("search");
    edge = of("edge");
    postgres_volume = of("postgres-" + std::to_string(instance.postgres.version));
    redis_volume = of("redis");
    media_volume = of("media");
    backups_volume = of("backups");
    edge_volume = of("edge");
    search_volume = of("search");
    archive = of("archive");
    archive_volume = of("archive");
    socket_volume = of("socket");
}

ContainerSpec base_container(const Wanted& wanted, const std::string& name, const std::string& role,
                             const specs::ImageRef& image) {
    ContainerSpec spec{.name = name, .role = role, .image = image, .restart = "always"};
    spec.labels = {{label::instance, wanted.instance.name},
                   {label::role, role},
                   {label::compose_project, wanted.instance.name},
                   {label::compose_service, role}};
    if (!wanted.revision.empty()) spec.labels[label::revision] = wanted.revision;
    spec.ignored = ignores_of(wanted, role, name);
    return spec;
}

ContainerSpec finished(ContainerSpec spec) {
    std::sort(spec.mounts.begin(), spec.mounts.end());
    std::sort(spec.ports.begin(), spec.ports.end());
    for (auto& [network, aliases] : spec.networks) std::sort(aliases.begin(), aliases.end());
    spec.labels[label::spec] = short_digest(spec_digest(spec));
    return spec;
}

Environment mastodon_environment(const Wanted& wanted) {
    const specs::Instance& instance = wanted.instance;
    Environment environment;
    for (const auto& [name, value] : instance.settings) environment[name] = shown(value);
    for (const auto& [name, value] : wanted.secrets) {
        const bool for_mastodon = std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
        if (for_mastodon) environment[name] = hidden(value);
    }
    environment["LOCAL_DOMAIN"] = shown(instance.domain);
    if (!instance.web_domain.empty()) environment["WEB_DOMAIN"] = shown(instance.web_domain);
    environment["DB_HOST"] = shown("postgres");
    environment["DB_PORT"] = shown("5432");
    environment["DB_NAME"] = shown(database_name);
    environment["DB_USER"] = shown(database_user);
    environment["REDIS_HOST"] = shown("redis");
    environment["REDIS_PORT"] = shown("6379");
    if (instance.search.enabled) {
        environment["ES_ENABLED"] = shown("true");
        environment["ES_HOST"] = shown("search");
        environment["ES_PORT"] = shown("9200");
    }
    return environment;
}

std::vector<ContainerSpec> wanted_containers(const Wanted& wanted) {
    return everything_of(wanted).containers;
}

std::vector<ContainerSpec> wanted_of(const Wanted& wanted, const std::string& role) {
    const auto& containers = everything_of(wanted).containers;
    const auto is_it = [&](const ContainerSpec& spec) { return spec.role == role; };
    std::vector<ContainerSpec> all;
    all.reserve(static_cast<std::size_t>(std::ranges::count_if(containers, is_it)));
    std::ranges::copy_if(containers, std::back_inserter(all), is_it);
    return all;
}

bool is_app_role(const std::string& role) {
    return role == "web" || role == "streaming" || role == "sidekiq";
}

std::vector<WantedVolume> wanted_volumes(const Wanted& wanted) {
    const Names names(wanted.instance);
    std::vector<WantedVolume> volumes{{.name = names.postgres_volume, .role = "postgres"},
                                      {.name = names.redis_volume, .role = "redis"},
                                      {.name = names.media_volume, .role = "media"},
                                      {.name = names.backups_volume, .role = "backups"}};
    if (!wanted.instance.edge.external) {
        volumes.push_back({.name = names.edge_volume, .role = "edge", .is_data = false});
    }
    if (wanted.instance.search.enabled) {
        volumes.push_back({.name = names.search_volume, .role = "search", .is_data = false});
    }
    if (wanted.instance.backups.database.continuous) {
        volumes.push_back({.name = names.archive_volume, .role = "archive"});
        volumes.push_back({.name = names.socket_volume, .role = "socket", .is_data = false});
    }
    return volumes;
}

std::vector<specs::ImageRef> wanted_images(const Wanted& wanted) {
    return everything_of(wanted).images;
}

}  // namespace matriarch::reconcilers
