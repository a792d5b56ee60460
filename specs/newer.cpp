// What keeps a release from being taken at all is asked here; how it is reached is the planner's.
#include "specs/newer.hpp"

#include <algorithm>

#include "specs/catalogue.hpp"

namespace matriarch::specs {
namespace {

bool is_same_line(const Version& one, const Version& other) {
    return one.major == other.major && one.minor == other.minor;
}

bool may_take(const Instance& instance, const Version& to) {
    if (catalogue::postgres_minimum(to) > instance.postgres.version) return false;
    const auto releases = catalogue::releases();
    return std::none_of(releases.begin(), releases.end(), [&](const Release* release) {
        if (release->version > to) return false;
        const auto& forbids = release->forbids;
        return std::any_of(forbids.begin(), forbids.end(), [&](const std::string& name) {
            return instance.settings.contains(name);
        });
    });
}

/// Also where a release in between did, of the same line or of the one that it goes to: another
/// line's has what this one has had already.
bool closes_a_hole(const Version& from, const Version& to, const Available& available) {
    const auto is_on_the_way = [&](const Version& one) {
        return one > from && one <= to && is_same_line(one, to);
    };
    for (const Release* release : catalogue::releases()) {
        if (release->is_security && is_on_the_way(release->version)) return true;
    }
    return std::any_of(available.begin(), available.end(),
                       [&](const auto& one) { return one.second && is_on_the_way(one.first); });
}

}  // namespace

Available known_releases() {
    Available available;
    for (const Release* release : catalogue::releases()) available.emplace(release->version, false);
    return available;
}

std::vector<NewerRelease> newer_releases(const Instance& instance, const Available& available) {
    const Version& from = instance.mastodon;
    const Version* of_line = nullptr;
    const Version* of_all = nullptr;
    // From the newest on: few are asked for, of many that there are.
    for (auto at = available.rbegin(); at != available.rend() && at->first > from; ++at) {
        const Version& version = at->first;
        const bool is_of_line = is_same_line(version, from);
        if (!version.is_plain() || (of_all != nullptr && !is_of_line)) continue;
        if (!may_take(instance, version)) continue;
        if (of_all == nullptr) of_all = &version;
        if (is_of_line) {
            of_line = &version;
            break;
        }
    }
    std::vector<NewerRelease> newer;
    for (const Version* version : {of_line, of_all}) {
        if (version == nullptr || (!newer.empty() && newer.back().version == *version)) continue;
        newer.push_back(
            {.version = *version, .is_security = closes_a_hole(from, *version, available)});
    }
    return newer;
}

}  // namespace matriarch::specs
