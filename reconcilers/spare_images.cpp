// An image goes if we pulled it, no instance of the fleet runs, wants or would go back to it, and
// nothing else on the host has a hold on it. One more of each repository always stays: the release
// before, also where what was settled last differs in nothing but a limit.
#include "reconcilers/spare_images.hpp"

#include <algorithm>
#include <map>

#include "reconcilers/path.hpp"
#include "reconcilers/rehearsal.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

void add_all(const specs::Instance& instance, std::set<std::string>& names) {
    const specs::Images images = specs::resolved_images(instance);
    for (const specs::ImageRef& image : {images.mastodon, images.streaming, images.postgres,
                                         images.redis, images.edge, images.search, images.restic}) {
        names.insert(specs::to_text(image));
    }
}

std::string repository_in(const std::string& reference) {
    const auto image = specs::parse_image(reference);
    return image ? specs::repository_text(*image) : reference;
}

/// What is wanted now.
std::set<std::string> in_use(const Wanted& goal, const World& world) {
    std::set<std::string> names;
    add_all(goal.instance, names);
    if (world.rehearsal_wish) {
        names.insert(specs::to_text(rehearsed_image(goal.instance, world.rehearsal_wish->version)));
    }
    const Wanted station = next_station(goal, world);
    add_all(station.instance, names);
    for (const Wanted* wanted : {&goal, &station}) {
        for (const specs::ImageRef& image : wanted_images(*wanted)) {
            names.insert(specs::to_text(image));
        }
    }
    return names;
}

}  // namespace

std::set<std::string> needed_images(const Wanted& goal, const World& world) {
    std::set<std::string> names = in_use(goal, world);
    if (goal.settled) add_all(*goal.settled, names);
    for (const specs::Instance& instance : world.surroundings.ways_back) add_all(instance, names);
    return names;
}

std::vector<PulledImage> spare_images(const Wanted& goal, const World& world) {
    if (!world.surroundings.are_known || !world.pulling.empty()) return {};
    const std::set<std::string> used = in_use(goal, world);
    std::set<std::string> needed = needed_images(goal, world);
    std::set<std::string> has_way_back;
    for (const std::string& name : needed) {
        if (!used.contains(name)) has_way_back.insert(repository_in(name));
    }
    needed.insert(world.surroundings.images.begin(), world.surroundings.images.end());
    std::map<std::string, std::vector<PulledImage>> others;
    for (const PulledImage& image : world.pulled) {
        if (!needed.contains(image.reference)) {
            others[repository_in(image.reference)].push_back(image);
        }
    }
    std::vector<PulledImage> spare;
    for (auto& [repository, images] : others) {
        std::sort(images.begin(), images.end(), [](const PulledImage& a, const PulledImage& b) {
            return std::pair(b.pulled_at, b.reference) < std::pair(a.pulled_at, a.reference);
        });
        const auto first = images.begin() + (has_way_back.contains(repository) ? 0 : 1);
        spare.insert(spare.end(), first, images.end());
    }
    return spare;
}

void plan_spare_images(const Wanted& goal, const World& world, Steps& steps) {
    for (const PulledImage& image : spare_images(goal, world)) {
        if (world.held_images.contains(image.id)) continue;
        steps.add(RemoveImage{.id = image.id, .reference = image.reference},
                  "pulled by us, and needed no more");
    }
}

}  // namespace matriarch::reconcilers
