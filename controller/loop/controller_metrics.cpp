// What Prometheus is told: which series exist, and what they are after a pass. Times are
// timestamps, so that a rule can say how long ago; labels come from small closed sets.
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <limits>
#include <sstream>

#include "controller/base/files.hpp"
#include "controller/loop/controller.hpp"
#include "controller/loop/shown.hpp"

namespace matriarch::controller {
namespace {

double seconds(WallTime time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

/// The names that every Prometheus client uses for its own process.
void declare_own(Metrics& metrics) {
    metrics.declare({"process_resident_memory_bytes", MetricKind::gauge, "Resident memory."});
    metrics.declare({"process_cpu_seconds_total", MetricKind::counter, "Processor time used."});
    metrics.declare({"process_start_time_seconds", MetricKind::gauge, "When it was started."});
    metrics.declare({"process_open_fds", MetricKind::gauge, "Open file descriptors."});
    metrics.set("process_start_time_seconds", {}, seconds(SystemClock().now()));
}

void measure_own(Metrics& metrics) {
    std::istringstream pages(read_file("/proc/self/statm", 4096).value_or("").value_or(""));
    double size = 0;
    double resident = 0;
    if (pages >> size >> resident) {
        metrics.set("process_resident_memory_bytes", {},
                    resident * static_cast<double>(sysconf(_SC_PAGESIZE)));
    }
    metrics.set("process_cpu_seconds_total", {},
                static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC));
    std::error_code none;
    std::filesystem::directory_iterator files("/proc/self/fd", none);
    const auto open = std::distance(begin(files), end(files));
    metrics.set("process_open_fds", {}, static_cast<double>(open));
}

void declare_instances(Metrics& metrics) {
    metrics.declare({"matriarch_passes_total", MetricKind::counter, "Rounds over an instance."});
    metrics.declare(
        {"matriarch_pass_duration_seconds", MetricKind::gauge, "How long the last round took."});
    metrics.declare(
        {"matriarch_pass_seconds_total", MetricKind::counter, "How long all rounds took."});
    metrics.declare({"matriarch_pass_errors_total", MetricKind::counter,
                     "Rounds that failed, by kind: unavailable is Engine, registry or disk."});
    metrics.declare({"matriarch_last_pass_timestamp_seconds", MetricKind::gauge,
                     "When the last round came to its end."});
    metrics.declare(
        {"matriarch_steps_total", MetricKind::counter, "Steps tried, by action and outcome."});
    metrics.declare(
        {"matriarch_instance_ready", MetricKind::gauge, "1: every container runs and answers."});
    metrics.declare({"matriarch_instance_settled", MetricKind::gauge, "1: nothing to do."});
    metrics.declare({"matriarch_instance_condition", MetricKind::gauge,
                     "Conditions as status shows them, by type. 1: true."});
    metrics.declare({"matriarch_instance_memory_limit_bytes", MetricKind::gauge,
                     "Sum of the memory limits of its containers."});
    metrics.declare({"matriarch_drift_fields", MetricKind::gauge,
                     "Fields that differ from git now, without a commit asking for it."});
    metrics.declare({"matriarch_drift_seen_total", MetricKind::counter,
                     "Differences that were seen for the first time."});
    metrics.declare({"matriarch_drift_ended_total", MetricKind::counter,
                     "Differences that came to their end and were there at the next look."});
}

}  // namespace

void declare_metrics(Metrics& metrics) {
    metrics.declare({"matriarch_build_info", MetricKind::gauge, "Version of this program."});
    metrics.set("matriarch_build_info", {{"version", "0.1.0"}}, 1);
    declare_instances(metrics);
    metrics.declare({"matriarch_backup_age_seconds", MetricKind::gauge,
                     "Age of the data in the newest complete backup."});
    metrics.declare({"matriarch_backup_fresh", MetricKind::gauge,
                     "1: the newest complete backup is younger than its freshness."});
    metrics.declare({"matriarch_archive_behind_seconds", MetricKind::gauge,
                     "What was committed in this last time is in the database alone."});
    metrics.declare({"matriarch_event_stream_ends_total", MetricKind::counter,
                     "How often the Engine's event stream ended; looks go on without it."});
    metrics.declare({"matriarch_source_up", MetricKind::gauge,
                     "1: the fleet repository was reached the last time."});
    metrics.declare({"matriarch_source_in_force", MetricKind::gauge,
                     "1: the newest commit seen is the one in force."});
    metrics.declare({"matriarch_source_checked_timestamp_seconds", MetricKind::gauge,
                     "When the fleet repository was asked the last time."});
    metrics.declare({"matriarch_disk_free_bytes", MetricKind::gauge,
                     "Free bytes where the Engine keeps its data."});
    metrics.declare({"matriarch_disk_until_full_seconds", MetricKind::gauge,
                     "Time until that disk is full at the growth of the last week; +Inf: it does "
                     "not grow. Not there while it is not known."});
    metrics.declare({"matriarch_host_memory_bytes", MetricKind::gauge, "Memory of the host."});
    declare_own(metrics);
}

std::string Controller::metrics_text() {
    measure_own(metrics_);
    return metrics_.text();
}

void Controller::count_step(const std::string& instance, const reconcilers::Step& step,
                            bool is_done) {
    metrics_.add("matriarch_steps_total", {{"instance", instance},
                                           {"action", reconcilers::verb(step.action)},
                                           {"outcome", is_done ? "ok" : "failed"}});
}

void Controller::measure(const std::string& name, const reconcilers::InstanceStatus& status,
                         const DriftNews& drift) {
    const MetricLabels instance{{"instance", name}};
    metrics_.set("matriarch_instance_ready", instance, status.ready ? 1 : 0);
    metrics_.set("matriarch_instance_settled", instance, status.settled ? 1 : 0);
    for (const auto& condition : status.conditions) {
        metrics_.set("matriarch_instance_condition", {{"instance", name}, {"type", condition.type}},
                     condition.is_true ? 1 : 0);
    }
    Bytes limits{};
    for (const auto& container : status.containers) limits.count += container.memory.count;
    metrics_.set("matriarch_instance_memory_limit_bytes", instance,
                 static_cast<double>(limits.count));
    metrics_.set("matriarch_drift_fields", instance, static_cast<double>(open_count(status.drift)));
    metrics_.add("matriarch_drift_seen_total", instance, static_cast<double>(drift.opened.size()));
    metrics_.add("matriarch_drift_ended_total", instance, static_cast<double>(drift.ended.size()));
    if (status.host.memory.count != 0) {
        metrics_.set("matriarch_host_memory_bytes", {},
                     static_cast<double>(status.host.memory.count));
    }
    if (status.host.disk_free) {
        metrics_.set("matriarch_disk_free_bytes", {},
                     static_cast<double>(status.host.disk_free->count));
    }
    if (status.host.disk_free && status.host.disk_growth) {
        const auto until = reconcilers::until_full(status.host);
        metrics_.set(
            "matriarch_disk_until_full_seconds", {},
            until ? static_cast<double>(until->count()) : std::numeric_limits<double>::infinity());
    }
}

void Controller::measure_backups(const std::string& name,
                                 const reconcilers::InstanceStatus& status) {
    for (const reconcilers::BackupLine& line : status.backups) {
        const MetricLabels labels{{"instance", name}, {"kind", line.kind}};
        metrics_.set("matriarch_backup_fresh", labels, line.is_fresh ? 1 : 0);
        if (!line.last) continue;
        metrics_.set("matriarch_backup_age_seconds", labels, static_cast<double>(line.age.count()));
    }
    if (!status.archived) return;
    const std::chrono::duration<double> behind = status.seen - *status.archived;
    metrics_.set("matriarch_archive_behind_seconds", {{"instance", name}}, behind.count());
}

void Controller::measure_source(const SourceReport& source) {
    if (source.checked_at.time_since_epoch().count() == 0) return;
    metrics_.set("matriarch_source_up", {}, source.unreachable ? 0 : 1);
    metrics_.set("matriarch_source_in_force", {}, source.seen == source.accepted ? 1 : 0);
    metrics_.set("matriarch_source_checked_timestamp_seconds", {}, seconds(source.checked_at));
}

}  // namespace matriarch::controller
