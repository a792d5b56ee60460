// The registry and its text.
// It never forgets a family; series go with their instance.
#include "controller/http/metrics.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "specs/values/check.hpp"

namespace matriarch::controller {
namespace {

/// Label values escape backslash, line feed and quote; help the first two.
std::string escaped(std::string_view text, std::string_view with_backslash) {
    std::string out;
    for (const char character : text) {
        if (character == '\n') {
            out += "\\n";
            continue;
        }
        if (with_backslash.find(character) != std::string_view::npos) out += '\\';
        out += character;
    }
    return out;
}

std::string number(double value) {
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end.ptr};
}

std::string series_line(const std::string& name, const MetricLabels& labels, double value) {
    std::string line = name;
    const char* before = "{";
    for (const auto& [key, text] : labels) {
        line += before + key + "=\"" + escaped(text, "\\\"") + "\"";
        before = ",";
    }
    if (!labels.empty()) line += "}";
    return line + " " + number(value) + "\n";
}

}  // namespace

void Metrics::declare(const MetricFamily& family) {
    const std::lock_guard lock(mutex_);
    families_.try_emplace(family.name, Family{.kind = family.kind, .help = family.help});
}

void Metrics::set(const std::string& name, const MetricLabels& labels, double value) {
    const std::lock_guard lock(mutex_);
    const auto family = families_.find(name);
    CHECK(family != families_.end(), "a metric is declared before it is set");
    family->second.series[labels] = value;
}

void Metrics::add(const std::string& name, const MetricLabels& labels, double step) {
    const std::lock_guard lock(mutex_);
    const auto family = families_.find(name);
    CHECK(family != families_.end(), "a metric is declared before it is counted");
    family->second.series[labels] += step;
}

void Metrics::forget(const std::string& label, const std::string& value) {
    const std::lock_guard lock(mutex_);
    for (auto& [name, family] : families_) {
        std::erase_if(family.series, [&](const auto& series) {
            const auto found = series.first.find(label);
            return found != series.first.end() && found->second == value;
        });
    }
}

std::string Metrics::text() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [name, family] : families_) {
        text += "# HELP " + name + " " + escaped(family.help, "\\") + "\n";
        text += "# TYPE " + name;
        text += family.kind == MetricKind::counter ? " counter\n" : " gauge\n";
        for (const auto& [labels, value] : family.series) text += series_line(name, labels, value);
    }
    return text;
}

}  // namespace matriarch::controller
