// Drift: first seen, and how it ended. A row is one difference from its first to its last moment.
#include <algorithm>

#include "controller/store/journal.hpp"
#include "reconcilers/rollout.hpp"

namespace matriarch::controller {
namespace {

DriftEnding ending_of(const std::string& text) {
    if (text == "healed") return DriftEnding::healed;
    if (text == "accepted") return DriftEnding::accepted;
    return text == "gone" ? DriftEnding::gone : DriftEnding::open;
}

RecordedDrift drift_of(const Row& row) {
    const auto time = [&](std::size_t index) {
        return WallTime(std::chrono::milliseconds(number_at(row, index)));
    };
    RecordedDrift drift{.id = number_at(row, 0),
                        .instance = text_at(row, 1),
                        .revision = text_at(row, 2),
                        .resource = text_at(row, 3),
                        .field = text_at(row, 4),
                        .desired = text_at(row, 5),
                        .actual = text_at(row, 6),
                        .risk = text_at(row, 7),
                        .heal = text_at(row, 8),
                        .cause = text_at(row, 9),
                        .seen = time(10),
                        .healed = std::nullopt,
                        .ending = ending_of(text_at(row, 12)),
                        .until = text_at(row, 13),
                        .reason = text_at(row, 14)};
    if (number_at(row, 11) != 0) drift.healed = time(11);
    return drift;
}

// Two texts: the one that every look asks finds its few rows by an index.
constexpr const char* open_only =
    "SELECT * FROM (SELECT id, instance, revision, resource, field, desired, actual, risk, heal,"
    " cause, seen_ms, healed_ms, ending, until, reason FROM drifts LEFT JOIN ignored_drifts ON"
    " drift = id WHERE (?1 = '' OR instance = ?1) AND healed_ms IS NULL AND ?2 = 0"
    " ORDER BY id DESC LIMIT ?3) ORDER BY id";
constexpr const char* ended_since =
    "SELECT * FROM (SELECT id, instance, revision, resource, field, desired, actual, risk, heal,"
    " cause, seen_ms, healed_ms, ending, until, reason FROM drifts LEFT JOIN ignored_drifts ON"
    " drift = id WHERE (?1 = '' OR instance = ?1) AND (healed_ms IS NULL OR healed_ms >= ?2)"
    " ORDER BY id DESC LIMIT ?3) ORDER BY id";

}  // namespace

Result<void> Journal::note_ignored(std::int64_t id, const RecordedDrift& drift) {
    if (!drift.is_ignored()) {
        TRY(write("DELETE FROM ignored_drifts WHERE drift = ?", {id}));
        return {};
    }
    TRY(write("INSERT OR REPLACE INTO ignored_drifts (drift, until, reason) VALUES (?, ?, ?)",
              {id, drift.until, drift.reason}));
    return {};
}

Result<void> Journal::open_drift(const RecordedDrift& drift) {
    const std::int64_t id = TRY(write(
        "INSERT INTO drifts (instance, revision, resource, field, desired, actual, risk,"
        " heal, cause, seen_ms, ending) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')",
        {drift.instance, drift.revision, drift.resource, drift.field, drift.desired, drift.actual,
         drift.risk, drift.heal, drift.cause, drift.seen.time_since_epoch().count()}));
    return drift.is_ignored() ? note_ignored(id, drift) : Result<void>();
}

Result<void> Journal::change_drift(std::int64_t id, const RecordedDrift& drift) {
    TRY(
        write("UPDATE drifts SET field = ?1, desired = ?2, actual = ?3, risk = ?4, heal = ?5,"
              " cause = CASE ?6 WHEN '' THEN cause ELSE ?6 END WHERE id = ?7",
              {drift.field, drift.desired, drift.actual, drift.risk, drift.heal, drift.cause, id}));
    return note_ignored(id, drift);
}

Result<DriftEnding> Journal::end_drift(const RecordedDrift& drift, const std::string& revision) {
    // The newest steps are enough: what heals comes right after what was seen.
    const auto steps =
        TRY(read("SELECT 1 FROM (SELECT resource, outcome, at_ms FROM steps WHERE instance = ?1"
                 " ORDER BY id DESC LIMIT 500) WHERE outcome = 'ok' AND at_ms >= ?3 AND"
                 " (resource = ?2 OR substr(resource, 1, length(?2) + 1) = ?2 || ' ') LIMIT 1",
                 {drift.instance, drift.resource, drift.seen.time_since_epoch().count()}));
    DriftEnding ending = DriftEnding::gone;
    if (!steps.empty()) {
        ending = DriftEnding::healed;
    } else if (revision != drift.revision) {
        ending = DriftEnding::accepted;
    }
    TRY(write("UPDATE drifts SET healed_ms = ?, ending = ? WHERE id = ?",
              {now_ms(), to_text(ending), drift.id}));
    return ending;
}

Result<bool> Journal::is_away_by_us(const std::string& instance, const std::string& resource,
                                    WallTime before) {
    // One part may stand under either of two names; SQLite takes the action of the newest row.
    const std::string second = reconcilers::second_name("");
    const std::string first =
        resource.substr(0, resource.size() - (resource.ends_with(second) ? second.size() : 0));
    const auto rows =
        TRY(read("SELECT action, max(id) FROM (SELECT id, action, resource, outcome, at_ms FROM"
                 " steps WHERE instance = ?1 ORDER BY id DESC LIMIT 500) WHERE resource IN (?2, ?3)"
                 " AND outcome = 'ok' AND at_ms < ?4 GROUP BY resource",
                 {instance, first, first + second, before.time_since_epoch().count()}));
    return !rows.empty() && std::all_of(rows.begin(), rows.end(), [](const Row& row) {
        const std::string action = text_at(row, 0);
        return action == "stop" || action == "kill" || action == "remove" || action == "create";
    });
}

Result<bool> Journal::is_kept_down_by_us(const std::string& instance, const std::string& resource,
                                         WallTime seen) {
    // One that was cut off may have been done. What was seen may be from before the newest.
    const auto rows =
        TRY(read("SELECT reason, at_ms FROM steps WHERE instance = ?1 AND resource = ?2 AND"
                 " action = 'update' AND outcome IN ('ok', 'unknown') ORDER BY id DESC LIMIT 100",
                 {instance, resource}));
    for (const Row& row : rows) {
        if (text_at(row, 0).ends_with(reconcilers::kept_down)) return true;
        if (number_at(row, 1) < seen.time_since_epoch().count()) break;
    }
    return false;
}

Result<std::vector<RecordedDrift>> Journal::drifts(const DriftQuery& query) {
    const auto tables =
        TRY(read("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name IN"
                 " ('drifts', 'ignored_drifts')",
                 {}));
    if (tables.size() < 2) return std::vector<RecordedDrift>{};
    // Where there are too many, the newest count.
    const char* sql = query.ended_since ? ended_since : open_only;
    const std::int64_t since =
        query.ended_since ? query.ended_since->time_since_epoch().count() : 0;
    std::vector<RecordedDrift> all;
    for (const Row& row : TRY(read(sql, {query.instance, since, std::int64_t{query.rows_max}}))) {
        all.push_back(drift_of(row));
    }
    return all;
}

const char* to_text(DriftEnding ending) {
    switch (ending) {
        case DriftEnding::open:
            return "open";
        case DriftEnding::healed:
            return "healed";
        case DriftEnding::accepted:
            return "accepted";
        case DriftEnding::gone:
            return "gone";
    }
    return "open";
}

}  // namespace matriarch::controller
