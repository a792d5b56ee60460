// What is known of the upkeep of the host's disk: which times of `storage.cache` were served, and
// who else has a hold on images that we pulled.
//
// A cleaning leaves nothing that could be asked, and its container may be gone: so each time that
// was served is kept among the facts, too.
#include <algorithm>
#include <sstream>

#include "controller/loop/observe.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/spare_images.hpp"
#include "specs/specs.hpp"

namespace matriarch::controller {

using reconcilers::Time;

namespace {

/// More would only be of use to a clock that goes back by more days than this.
constexpr std::size_t times_kept = 8;

std::set<Time> read_times(const std::string& text) {
    std::set<Time> times;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (const auto time = reconcilers::parse_slot(line)) times.insert(*time);
    }
    return times;
}

/// Under no other name than the one that we pulled it by.
bool is_ours_alone(const reconcilers::ImageFacts& image, const reconcilers::PulledImage& pulled) {
    const auto ours = specs::parse_image(pulled.reference);
    if (image.id != pulled.id || !ours) return false;
    const auto is_same = [&](const std::string& text, bool is_tag) {
        const auto other = specs::parse_image(text);
        return other && specs::repository_text(*other) == specs::repository_text(*ours) &&
               (!is_tag || other->tag == ours->tag);
    };
    return std::all_of(image.tags.begin(), image.tags.end(),
                       [&](const std::string& tag) { return is_same(tag, true); }) &&
           std::all_of(image.repository_digests.begin(), image.repository_digests.end(),
                       [&](const std::string& digest) { return is_same(digest, false); });
}

}  // namespace

/// Asked only where one is to go.
Result<void> Observer::pulled(const Wanted& wanted, World& world, const Call& call) {
    if (!facts_.pulled) return {};
    world.pulled = facts_.pulled();
    const auto spare = reconcilers::spare_images(wanted, world);
    if (spare.empty()) return {};
    std::set<std::string> used;
    for (const ContainerSummary& one : TRY(engine_.list_containers("", call))) {
        used.insert(one.image_id);
    }
    for (const reconcilers::PulledImage& image : spare) {
        const auto found = TRY(engine_.inspect_image(image.reference, call));
        if (!found || found->id != image.id) {
            // Gone, or another one has its name: it is none that we know of any more.
            std::erase(world.pulled, image);
            if (facts_.forget_pulled) facts_.forget_pulled(image);
        } else if (used.contains(image.id) || !is_ours_alone(*found, image)) {
            world.held_images.insert(image.id);
        }
    }
    return {};
}

void Observer::cleanings(const Wanted& wanted, World& world) const {
    const std::string key = "cache cleanings " + wanted.instance.name;
    const auto kept = facts_.load ? facts_.load(key) : std::nullopt;
    if (kept) world.cleanings = read_times(*kept);
    for (const auto& [name, job] : world.containers) {
        const auto subject = job.spec.labels.find(reconcilers::label::subject);
        const bool is_one = job.spec.role == reconcilers::cache_role && job.has_exited() &&
                            !job.was_killed() && subject != job.spec.labels.end();
        const auto slot = is_one ? reconcilers::parse_slot(subject->second) : Result<Time>(Time{});
        if (!is_one || !slot || !world.cleanings.insert(*slot).second) continue;
        std::string text;
        const auto& all = world.cleanings;
        const auto first = all.size() > times_kept ? all.size() - times_kept : 0;
        for (auto one = std::next(all.begin(), static_cast<std::ptrdiff_t>(first));
             one != all.end(); ++one) {
            text += reconcilers::slot_text(*one) + "\n";
        }
        if (facts_.save) facts_.save(key, text);
    }
}

}  // namespace matriarch::controller
