// The order is the commit's; who is done is what was seen.
#include "controller/loop/waves.hpp"

#include <algorithm>

namespace matriarch::controller {

namespace {

/// More names say no more.
constexpr int names_max = 5;

}  // namespace

std::string earlier_wave(const Fleet& fleet, const std::string& name, const IsDone& is_done) {
    std::vector<std::string> names;
    for (const auto& [one, instance] : fleet.instances) names.push_back(one);
    const auto waves = specs::wave_of_each(fleet.waves, names);
    const int own = waves.at(name);
    int first = own;
    std::vector<std::string> waited_for;
    for (const auto& [one, wave] : waves) {
        if (wave >= own || wave > first || is_done(one)) continue;
        if (wave < first) waited_for.clear();
        first = wave;
        waited_for.push_back(one);
    }
    if (waited_for.empty()) return "";
    std::string text = "wave " + std::to_string(first) + ": ";
    for (std::size_t at = 0; at < waited_for.size() && at < names_max; ++at) {
        text += (at == 0 ? "" : ", ") + waited_for[at];
    }
    if (waited_for.size() > names_max) {
        text += " and " + std::to_string(waited_for.size() - names_max) + " more";
    }
    return text;
}

bool asks_its_wave(const WavePast& past, const std::string& wanted) {
    if (past.settled.empty() || past.settled == wanted || past.let_through == wanted) return false;
    return past.let_through.empty() || past.let_through == past.settled;
}

}  // namespace matriarch::controller
