// Lists, numbers and shares, read strictly: a slip must not let everybody go at once.
#include "specs/waves.hpp"

#include <algorithm>
#include <charconv>

#include "specs/values/shown.hpp"

namespace matriarch::specs {
namespace {

constexpr std::size_t waves_max = 50;
constexpr int count_max = 10'000;
constexpr const char* expected =
    "A wave is a list of instances, a number of them, or a share of all: "
    "waves: [[canary], 10, 25%].";

/// Nothing but digits, and within the range; 0: it is not.
int number_in(std::string_view text, int most) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = error == std::errc{} && end == text.data() + text.size();
    return is_whole && number >= 1 && number <= most ? number : 0;
}

Wave parse_wave(const Node& node, Findings& findings) {
    Wave wave;
    if (node.is_sequence() && !node.items.empty()) {
        for (const Node& item : node.items) {
            if (!item.is_scalar()) findings.add(item.place, "cannot read a wave", expected);
            wave.names.push_back(item.text);
        }
        return wave;
    }
    const bool is_share = node.is_scalar() && node.text.ends_with('%');
    if (is_share) {
        wave.percent = number_in(std::string_view(node.text).substr(0, node.text.size() - 1), 100);
    } else if (node.is_scalar() && !node.is_quoted) {
        wave.count = number_in(node.text, count_max);
    }
    if (wave.percent == 0 && wave.count == 0) {
        const std::string text =
            node.is_scalar() ? ": '" + shown(node.text, shown_bytes) + "'" : "";
        findings.add(node.place, "cannot read a wave" + text, expected);
    }
    return wave;
}

}  // namespace

std::vector<Wave> parse_waves(const Node& node, Findings& findings) {
    std::vector<Wave> waves;
    if (node.is_nothing()) return waves;
    if (!node.is_sequence() || node.items.size() > waves_max) {
        findings.add(
            node.place,
            "cannot read waves: a list of at most " + std::to_string(waves_max) + " is expected",
            expected);
        return waves;
    }
    for (const Node& item : node.items) waves.push_back(parse_wave(item, findings));
    return waves;
}

std::map<std::string, int> wave_of_each(const std::vector<Wave>& waves,
                                        const std::vector<std::string>& names) {
    std::map<std::string, int> places;
    for (std::size_t at = 0; at < waves.size(); ++at) {
        for (const std::string& name : waves[at].names) {
            places.emplace(name, static_cast<int>(at) + 1);
        }
    }
    std::vector<std::string> rest;
    std::copy_if(names.begin(), names.end(), std::back_inserter(rest),
                 [&](const std::string& name) { return !places.contains(name); });
    std::sort(rest.begin(), rest.end());
    auto next = rest.begin();
    const auto all = static_cast<std::ptrdiff_t>(names.size());
    for (std::size_t at = 0; at < waves.size(); ++at) {
        std::ptrdiff_t size = waves[at].count + (all * waves[at].percent + 99) / 100;
        for (; size > 0 && next != rest.end(); --size, ++next) {
            places.emplace(*next, static_cast<int>(at) + 1);
        }
    }
    for (; next != rest.end(); ++next) places.emplace(*next, static_cast<int>(waves.size()) + 1);
    std::erase_if(places, [&](const auto& one) {
        return std::find(names.begin(), names.end(), one.first) == names.end();
    });
    return places;
}

}  // namespace matriarch::specs
