// Stations from the catalogue; what it does not know is judged by the migrations in the image.
#include "reconcilers/path.hpp"

#include <algorithm>
#include <set>

#include "reconcilers/postgres_major.hpp"
#include "reconcilers/schema.hpp"
#include "specs/catalogue.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

/// The oldest release of which something with Mastodon's code is there, running or stopped.
std::optional<specs::Version> serving(const World& world) {
    std::optional<specs::Version> oldest;
    std::set<std::pair<std::string, std::string>> asked;
    for (const auto& [name, container] : world.containers) {
        if (!is_app_role(container.spec.role) || container.state == RunState::created) continue;
        // Most are of one image, and an image has hundreds of migrations.
        if (!asked.emplace(container.image_id, container.image_reference).second) continue;
        const auto reference = specs::parse_image(container.image_reference);
        if (!reference) continue;
        const auto release = release_in(world, container.image_id, *reference);
        if (release && (!oldest || *release < *oldest)) oldest = release;
    }
    return oldest;
}

bool is_pinned(const specs::ImageRef& image) {
    return !image.tag.empty() || !image.digest.empty();
}

/// What the release itself says against two phases, if anything.
std::optional<std::string> objection(const specs::Version& from, const specs::Version& to,
                                     const World& world) {
    const specs::Release* release = specs::catalogue::find_or_before(to);
    if (release == nullptr) return std::nullopt;
    if (release->rolling_from && from < *release->rolling_from) {
        return to_text(to) + " runs beside releases from " + to_text(*release->rolling_from) +
               " on only";
    }
    const auto& applied = world.schema.applied;
    const std::string gate =
        specs::catalogue::number_of({.id = release->skip_post_gate, .name = ""});
    if (release->skip_post_gate != 0 && !applied.empty() && *applied.rbegin() < gate) {
        return to_text(to) + " refuses two phases on a schema from before " + gate;
    }
    return std::nullopt;
}

Hop direct(const specs::Version& from, const specs::Version& to, const World& world) {
    if (const auto what = objection(from, to, world)) {
        return {.version = to, .may_roll = false, .why = *what};
    }
    return {.version = to, .why = to_text(to) + " follows " + to_text(from)};
}

/// Without an order of releases the migrations decide: one that removes may be written for the
/// release in between, which is skipped.
Hop judged_by_migrations(const Wanted& wanted, const World& world) {
    const specs::Version& to = wanted.instance.mastodon;
    const MigrationFiles* files = wanted_migrations(wanted, world);
    if (files != nullptr && is_interleaved(schema_gap(*files, world))) {
        return {.version = to,
                .may_roll = false,
                .why = to_text(to) +
                       " is no known release, and a post-deployment migration of it comes before "
                       "a regular one"};
    }
    return {.version = to,
            .why = to_text(to) + " is no known release; its migrations allow two phases"};
}

}  // namespace

std::optional<specs::Version> release_in(const World& world, const std::string& image_id,
                                         const specs::ImageRef& reference) {
    const auto tag = specs::parse_version(reference.tag);
    const auto files = world.migrations.find(image_id);
    if (files != world.migrations.end()) {
        const MigrationFiles& own = files->second;
        const specs::Release* release =
            specs::catalogue::release_with([&](const std::string& migration) {
                return own.regular.contains(migration) || own.post_deployment.contains(migration);
            });
        const auto apart = release == nullptr || !tag
                               ? std::nullopt
                               : specs::catalogue::minors_between(release->version, *tag);
        // A tag says the patch release too; it is believed where both name the same minor one.
        if (release != nullptr && apart != std::optional<int>(0)) return release->version;
    }
    if (!tag) return std::nullopt;
    return *tag;
}

Path upgrade_path(const Wanted& wanted, const World& world) {
    const specs::Version& goal = wanted.instance.mastodon;
    Path path{.from = serving(world)};
    if (!path.from) {
        path.hops = {{.version = goal, .may_roll = false, .why = "nothing serves"}};
        return path;
    }
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    const auto to = image == nullptr ? goal
                                     : release_in(world, image->id,
                                                  specs::resolved_images(wanted.instance).mastodon)
                                           .value_or(goal);
    if (wanted.instance.upgrade.strategy == specs::Strategy::stop) {
        path.hops = {{.version = goal, .may_roll = false, .why = "upgrade.strategy is stop"}};
        return path;
    }
    const auto minors = specs::catalogue::minors_between(*path.from, to);
    if (!minors) {
        path.hops = {judged_by_migrations(wanted, world)};
        return path;
    }
    if (*minors <= 1) {
        path.hops = {direct(*path.from, goal, world)};
        return path;
    }
    const auto stations = specs::catalogue::stations(*path.from, to);
    if (!stations || is_pinned(wanted.instance.images.mastodon)) {
        path.hops = {{.version = goal,
                      .may_roll = false,
                      .why = "it skips " + std::to_string(*minors - 1) +
                             " minor releases whose images cannot be named"}};
        return path;
    }
    specs::Version before = *path.from;
    for (const specs::Version& station : *stations) {
        path.hops.push_back(direct(before, station, world));
        before = station;
    }
    path.hops.push_back(direct(before, goal, world));
    const auto stops = std::find_if(path.hops.begin(), path.hops.end(),
                                    [](const Hop& hop) { return !hop.may_roll; });
    // One stop is enough to go all the way.
    if (stops != path.hops.end()) {
        path.hops = {{.version = goal, .may_roll = false, .why = stops->why}};
    }
    return path;
}

Wanted at_station(Wanted wanted, const Hop& hop) {
    wanted.instance.mastodon = hop.version;
    return wanted;
}

bool is_on_the_way(const Wanted& station, const Wanted& goal) {
    return station.instance.mastodon != goal.instance.mastodon ||
           station.instance.postgres.version != goal.instance.postgres.version;
}

Wanted next_station(const Wanted& wanted, const World& world) {
    Wanted now = at_major_in_use(wanted, world);
    const Hop hop = upgrade_path(now, world).hops.front();
    return at_station(std::move(now), hop);
}

std::string in_words(const Path& path, const std::optional<std::string>& no_room) {
    if (!path.from || path.hops.empty() || *path.from == path.hops.back().version) return "";
    std::string text = to_text(*path.from);
    for (const Hop& hop : path.hops) {
        const bool rolls = hop.may_roll && !no_room;
        const std::string& why = hop.may_roll && no_room ? *no_room : hop.why;
        text +=
            " -> " + to_text(hop.version) + (rolls ? " (rolls: " : " (stops first: ") + why + ")";
    }
    return text;
}

}  // namespace matriarch::reconcilers
