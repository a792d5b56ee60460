// What the controller lets the HTTP server see: snapshots behind one lock, and nothing else.
#include "controller/loop/controller.hpp"
#include "controller/loop/shown.hpp"

namespace matriarch::controller {

using std::chrono::steady_clock;

void declare_metrics(Metrics& metrics) {
    metrics.declare({"matriarch_build_info", MetricKind::gauge, "Version of this program."});
    metrics.declare({"matriarch_passes_total", MetricKind::counter, "Rounds over an instance."});
    metrics.declare(
        {"matriarch_pass_duration_seconds", MetricKind::gauge, "How long the last round took."});
    metrics.declare(
        {"matriarch_steps_total", MetricKind::counter, "Steps tried, by action and outcome."});
    metrics.declare(
        {"matriarch_instance_ready", MetricKind::gauge, "1: every container runs and answers."});
    metrics.declare({"matriarch_instance_settled", MetricKind::gauge, "1: nothing to do."});
    metrics.declare(
        {"matriarch_drift_fields", MetricKind::gauge, "Fields that differ from git now."});
    metrics.declare({"matriarch_backup_age_seconds", MetricKind::gauge,
                     "Age of the data in the newest complete backup."});
    metrics.declare({"matriarch_backup_fresh", MetricKind::gauge,
                     "1: the newest complete backup is younger than its freshness."});
    metrics.set("matriarch_build_info", {{"version", "0.1.0"}}, 1);
}

OverviewInstance shown(const reconcilers::InstanceStatus& status) {
    OverviewInstance instance{.name = status.name,
                              .wanted_revision = status.wanted_revision,
                              .wanted_version = status.wanted_mastodon,
                              .running_revision = status.settled ? status.wanted_revision : "",
                              .running_version = status.running_mastodon,
                              .is_ready = status.ready};
    for (const auto& condition : status.conditions) {
        instance.conditions.push_back({.type = condition.type,
                                       .status = condition.is_true ? "True" : "False",
                                       .reason = condition.reason,
                                       .message = condition.message});
    }
    return instance;
}

void Controller::measure_backups(const std::string& name,
                                 const reconcilers::InstanceStatus& status) {
    for (const reconcilers::BackupLine& line : status.backups) {
        const MetricLabels labels{{"instance", name}, {"kind", line.kind}};
        metrics_.set("matriarch_backup_fresh", labels, line.is_fresh ? 1 : 0);
        if (!line.last) continue;
        metrics_.set("matriarch_backup_age_seconds", labels, static_cast<double>(line.age.count()));
    }
}

void Controller::count_step(const std::string& instance, const reconcilers::Step& step,
                            bool is_done) {
    metrics_.add("matriarch_steps_total", {{"instance", instance},
                                           {"action", reconcilers::verb(step.action)},
                                           {"outcome", is_done ? "ok" : "failed"}});
}

std::string Controller::status_json() const {
    const std::lock_guard guard(published_mutex_);
    std::vector<std::string> instances;
    for (const auto& [name, text] : published_) instances.push_back(text);
    return status_document(instances, published_source_);
}

Readiness Controller::readiness() const {
    const std::lock_guard guard(published_mutex_);
    if (last_success_.time_since_epoch().count() == 0) return {false, "no pass has finished yet"};
    if (steady_clock::now() - last_success_ > 3 * options_.interval) {
        return {false, "no pass has finished for three intervals"};
    }
    return {true, ""};
}

Overview Controller::overview() {
    Overview overview{.at = SystemClock().now()};
    if (const auto events = journal_.newest_events({.rows_max = 30})) {
        for (auto event = events->rbegin(); event != events->rend(); ++event) {
            overview.events.push_back({event->at, event->instance, event->kind, event->message});
        }
    }
    const std::lock_guard guard(published_mutex_);
    for (const auto& [name, instance] : shown_) overview.instances.push_back(instance);
    return overview;
}

Pages Controller::pages() {
    return {.readiness = [this] { return readiness(); },
            .status_json = [this] { return status_json(); },
            .instance_status_json = [this](const std::string& name) -> std::optional<std::string> {
                const std::lock_guard guard(published_mutex_);
                const auto found = published_.find(name);
                if (found == published_.end()) return std::nullopt;
                return found->second;
            },
            .events_json =
                [this](std::int64_t since) {
                    std::string lines;
                    const auto events = journal_.events_since(since, {.rows_max = 500});
                    if (!events) return lines;
                    for (const RecordedEvent& event : *events) {
                        lines += (lines.empty() ? "[" : ",") + event_json(event);
                    }
                    return lines.empty() ? std::string("[]") : lines + "]";
                },
            .metrics_text = [this] { return metrics_.text(); },
            .overview = [this] { return overview(); }};
}

}  // namespace matriarch::controller
