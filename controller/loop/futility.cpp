// Somebody may err five times in a row; after that it is a quarrel. Who is away altogether is
// brought back however often.
#include "controller/loop/futility.hpp"

#include <algorithm>

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;

constexpr int free_times = 5;
constexpr std::chrono::milliseconds first_pause = 30s;
constexpr std::chrono::milliseconds pause_max = 1h;
/// A quarrel that takes its time costs nobody anything.
constexpr std::chrono::milliseconds soon = 2min;

}  // namespace

Futility Futility::recalled(const std::vector<RecordedDrift>& drifts, const std::string& revision) {
    Futility futility;
    for (const RecordedDrift& drift : drifts) {
        if (drift.revision == revision && !drift.is_ignored())
            futility.note(drift.resource, drift.field, drift.seen);
    }
    return futility;
}

void Futility::note(const std::string& resource, const std::string& field, WallTime now) {
    if (field == "existence" || field == "state") return;
    Again& again = known_[{resource, field}];
    if (now > std::max(again.until, again.last) + soon) again = {};
    again.last = now;
    if (++again.times <= free_times) return;
    const int doublings = std::min(again.times - free_times - 1, 10);
    again.until = now + std::min(pause_max, first_pause * (1 << doublings));
}

std::map<std::string, std::string> Futility::held(WallTime now) const {
    std::map<std::string, std::string> held;
    for (const auto& [key, again] : known_) {
        if (now >= again.until) continue;
        held[key.first] = key.second + " was changed " + std::to_string(again.times) +
                          " times, each time after it was put right; the next try is at " +
                          to_text(again.until);
    }
    return held;
}

}  // namespace matriarch::controller
