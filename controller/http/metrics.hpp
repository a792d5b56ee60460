// Metrics: counters and gauges as Prometheus reads them (text format 0.0.4).
//
// A family is declared once, with its help; a series is its labels. Labels come from small closed
// sets (instance, role, action): never a revision, a message or anything else without an end.
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace matriarch::controller {

using MetricLabels = std::map<std::string, std::string>;

enum class MetricKind { counter, gauge };

struct MetricFamily {
    /// matriarch_..., with its unit last: _seconds, _bytes; counters end in _total.
    std::string name{};
    MetricKind kind{MetricKind::gauge};
    std::string help{};
};

/// Safe to use from any thread.
class Metrics {
 public:
    /// Declaring the same family again changes nothing.
    void declare(const MetricFamily& family);

    /// A gauge's value. The family must have been declared.
    void set(const std::string& name, const MetricLabels& labels, double value);
    /// A counter's step.
    void add(const std::string& name, const MetricLabels& labels, double step = 1);
    /// Drops every series that carries this label, when an instance has gone.
    void forget(const std::string& label, const std::string& value);

    /// The whole exposition, sorted.
    [[nodiscard]] std::string text() const;

 private:
    struct Family {
        MetricKind kind{MetricKind::gauge};
        std::string help{};
        std::map<MetricLabels, double> series{};
    };
    mutable std::mutex mutex_{};
    std::map<std::string, Family> families_{};
};

}  // namespace matriarch::controller
