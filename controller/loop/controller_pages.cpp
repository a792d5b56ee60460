// What the controller lets the HTTP server see: snapshots behind one lock, and nothing else.
#include "controller/loop/controller.hpp"
#include "controller/loop/shown.hpp"

namespace matriarch::controller {

using std::chrono::steady_clock;

OverviewInstance shown(const reconcilers::InstanceStatus& status) {
    OverviewInstance instance{.name = status.name,
                              .wanted_revision = status.wanted_revision,
                              .wanted_version = status.wanted_mastodon,
                              .running_revision = status.settled ? status.wanted_revision : "",
                              .running_version = status.running_mastodon,
                              .is_ready = status.ready,
                              .waits_for = status.waits_for,
                              .open_drift = static_cast<int>(open_count(status.drift))};
    for (const auto& condition : status.conditions) {
        instance.conditions.push_back({.type = condition.type,
                                       .status = condition.is_true ? "True" : "False",
                                       .reason = condition.reason,
                                       .message = condition.message});
    }
    for (const auto& container : status.containers) {
        instance.containers.push_back({.name = container.name,
                                       .state = container.state,
                                       .image = container.image,
                                       .memory = to_text(container.memory),
                                       .is_ready = container.ready});
        instance.memory_limit.count += container.memory.count;
    }
    for (const auto& backup : status.backups) {
        instance.backups.push_back({.kind = backup.kind,
                                    .last = backup.last.value_or(WallTime{}),
                                    .is_fresh = backup.is_fresh,
                                    .verified = backup.last_verified.value_or(WallTime{})});
    }
    for (const reconcilers::Snapshot& one : status.snapshots) {
        instance.snapshots.push_back(
            {.kind = one.kind, .taken = one.taken, .is_verified = one.is_verified});
    }
    return instance;
}

namespace {

constexpr int events_shown = 30;
constexpr int commits_shown = 20;
constexpr std::size_t drift_shown = 50;

OverviewDrift shown(const RecordedDrift& row) {
    const bool is_left = !row.healed && row.is_ignored();
    return {.what = row.resource + " " + row.field,
            .desired = row.desired,
            .actual = row.actual,
            .cause = is_left ? row.reason : row.cause,
            .risk = row.risk,
            .since = row.seen,
            .ending = is_left ? "ignored until " + row.until : to_text(row.ending),
            .is_open = !row.healed};
}

void add_history(Journal& journal, OverviewInstance& instance) {
    if (const auto conditions = journal.conditions(instance.name)) {
        instance.conditions.clear();
        for (const RecordedCondition& one : *conditions) {
            instance.conditions.push_back(
                {one.type, one.status, one.reason, one.message, one.since});
        }
    }
    const auto week_ago = SystemClock().now() - std::chrono::days(7);
    if (const auto drifts = journal.drifts({.instance = instance.name, .ended_since = week_ago})) {
        for (auto one = drifts->rbegin(); one != drifts->rend(); ++one) {
            const OverviewDrift drift = shown(*one);
            const auto place = drift.is_open ? instance.drift.begin() : instance.drift.end();
            instance.drift.insert(place, drift);
        }
        if (instance.drift.size() > drift_shown) instance.drift.resize(drift_shown);
    }
    const auto revisions =
        journal.revisions({.instance = instance.name, .rows_max = commits_shown});
    if (!revisions) return;
    for (const RecordedRevision& one : *revisions) {
        instance.commits.push_back({.revision = one.revision,
                                    .subject = one.subject,
                                    .author = one.author,
                                    .outcome = to_text(one.outcome),
                                    .message = one.message,
                                    .seen = one.seen});
    }
}

void add_events(Journal& journal, const std::string& instance, Overview& overview) {
    const auto events = journal.newest_events({.instance = instance, .rows_max = events_shown});
    if (!events) return;
    for (auto event = events->rbegin(); event != events->rend(); ++event) {
        overview.events.push_back({event->at, event->instance, event->kind, event->message});
    }
}

void add_host(const reconcilers::HostFacts& host, Overview& overview) {
    overview.host_memory = host.memory;
    overview.disk_free = host.disk_free.value_or(Bytes{});
}

}  // namespace

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
    add_events(journal_, "", overview);
    if (const auto samples = journal_.disk_samples()) {
        for (const DiskSample& one : *samples) overview.disk.push_back({one.at, one.free});
    }
    const std::lock_guard guard(published_mutex_);
    add_host(host_, overview);
    for (const auto& [name, instance] : shown_) overview.instances.push_back(instance);
    return overview;
}

std::optional<Overview> Controller::overview_of(const std::string& name) {
    Overview overview{.at = SystemClock().now()};
    {
        const std::lock_guard guard(published_mutex_);
        const auto found = shown_.find(name);
        if (found == shown_.end()) return std::nullopt;
        overview.instances.push_back(found->second);
        add_host(host_, overview);
    }
    add_history(journal_, overview.instances.front());
    add_events(journal_, name, overview);
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
            .drift_json =
                [this] {
                    const auto day_ago = SystemClock().now() - std::chrono::hours(24);
                    const auto drifts = journal_.drifts({.ended_since = day_ago});
                    return drift_json(drifts ? *drifts : std::vector<RecordedDrift>{});
                },
            .metrics_text = [this] { return metrics_text(); },
            .overview = [this] { return overview(); },
            .version = [this] { return version_.load(); },
            .instance = [this](const std::string& name) { return overview_of(name); }};
}

}  // namespace matriarch::controller
