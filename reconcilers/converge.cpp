// One container on its way to what is wanted: one `if` per situation, each returning after one
// step.
//
// Never creates on a volume whose identity was not seen (a missing volume would be made anew,
// empty), never replaces before the image is on this host, never removes what still runs.
#include "reconcilers/converge.hpp"

#include <algorithm>

#include "reconcilers/ignore.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/schema.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::milliseconds;

std::string image_to_run(const specs::ImageRef& reference, const ImageFacts& facts) {
    const std::string repository = specs::repository_text(reference);
    for (const std::string& digest : facts.repository_digests) {
        const auto parsed = specs::parse_image(digest);
        if (!parsed || specs::repository_text(*parsed) != repository) continue;
        return repository + (reference.tag.empty() ? "" : ":" + reference.tag) + "@" +
               parsed->digest;
    }
    return facts.id;
}

bool needs(const std::vector<Difference>& found, Remedy remedy) {
    return std::any_of(found.begin(), found.end(),
                       [&](const Difference& difference) { return difference.remedy == remedy; });
}

std::vector<Difference> only(const std::vector<Difference>& found, Remedy remedy) {
    std::vector<Difference> some;
    for (const Difference& difference : found) {
        if (difference.remedy == remedy) some.push_back(difference);
    }
    return some;
}

/// One call sets all of them: what is ignored is set to what it is.
specs::Limits limits_to_set(const ContainerSpec& spec, const World& world,
                            const ObservedContainer& observed) {
    specs::Limits limits = spec.limits;
    const specs::Limits& there = observed.spec.limits;
    if (ignore_of(spec, world, "memory") != nullptr) limits.memory = there.memory;
    if (ignore_of(spec, world, "cpus") != nullptr) limits.cpus = there.cpus;
    if (ignore_of(spec, world, "pids") != nullptr) limits.pids = there.pids;
    return limits;
}

std::string network_of(const Difference& difference) {
    return difference.field.substr(std::string("network ").size());
}

void reattach(const ContainerSpec& spec, const World& world, const ObservedContainer& observed,
              Steps& steps, const Difference& difference) {
    const std::string network = network_of(difference);
    const auto attached = observed.network_ids.find(network);
    if (attached != observed.network_ids.end()) {
        steps.add(DisconnectNetwork{.network_id = attached->second,
                                    .network = network,
                                    .id = observed.id,
                                    .name = observed.name},
                  in_words({difference}));
        return;
    }
    const auto known = world.networks.find(network);
    if (known == world.networks.end() || !spec.networks.contains(network)) return;
    steps.add(ConnectNetwork{.network_id = known->second.id,
                             .network = network,
                             .id = observed.id,
                             .name = observed.name,
                             .aliases = spec.networks.at(network)},
              in_words({difference}));
}

/// Running as made: what can be put right without a restart, else waiting until it is ready.
void tend(const ContainerSpec& spec, const World& world, const ObservedContainer& observed,
          Steps& steps) {
    if (put_right(spec, world, observed, steps) || observed.is_ready()) return;
    const bool is_sick = observed.health == Health::unhealthy;
    steps.add(Wait{"container " + observed.name, is_sick ? milliseconds(5000) : look_again},
              is_sick ? "running, but unhealthy" : "not yet ready");
}

/// Not running: what makes it run again.
void revive(const ContainerSpec& spec, const World& world, const ObservedContainer& observed,
            Steps& steps, const std::optional<std::string>& waits_for) {
    if (waits_for) {
        const bool lacks_image = world.image(spec.image) == nullptr;
        if (lacks_image && observed.state == RunState::exited && may_serve_again(observed, world)) {
            steps.add(StartContainer{observed.id, observed.name},
                      "serves until its new image is here");
            return;
        }
        steps.add(Wait{"container " + spec.name, look_again}, "waits for " + *waits_for);
        return;
    }
    if (observed.state == RunState::dead || observed.state == RunState::removing) {
        steps.add(RemoveContainer{observed.id, observed.name}, "dead");
        return;
    }
    if (put_right(spec, world, observed, steps)) return;
    steps.add(StartContainer{observed.id, observed.name}, "not running");
}

}  // namespace

bool put_right(const ContainerSpec& spec, const World& world, const ObservedContainer& observed,
               Steps& steps) {
    const auto found = differences_in(spec, world, observed);
    const bool needs_update = needs(found, Remedy::update);
    // Its restart policy tells the next process that it may end (see Observer::doubt).
    if (needs_update && observed.is_running() && observed.may_end()) {
        steps.add(Wait{"container " + observed.name, look_again},
                  "it was asked to stop, or may have been");
        return true;
    }
    if (needs_update) {
        steps.add(UpdateLimits{.id = observed.id,
                               .name = observed.name,
                               .limits = limits_to_set(spec, world, observed),
                               .restart = spec.restart},
                  in_words(only(found, Remedy::update)));
        return true;
    }
    if (!needs(found, Remedy::reattach)) return false;
    reattach(spec, world, observed, steps, only(found, Remedy::reattach).front());
    return true;
}

void plug_in(const ContainerSpec& spec, const World& world, const ObservedContainer& observed,
             Steps& steps) {
    for (const Difference& one : only(differences_in(spec, world, observed), Remedy::reattach)) {
        const bool is_on_it = observed.network_ids.contains(network_of(one));
        if (!is_on_it) reattach(spec, world, observed, steps, one);
    }
}

void create(const ContainerSpec& spec, const World& world, Steps& steps,
            const std::string& reason) {
    const ImageFacts* image = world.image(spec.image);
    CreateContainer action{.spec = spec, .image = image_to_run(spec.image, *image)};
    for (const auto& [network, aliases] : spec.networks) {
        action.network_ids[network] = world.networks.at(network).id;
    }
    for (const Mount& mount : spec.mounts) {
        const auto identity = world.identity.volumes.find(mount.volume);
        if (identity != world.identity.volumes.end()) {
            action.spec.labels[label::volume + "." + mount.volume] = identity->second.uuid;
        }
    }
    steps.add(std::move(action), reason);
}

