// One row for each difference, from its first moment to its last. A container that is made anew to
// put it right is away for a while: that is the same difference, not another one.
#include "controller/loop/drift_book.hpp"

#include <algorithm>

#include "controller/base/log.hpp"

namespace matriarch::controller {

using reconcilers::DriftItem;

namespace {

bool is_away(const std::string& resource, const std::string& field) {
    return resource.starts_with("container ") && (field == "existence" || field == "state");
}

bool is_away(const DriftItem& item) {
    return is_away(item.resource, item.difference.field);
}

bool is_kept_down(const DriftItem& item) {
    return item.difference.field == "restart policy" && item.difference.actual == "no";
}

/// One container is away once, however: stopped, then removed.
bool is_same(const RecordedDrift& row, const DriftItem& item) {
    if (row.resource != item.resource) return false;
    return row.field == item.difference.field ||
           (is_away(item) && is_away(row.resource, row.field));
}

/// Whether the row has to say something else now. On its way back a container passes through states
/// that are our doing.
bool is_news(const DriftSighting& sighting, const RecordedDrift& row, const DriftItem& item) {
    const auto& [field, desired, actual, remedy] = item.difference;
    if (item.ignored.has_value() != row.is_ignored()) return true;
    if (item.ignored && (item.ignored->until != row.until || item.ignored->reason != row.reason)) {
        return true;
    }
    if (sighting.is_healing && is_away(item)) return row.field == "state" && field == "existence";
    return actual != row.actual || desired != row.desired || field != row.field ||
           item.heal != row.heal;
}

/// Its container is away, and comes back as wanted.
bool is_under_repair(const DriftSighting& sighting, const RecordedDrift& row) {
    return sighting.is_healing &&
           std::any_of(sighting.items.begin(), sighting.items.end(), [&](const auto& item) {
               return item.resource == row.resource && is_away(item);
           });
}

RecordedDrift row_of(const DriftSighting& sighting, const DriftItem& item) {
    return {.instance = sighting.instance,
            .revision = sighting.revision,
            .resource = item.resource,
            .field = item.difference.field,
            .desired = item.difference.desired,
            .actual = item.difference.actual,
            .risk = item.risk,
            .heal = item.heal,
            .cause = sighting.cause ? sighting.cause(item) : "",
            .seen = sighting.at,
            .until = item.ignored ? item.ignored->until : "",
            .reason = item.ignored ? item.ignored->reason : ""};
}

std::string in_words(const RecordedDrift& drift) {
    return drift.resource + " " + drift.field + ": wanted " + drift.desired + ", is " +
           drift.actual +
           (drift.is_ignored() ? "; ignored until " + drift.until + ": " + drift.reason : "");
}

Result<void> tell(Journal& journal, const RecordedDrift& drift, const std::string& kind,
                  const std::string& message) {
    const bool is_over = kind != "Drift" && kind != "Drift-ignored";
    log::info(is_over ? "drift is over" : "drift", {{log::key::instance, drift.instance},
                                                    {log::key::resource, drift.resource},
                                                    {"field", drift.field},
                                                    {"message", message}});
    TRY(journal.add_event({.instance = drift.instance,
                           .kind = kind,
                           .message = message,
                           .revision = drift.revision}));
    return {};
}

Result<void> tell_of(Journal& journal, const RecordedDrift& drift) {
    return tell(journal, drift, drift.is_ignored() ? "Drift-ignored" : "Drift",
                in_words(drift) + (drift.cause.empty() ? "" : "; " + drift.cause));
}

Result<void> begin(Journal& journal, const RecordedDrift& drift) {
    TRY(journal.open_drift(drift));
    return tell_of(journal, drift);
}

/// Its values changed; that it is ignored, or no longer is, people are told as of a new one.
Result<void> change(Journal& journal, const RecordedDrift& row, const RecordedDrift& now) {
    TRY(journal.change_drift(row.id, now));
    if (row.is_ignored() != now.is_ignored()) TRY(tell_of(journal, now));
    return {};
}

Result<void> end(Journal& journal, const RecordedDrift& drift, const std::string& revision) {
    const DriftEnding ending = TRY(journal.end_drift(drift, revision));
    return tell(journal, drift, std::string("Drift-") + to_text(ending),
                drift.resource + " " + drift.field + " is as wanted");
}

}  // namespace

void leave_out_own_doing(Journal& journal, reconcilers::InstanceStatus& status) {
    if (status.drift.empty()) return;
    const auto open = journal.drifts({.instance = status.name});
    std::erase_if(status.drift, [&](const DriftItem& item) {
        if (is_kept_down(item)) {
            return journal.is_kept_down_by_us(status.name, item.resource, status.seen)
                .value_or(false);
        }
        if (!is_away(item) || !open) return false;
        const bool is_under_way = std::any_of(open->begin(), open->end(), [&](const auto& row) {
            return row.resource == item.resource;
        });
        if (is_under_way) return false;
        return journal.is_away_by_us(status.name, item.resource, status.seen).value_or(false);
    });
    for (reconcilers::Condition& one : status.conditions) {
        if (one.type == "Drifted") one = reconcilers::drifted(status.drift);
    }
}

reconcilers::Restraint restraint_of(Journal& journal, const std::string& instance,
                                    specs::DriftPolicy policy) {
    const auto is_away_by_us = [&journal, instance](const std::string& container) {
        return journal.is_away_by_us(instance, "container " + container, SystemClock().now())
            .value_or(false);
    };
    const auto is_kept_down_by_us = [&journal, instance](const std::string& container) {
        return journal.is_kept_down_by_us(instance, "container " + container, SystemClock().now())
            .value_or(false);
    };
    return {.puts_nothing_back = policy == specs::DriftPolicy::report,
            .is_away_by_us = is_away_by_us,
            .is_kept_down_by_us = is_kept_down_by_us};
}

Result<DriftNews> note_drift(Journal& journal, const DriftSighting& sighting) {
    const DriftQuery of_instance{.instance = sighting.instance};
    DriftNews news{.open = TRY(journal.drifts(of_instance))};
    for (const RecordedDrift& row : news.open) {
        const auto found = std::find_if(sighting.items.begin(), sighting.items.end(),
                                        [&](const auto& item) { return is_same(row, item); });
        if (found != sighting.items.end()) {
            if (!is_news(sighting, row, *found)) continue;
            const RecordedDrift now = row_of(sighting, *found);
            TRY(change(journal, row, now));
            if (row.is_ignored() && now.is_open()) news.opened.push_back(now);
            news.is_changed = true;
        } else if (!is_under_repair(sighting, row)) {
            TRY(end(journal, row, sighting.revision));
            news.ended.push_back(row);
            news.is_changed = true;
        }
    }
    for (const DriftItem& item : sighting.items) {
        const bool is_known = std::any_of(news.open.begin(), news.open.end(), [&](const auto& row) {
            const bool is_repair =
                sighting.is_healing && row.resource == item.resource && is_away(item);
            return is_same(row, item) || is_repair;
        });
        if (is_known) continue;
        const RecordedDrift begun = row_of(sighting, item);
        TRY(begin(journal, begun));
        if (begun.is_open()) news.opened.push_back(begun);
        news.is_changed = true;
    }
    if (news.is_changed) news.open = TRY(journal.drifts(of_instance));
    return news;
}

std::vector<RecordedDrift> with_history(const DriftSighting& sighting,
                                        const std::vector<RecordedDrift>& history) {
    std::vector<RecordedDrift> all;
    for (const RecordedDrift& row : history) {
        if (row.healed) all.push_back(row);
    }
    for (const DriftItem& item : sighting.items) {
        RecordedDrift drift = row_of(sighting, item);
        for (const RecordedDrift& row : history) {
            if (row.healed || !is_same(row, item)) continue;
            drift.seen = row.seen;
            drift.cause = row.cause;
        }
        all.push_back(std::move(drift));
    }
    return all;
}

}  // namespace matriarch::controller
