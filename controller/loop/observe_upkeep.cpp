// What is known of the upkeep of the host's disk: which times of `storage.cache` were served.
//
// A cleaning leaves nothing that could be asked, and its container may be gone: so each time that
// was served is kept among the facts, too.
#include <sstream>

#include "controller/loop/observe.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/labels.hpp"

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

}  // namespace

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
