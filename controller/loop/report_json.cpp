// Statuses, plans and errors as JSON. Keys may be added, never renamed.
#include <boost/json.hpp>

#include "controller/loop/report.hpp"

namespace matriarch::controller {

namespace json = boost::json;
using namespace reconcilers;

namespace {

json::array drift_array(const std::vector<DriftItem>& items) {
    json::array array;
    for (const DriftItem& item : items) {
        array.push_back({{"resource", item.resource},
                         {"field", item.difference.field},
                         {"desired", item.difference.desired},
                         {"actual", item.difference.actual},
                         {"ignored", item.ignored ? json::value(item.ignored->reason) : nullptr}});
    }
    return array;
}

json::object plan_object(const InstancePlan& planned) {
    json::array steps;
    for (const PlannedStep& step : planned.plan.steps) {
        steps.push_back({{"id", step.id},
                         {"action", verb(step.step.action)},
                         {"resource", resource(step.step.action)},
                         {"reason", step.step.reason},
                         {"downtime", to_text(step.step.downtime)},
                         {"reversible", to_text(step.step.reversible)},
                         {"pass", step.pass}});
    }
    json::array blocked;
    for (const Blocked& block : planned.plan.blocked) {
        blocked.push_back({{"code", block.code}, {"message", block.message}, {"hint", block.hint}});
    }
    json::array migrations;
    for (const PendingMigration& one : planned.plan.migrations) {
        migrations.push_back({{"version", one.version},
                              {"name", one.name},
                              {"post_deployment", one.is_post_deployment}});
    }
    return {{"name", planned.name},
            {"path", planned.plan.path},
            {"migrations", std::move(migrations)},
            {"steps", std::move(steps)},
            {"drift", drift_array(planned.plan.drift)},
            {"blocked", std::move(blocked)},
            {"summary",
             {{"create", planned.plan.creates},
              {"update", planned.plan.updates},
              {"remove", planned.plan.removes}}}};
}

json::array problems_array(const std::vector<Error>& problems) {
    json::array array;
    for (const Error& problem : problems) {
        array.push_back({{"kind", to_text(problem.kind)},
                         {"message", problem.message},
                         {"hint", problem.hint},
                         {"where", problem.where}});
    }
    return array;
}

json::array conditions_array(const std::vector<RecordedCondition>& conditions) {
    json::array array;
    for (const RecordedCondition& condition : conditions) {
        array.push_back({{"type", condition.type},
                         {"status", condition.status},
                         {"reason", condition.reason},
                         {"message", condition.message},
                         {"since", to_text(condition.since)}});
    }
    return array;
}

json::array behind_array(const std::vector<specs::NewerRelease>& newer) {
    json::array array;
    for (const specs::NewerRelease& one : newer) {
        array.push_back({{"mastodon", to_text(one.version)}, {"security", one.is_security}});
    }
    return array;
}

json::object disk_object(const HostFacts& host) {
    const auto number = [](const auto& some) {
        return some ? json::value(some->count) : json::value(nullptr);
    };
    const auto until = until_full(host);
    return {{"free_bytes", number(host.disk_free)},
            {"growth_bytes_per_day", number(host.disk_growth)},
            {"full_in_days", until ? json::value(until->count() / 86400) : json::value(nullptr)}};
}

json::object backup_object(const InstanceStatus& status) {
    json::object backups{
        {"database", {{"last", nullptr}, {"age_seconds", nullptr}, {"fresh", false}}}};
    const auto time = [](const std::optional<Time>& at) {
        return at ? json::value(to_text(*at)) : json::value(nullptr);
    };
    for (const BackupLine& line : status.backups) {
        backups[line.kind] = {
            {"last", time(line.last)},
            {"age_seconds", line.last ? json::value(line.age.count()) : json::value(nullptr)},
            {"fresh", line.is_fresh},
            {"snapshot", line.snapshot},
            {"last_verified", time(line.last_verified)}};
    }
    if (status.archived) {
        const auto behind =
            std::chrono::floor<std::chrono::seconds>(status.seen - *status.archived);
        backups["archive"] = {{"until", time(status.archived)}, {"behind_seconds", behind.count()}};
    }
    return backups;
}

}  // namespace

std::string plan_json(const std::string& revision, const std::vector<InstancePlan>& plans) {
    json::array instances;
    for (const InstancePlan& planned : plans) instances.push_back(plan_object(planned));
    return json::serialize(
        json::object{{"schema", 1}, {"revision", revision}, {"instances", std::move(instances)}});
}

std::string status_json(const InstanceStatus& status, const StatusContext& context) {
    json::array containers;
    for (const ContainerLine& line : status.containers) {
        containers.push_back({{"name", line.name},
                              {"role", line.role},
                              {"state", line.state},
                              {"ready", line.ready},
                              {"image", line.image},
                              {"memory_bytes", line.memory.count}});
    }
    return json::serialize(json::object{
        {"name", status.name},
        {"wanted", {{"revision", status.wanted_revision}, {"mastodon", status.wanted_mastodon}}},
        {"running",
         {{"revision", context.running_revision}, {"mastodon", status.running_mastodon}}},
        {"ready", status.ready},
        {"settled", status.settled},
        {"suspended", context.is_suspended},
        {"conditions", conditions_array(context.conditions)},
        {"backup", backup_object(status)},
        {"disk", disk_object(status.host)},
        {"behind", behind_array(context.newer)},
        {"drift", open_count(status.drift)},
        {"waits_for", status.waits_for},
        {"containers", std::move(containers)},
        {"observed_at", to_text(context.observed_at)}});
}

std::string repository_json(const ObservedRepository& repository) {
    json::array snapshots;
    for (const Snapshot& one : repository.snapshots) {
        snapshots.push_back({{"id", one.id},
                             {"kind", one.kind},
                             {"slot", to_text(one.slot)},
                             {"taken", to_text(one.taken)},
                             {"complete", one.is_complete},
                             {"verified", one.is_verified},
                             {"recovery_seconds", one.recovery.count()}});
    }
    return json::serialize(json::object{{"repository", repository.id},
                                        {"listed_at", to_text(repository.listed_at)},
                                        {"snapshots", std::move(snapshots)}});
}

std::string status_document(const std::vector<std::string>& instances, const std::string& source) {
    json::array array;
    for (const std::string& text : instances) {
        boost::system::error_code error;
        json::value value = json::parse(text, error);
        if (!error) array.push_back(std::move(value));
    }
    json::object document{{"instances", std::move(array)}};
    boost::system::error_code error;
    json::value value = json::parse(source.empty() ? "null" : source, error);
    document["source"] = error ? json::value(nullptr) : std::move(value);
    return json::serialize(document);
}

std::string source_json(const SourceReport& source) {
    std::vector<Error> problems = source.problems;
    if (source.unreachable) problems.push_back(*source.unreachable);
    return json::serialize(json::object{{"url", source.url},
                                        {"branch", source.branch},
                                        {"seen", source.seen},
                                        {"accepted", source.accepted},
                                        {"problems", problems_array(problems)},
                                        {"checked_at", to_text(source.checked_at)}});
}

std::string event_json(const RecordedEvent& event) {
    return json::serialize(json::object{{"id", event.id},
                                        {"at", to_text(event.at)},
                                        {"instance", event.instance},
                                        {"kind", event.kind},
                                        {"message", event.message},
                                        {"revision", event.revision}});
}

std::string error_json(const std::vector<Error>& errors) {
    return json::serialize(json::object{{"errors", problems_array(errors)}});
}

std::string revision_in_status(const std::string& status) {
    boost::system::error_code ignored;
    const auto document = json::parse(status, ignored);
    const auto* const wanted =
        document.is_object() ? document.as_object().if_contains("wanted") : nullptr;
    const auto* const revision = wanted != nullptr && wanted->is_object()
                                     ? wanted->as_object().if_contains("revision")
                                     : nullptr;
    if (revision == nullptr || !revision->is_string()) return "";
    return std::string(revision->as_string());
}

std::string rehearsal_json(const Rehearsal& rehearsal) {
    json::array phases;
    for (const RehearsedPhase& one : rehearsal.phases) {
        phases.push_back(
            {{"name", one.name}, {"took_ms", one.took.count()}, {"exit_code", one.exit_code}});
    }
    json::array migrations;
    for (const RehearsedMigration& one : rehearsal.migrations) {
        migrations.push_back(
            {{"version", one.version}, {"name", one.name}, {"took_ms", one.took.count()}});
    }
    json::array locks;
    for (const HeldLock& one : rehearsal.locks) {
        locks.push_back({{"table", one.table}, {"mode", one.mode}, {"held_ms", one.held.count()}});
    }
    return json::serialize(json::value{{"version", to_text(rehearsal.version)},
                                       {"passed", rehearsal.has_passed()},
                                       {"backup", slot_text(rehearsal.slot)},
                                       {"ended", slot_text(rehearsal.ended)},
                                       {"phases", std::move(phases)},
                                       {"migrations", std::move(migrations)},
                                       {"locks", std::move(locks)},
                                       {"disk_before", rehearsal.disk_before.count},
                                       {"disk_peak", rehearsal.disk_peak.count},
                                       {"memory_peak", rehearsal.memory_peak.count},
                                       {"calls_out", rehearsal.calls_out},
                                       {"last_words", rehearsal.last_words}});
}

}  // namespace matriarch::controller
