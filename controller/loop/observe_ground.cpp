// What containers stand on: networks, volumes, images. What an inspection of a container implies is
// not asked again.
#include <algorithm>

#include "controller/loop/observe.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/path.hpp"
#include "reconcilers/rehearsal.hpp"
#include "specs/specs.hpp"

namespace matriarch::controller {

namespace {

/// Two references name the same thing to run, whatever digest one of them resolved to.
bool is_same_reference(const specs::ImageRef& wanted, const std::string& created_with) {
    const auto actual = specs::parse_image(created_with);
    if (!actual || specs::repository_text(*actual) != specs::repository_text(wanted)) return false;
    if (!wanted.digest.empty()) return actual->digest == wanted.digest;
    return actual->tag == wanted.tag && !actual->digest.empty();
}

/// A local image counts only if it was pulled from the repository that is asked for: a tag can be
/// set on anything by hand.
bool is_from_repository(const reconcilers::ImageFacts& facts, const specs::ImageRef& wanted) {
    return std::any_of(facts.repository_digests.begin(), facts.repository_digests.end(),
                       [&](const std::string& digest) {
                           const auto parsed = specs::parse_image(digest);
                           return parsed &&
                                  specs::repository_text(*parsed) == specs::repository_text(wanted);
                       });
}

}  // namespace

Result<void> Observer::networks(const Wanted& wanted, World& world, const Call& call) {
    const reconcilers::Names names(wanted.instance);
    std::vector<std::string> all{names.internal_network, names.external_network};
    if (may_rehearse(wanted, world)) all.push_back(reconcilers::rehearsal_network(wanted.instance));
    for (const std::string& name : all) {
        const reconcilers::ObservedNetwork* implied = nullptr;
        for (const auto& [container_name, container] : world.containers) {
            const auto attached = container.network_ids.find(name);
            if (!container.is_running() || attached == container.network_ids.end()) continue;
            const auto known = networks_by_id_.find(attached->second);
            if (known != networks_by_id_.end()) implied = &known->second;
        }
        if (implied != nullptr) {
            world.networks[name] = *implied;
            continue;
        }
        auto inspected = engine_.inspect_network(name, call);
        if (!inspected && inspected.error().kind == ErrorKind::conflict) {
            for (const std::string& id : TRY(engine_.list_networks(name, call))) {
                auto one = TRY(engine_.inspect_network(id, call));
                if (one) world.doubled_networks[name].push_back(std::move(*one));
            }
            continue;
        }
        if (!inspected) return fail(std::move(inspected).error());
        if (!*inspected || (*inspected)->name != name) continue;
        networks_by_id_[(*inspected)->id] = **inspected;
        world.networks[name] = std::move(**inspected);
    }
    return {};
}

/// What a network said of who is attached can be older than the list of containers: whoever is not
/// among ours is asked himself.
Result<void> Observer::strangers(const Wanted& wanted, World& world, const Call& call) {
    std::set<std::string> ours;
    for (const auto& [name, container] : world.containers) ours.insert(container.id);
    for (const auto& [name, network] : world.networks) {
        for (const std::string& id : network.attached) {
            if (ours.contains(id)) continue;
            const auto other = TRY(engine_.inspect_container(id, call));
            if (!other || !other->is_alive() || !other->network_ids.contains(name)) {
                networks_by_id_[network.id].attached.erase(id);
                continue;
            }
            if (reconcilers::label::is_of(other->spec.labels, wanted.instance.name)) continue;
            world.strangers.push_back(
                {.name = other->name, .network = name, .image = other->image_reference});
        }
    }
    return {};
}

Result<void> Observer::volumes(const Wanted& wanted, World& world, const Call& call) {
    auto all = reconcilers::wanted_volumes(reconcilers::next_station(wanted, world));
    for (auto& volume : reconcilers::wanted_volumes(wanted)) {
        const bool is_known = std::any_of(all.begin(), all.end(),
                                          [&](const auto& one) { return one.name == volume.name; });
        if (!is_known) all.push_back(std::move(volume));
    }
    for (const auto& volume : all) {
        std::string user;
        for (const auto& [name, container] : world.containers) {
            const auto& mounts = container.spec.mounts;
            if (std::any_of(mounts.begin(), mounts.end(),
                            [&](const auto& mount) { return mount.volume == volume.name; })) {
                user = container.id;
                break;
            }
        }
        const auto key = std::pair(volume.name, user);
        const auto implied = volumes_by_user_.find(key);
        if (!user.empty() && implied != volumes_by_user_.end()) {
            world.volumes[volume.name] = implied->second;
            continue;
        }
        auto inspected = TRY(engine_.inspect_volume(volume.name, call));
        if (!inspected) continue;
        if (!user.empty()) volumes_by_user_[key] = *inspected;
        world.volumes[volume.name] = std::move(*inspected);
    }
    return {};
}

Result<void> Observer::image_of(const std::string& id, World& world, const Call& call) {
    if (world.images_by_id.contains(id)) return {};
    auto known = images_by_id_.find(id);
    if (known == images_by_id_.end()) {
        auto inspected = TRY(engine_.inspect_image(id, call));
        if (!inspected) return {};
        known = images_by_id_.emplace(id, std::move(*inspected)).first;
    }
    world.images_by_id[id] = known->second;
    return {};
}

Result<void> Observer::images(const Wanted& wanted, World& world, const Call& call) {
    for (const auto& [name, container] : world.containers) {
        TRY(image_of(container.image_id, world, call));
    }
    auto all = reconcilers::wanted_images(wanted);
    const bool begins =
        !wanted.instance.bootstrap.restore.empty() && world.identity.volumes.empty();
    const bool is_asked_for = world.wish || !world.scratches.empty() || world.rehearsal_wish ||
                              reconcilers::must_rehearse(wanted);
    if (const auto& wish = world.rehearsal_wish) {
        all.push_back(reconcilers::rehearsed_image(wanted.instance, wish->version));
    }
    if (begins || world.identity.restoring || is_asked_for || world.due.database ||
        world.due.media || world.due.drill) {
        all.push_back(specs::resolved_images(wanted.instance).restic);
    }
    // What serves cleans its cache, also before an upgrade.
    if (world.due.cache && wanted.settled) {
        all.push_back(specs::resolved_images(*wanted.settled).mastodon);
    }
    // What is needed on the way follows from what runs.
    const Wanted station = reconcilers::next_station(wanted, world);
    if (reconcilers::is_on_the_way(station, wanted)) {
        const auto more = reconcilers::wanted_images(station);
        all.insert(all.end(), more.begin(), more.end());
    }
    for (const specs::ImageRef& image : all) {
        const std::string text = specs::to_text(image);
        if (world.images.contains(text)) continue;
        for (const auto& [name, container] : world.containers) {
            const auto facts = world.images_by_id.find(container.image_id);
            if (facts != world.images_by_id.end() &&
                is_same_reference(image, container.image_reference)) {
                world.images[text] = facts->second;
                break;
            }
        }
        if (world.images.contains(text)) continue;
        auto inspected = TRY(engine_.inspect_image(text, call));
        if (!inspected || !is_from_repository(*inspected, image)) continue;
        images_by_id_[inspected->id] = *inspected;
        world.images[text] = std::move(*inspected);
    }
    return {};
}

}  // namespace matriarch::controller
