// Commits and what became of them, conditions and since when, facts that never change.
// A commit that once settled stays known as such, also when it fails later.
#include "controller/store/journal.hpp"

namespace matriarch::controller {
namespace {

WallTime time_at(const Row& row, std::size_t index) {
    return WallTime(std::chrono::milliseconds(number_at(row, index)));
}

RevisionOutcome revision_outcome_of(const std::string& text) {
    if (text == "seen") return RevisionOutcome::seen;
    if (text == "settled") return RevisionOutcome::settled;
    if (text == "invalid") return RevisionOutcome::invalid;
    return text == "blocked" ? RevisionOutcome::blocked : RevisionOutcome::failed;
}

RecordedRevision revision_of(const Row& row) {
    RecordedRevision revision{.instance = text_at(row, 0),
                              .revision = text_at(row, 1),
                              .author = text_at(row, 2),
                              .subject = text_at(row, 3),
                              .seen = time_at(row, 4),
                              .settled = std::nullopt,
                              .outcome = revision_outcome_of(text_at(row, 6)),
                              .message = text_at(row, 7)};
    if (number_at(row, 5) != 0) revision.settled = time_at(row, 5);
    return revision;
}

std::vector<RecordedCondition> conditions_of(const std::vector<Row>& rows) {
    std::vector<RecordedCondition> conditions;
    for (const Row& row : rows) {
        conditions.push_back({.instance = text_at(row, 0),
                              .type = text_at(row, 1),
                              .status = text_at(row, 2),
                              .reason = text_at(row, 3),
                              .message = text_at(row, 4),
                              .since = time_at(row, 5)});
    }
    return conditions;
}

}  // namespace

Result<void> Journal::see_revision(const RecordedRevision& revision) {
    TRY(
        write("INSERT INTO revisions (instance, revision, author, subject, seen_ms, outcome,"
              " message) VALUES (?, ?, ?, ?, ?, 'seen', '')"
              " ON CONFLICT (instance, revision) DO NOTHING",
              {revision.instance, revision.revision, revision.author, revision.subject, now_ms()}));
    return {};
}

Result<void> Journal::judge_revision(const std::string& instance, const std::string& revision,
                                     RevisionOutcome outcome, const std::string& message) {
    const bool is_settled = outcome == RevisionOutcome::settled;
    TRY(write(
        "UPDATE revisions SET outcome = ?1, message = ?2,"
        " settled_ms = coalesce(?3, settled_ms) WHERE instance = ?4 AND revision = ?5",
        {to_text(outcome), message, is_settled ? Column(now_ms()) : Column(), instance, revision}));
    return {};
}

Result<std::optional<RecordedRevision>> Journal::last_settled(const std::string& instance) {
    const auto rows =
        TRY(read("SELECT instance, revision, author, subject, seen_ms, settled_ms, outcome, message"
                 " FROM revisions WHERE instance = ? AND settled_ms IS NOT NULL"
                 " ORDER BY settled_ms DESC, id DESC LIMIT 1",
                 {instance}));
    if (rows.empty()) return std::optional<RecordedRevision>{};
    return std::optional<RecordedRevision>(revision_of(rows.front()));
}

Result<std::vector<RecordedRevision>> Journal::revisions(const HistoryQuery& query) {
    const auto rows =
        TRY(read("SELECT instance, revision, author, subject, seen_ms, settled_ms, outcome, message"
                 " FROM revisions WHERE ?1 = '' OR instance = ?1 ORDER BY id DESC LIMIT ?2",
                 {query.instance, std::int64_t{query.rows_max}}));
    std::vector<RecordedRevision> revisions;
    for (const Row& row : rows) revisions.push_back(revision_of(row));
    return revisions;
}

Result<bool> Journal::set_condition(const RecordedCondition& condition) {
    const auto before = conditions_of(
        TRY(read("SELECT instance, type, status, reason, message, since_ms FROM conditions"
                 " WHERE instance = ? AND type = ? ORDER BY id DESC LIMIT 1",
                 {condition.instance, condition.type})));
    const bool has_same_status = !before.empty() && before.front().status == condition.status;
    if (has_same_status && before.front().reason == condition.reason &&
        before.front().message == condition.message) {
        return false;
    }
    const std::int64_t since =
        has_same_status ? before.front().since.time_since_epoch().count() : now_ms();
    TRY(
        write("INSERT INTO conditions (instance, type, status, reason, message, since_ms)"
              " VALUES (?, ?, ?, ?, ?, ?)",
              {condition.instance, condition.type, condition.status, condition.reason,
               condition.message, since}));
    return true;
}

Result<std::vector<RecordedCondition>> Journal::conditions(const std::string& instance) {
    return conditions_of(
        TRY(read("SELECT instance, type, status, reason, message, since_ms FROM conditions"
                 " WHERE id IN (SELECT max(id) FROM conditions WHERE instance = ? GROUP BY type)"
                 " ORDER BY type",
                 {instance})));
}

Result<std::vector<RecordedCondition>> Journal::condition_history(const HistoryQuery& query) {
    return conditions_of(
        TRY(read("SELECT instance, type, status, reason, message, since_ms FROM conditions"
                 " WHERE ?1 = '' OR instance = ?1 ORDER BY id DESC LIMIT ?2",
                 {query.instance, std::int64_t{query.rows_max}})));
}

Result<void> Journal::keep_fact(const std::string& key, const std::string& value) {
    TRY(
        write("INSERT INTO facts (key, value, at_ms) VALUES (?, ?, ?)"
              " ON CONFLICT (key) DO UPDATE SET value = excluded.value, at_ms = excluded.at_ms",
              {key, value, now_ms()}));
    return {};
}

Result<std::optional<std::string>> Journal::fact(const std::string& key) {
    const auto rows = TRY(read("SELECT value FROM facts WHERE key = ?", {key}));
    if (rows.empty()) return std::optional<std::string>{};
    return std::optional<std::string>(text_at(rows.front(), 0));
}

}  // namespace matriarch::controller