std::vector<Difference> all_differences_in(const ContainerSpec& spec, const World& world,
                                           const ObservedContainer& observed) {
    const ImageFacts* image = world.image(spec.image);
    const auto made_from = world.images_by_id.find(observed.image_id);
    auto found = differences(spec, observed, image == nullptr ? std::string() : image->id,
                             made_from == world.images_by_id.end() ? nullptr : &made_from->second);
    // A network that was removed and made again has another id; a container cannot start on the old
    // one.
    for (const auto& [network, id] : observed.network_ids) {
        const auto known = world.networks.find(network);
        if (!id.empty() && known != world.networks.end() && known->second.id != id) {
            found.push_back({"network " + network, "the one that exists", "one that is gone",
                             Remedy::recreate});
        }
    }
    return found;
}

std::vector<Difference> differences_in(const ContainerSpec& spec, const World& world,
                                       const ObservedContainer& observed) {
    auto found = all_differences_in(spec, world, observed);
    std::erase_if(found, [&](const Difference& difference) {
        return ignore_of(spec, world, difference.field) != nullptr;
    });
    return found;
}

bool is_settled(const ContainerSpec& spec, const World& world) {
    const ObservedContainer* observed = world.container(spec.name);
    return observed != nullptr && observed->is_ready() &&
           differences_in(spec, world, *observed).empty();
}

std::optional<std::string> missing_ground(const ContainerSpec& spec, const World& world) {
    if (world.image(spec.image) == nullptr) return "image " + specs::to_text(spec.image);
    for (const auto& [network, aliases] : spec.networks) {
        if (!world.networks.contains(network)) return "network " + network;
    }
    for (const Mount& mount : spec.mounts) {
        const auto volume = world.volumes.find(mount.volume);
        if (volume == world.volumes.end()) return "volume " + mount.volume;
        const auto role = volume->second.labels.find(label::volume);
        const bool has_identity = role != volume->second.labels.end();
        const auto pinned = world.identity.volumes.find(mount.volume);
        const bool is_pinned = pinned != world.identity.volumes.end();
        if (!has_identity && !is_pinned) continue;
        if (!has_identity || !is_pinned || pinned->second.uuid != role->second ||
            pinned->second.created_at.empty()) {
            return "the identity of volume " + mount.volume;
        }
    }
    return std::nullopt;
}

void stop(const ObservedContainer& container, const World& world, Steps& steps,
          const std::string& reason, Downtime downtime) {
    if (!container.stopping_since) {
        const std::string& signal = container.spec.stop_signal;
        steps.add(SignalContainer{.id = container.id,
                                  .name = container.name,
                                  .signal = signal.empty() ? "SIGTERM" : signal},
                  reason, downtime);
        return;
    }
    if (world.now - *container.stopping_since >= container.spec.stop_grace) {
        steps.add(SignalContainer{.id = container.id, .name = container.name, .signal = "SIGKILL"},
                  "did not stop within " + to_text(container.spec.stop_grace), downtime);
        return;
    }
    steps.add(Wait{"container " + container.name, look_again}, "stopping: " + reason);
}

void discard(const ObservedContainer& container, const World& world, Steps& steps,
             const std::string& reason) {
    if (container.state == RunState::paused) {
        steps.add(UnpauseContainer{container.id, container.name}, reason);
    } else if (container.is_running() || container.state == RunState::restarting) {
        stop(container, world, steps, reason, Downtime::none);
    } else if (container.state != RunState::removing) {
        steps.add(RemoveContainer{container.id, container.name}, reason);
    }
}

void converge(const ContainerSpec& spec, const World& world, Steps& steps,
              const std::optional<std::string>& obstacle) {
    const ObservedContainer* observed = world.container(spec.name);
    if (world.taken_names.contains(spec.name)) {
        steps.block({.code = "name-taken",
                     .message = "container " + spec.name + " exists and is not ours",
                     .hint = "Rename or remove it, or choose another name for the instance."});
        return;
    }
    const auto missing = missing_ground(spec, world);
    const auto& waits_for = missing ? missing : obstacle;
    const auto found =
        observed == nullptr ? std::vector<Difference>{} : differences_in(spec, world, *observed);
    const bool must_be_replaced = needs(found, Remedy::recreate);

    if (observed == nullptr) {
        if (missing) {
            steps.add(Wait{"container " + spec.name, look_again}, "waits for " + *missing);
            return;
        }
        // Made while others still keep it from starting: that takes no time later.
        create(spec, world, steps, "not found");
        return;
    }
    if (observed->state == RunState::paused) {
        steps.add(UnpauseContainer{observed->id, observed->name}, "paused");
        return;
    }
    const bool runs = observed->is_running() || observed->state == RunState::restarting;
    if (must_be_replaced && !waits_for) {
        const std::string reason = in_words(only(found, Remedy::recreate));
        if (runs) {
            stop(*observed, world, steps, reason, Downtime::brief);
            return;
        }
        steps.add(RemoveContainer{observed->id, observed->name}, reason);
        return;
    }
    if (runs) {
        tend(spec, world, *observed, steps);
        // It serves meanwhile, but it is not what is wanted: nobody may take that for the end.
        if (must_be_replaced) {
            steps.add(Wait{"container " + spec.name, look_again}, "waits for " + *waits_for);
        }
        return;
    }
    revive(spec, world, *observed, steps, waits_for);
}

}  // namespace matriarch::reconcilers
