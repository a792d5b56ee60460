// Passes, steps and events: written as they happen, read newest first.
// A row that was written is completed once and never rewritten.
#include "controller/store/journal.hpp"

namespace matriarch::controller {
namespace {

// Retention is exact to this many steps.
constexpr std::int64_t trim_every = 1'000;

WallTime time_at(const Row& row, std::size_t index) {
    return WallTime(std::chrono::milliseconds(number_at(row, index)));
}

Outcome outcome_of(const std::string& text) {
    if (text == "ok") return Outcome::ok;
    if (text == "failed") return Outcome::failed;
    return text == "intent" || text == "running" ? Outcome::running : Outcome::unknown;
}

RecordedEvent event_of(const Row& row) {
    return {.id = number_at(row, 0),
            .at = time_at(row, 1),
            .instance = text_at(row, 2),
            .kind = text_at(row, 3),
            .message = text_at(row, 4),
            .revision = text_at(row, 5)};
}

std::vector<RecordedEvent> events_of(const std::vector<Row>& rows) {
    std::vector<RecordedEvent> events;
    for (const Row& row : rows) events.push_back(event_of(row));
    return events;
}

}  // namespace

Result<std::int64_t> Journal::begin_pass(const std::string& instance, const std::string& revision) {
    return write(
        "INSERT INTO passes (instance, revision, began_ms, outcome, message)"
        " VALUES (?, ?, ?, 'running', '')",
        {instance, revision, now_ms()});
}

Result<void> Journal::end_pass(std::int64_t pass, Outcome outcome, const std::string& message) {
    TRY(write("UPDATE passes SET ended_ms = ?, outcome = ?, message = ? WHERE id = ?",
              {now_ms(), to_text(outcome), message, pass}));
    return {};
}

Result<std::int64_t> Journal::intend(const StepIntent& intent) {
    const std::int64_t id =
        TRY(write("INSERT INTO steps (pass, at_ms, instance, revision, action, resource, reason,"
                  " outcome, error, took_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 'intent', '', 0)",
                  {intent.pass, now_ms(), intent.instance, intent.revision, intent.action,
                   intent.resource, intent.reason},
                  Durability::at_once));
    if (id % trim_every == 0) TRY(trim());
    return id;
}

Result<void> Journal::conclude(std::int64_t step, const StepOutcome& outcome) {
    TRY(write("UPDATE steps SET outcome = ?, error = ?, took_ms = ? WHERE id = ?",
              {to_text(outcome.outcome), outcome.error, std::int64_t{outcome.took.count()}, step}));
    return {};
}

Result<std::vector<RecordedStep>> Journal::steps(const HistoryQuery& query) {
    const auto rows =
        TRY(read("SELECT id, at_ms, pass, instance, revision, action, resource, reason, outcome,"
                 " error, took_ms FROM steps WHERE ?1 = '' OR instance = ?1"
                 " ORDER BY id DESC LIMIT ?2",
                 {query.instance, std::int64_t{query.rows_max}}));
    std::vector<RecordedStep> steps;
    for (const Row& row : rows) {
        steps.push_back({.id = number_at(row, 0),
                         .at = time_at(row, 1),
                         .intent = {.pass = number_at(row, 2),
                                    .instance = text_at(row, 3),
                                    .revision = text_at(row, 4),
                                    .action = text_at(row, 5),
                                    .resource = text_at(row, 6),
                                    .reason = text_at(row, 7)},
                         .outcome = {.outcome = outcome_of(text_at(row, 8)),
                                     .error = text_at(row, 9),
                                     .took = std::chrono::milliseconds(number_at(row, 10))}});
    }
    return steps;
}

Result<std::vector<RecordedPass>> Journal::passes(const HistoryQuery& query) {
    const auto rows =
        TRY(read("SELECT id, instance, revision, began_ms, ended_ms, outcome, message FROM passes"
                 " WHERE ?1 = '' OR instance = ?1 ORDER BY id DESC LIMIT ?2",
                 {query.instance, std::int64_t{query.rows_max}}));
    std::vector<RecordedPass> passes;
    for (const Row& row : rows) {
        RecordedPass pass{.id = number_at(row, 0),
                          .instance = text_at(row, 1),
                          .revision = text_at(row, 2),
                          .began = time_at(row, 3),
                          .ended = std::nullopt,
                          .outcome = outcome_of(text_at(row, 5)),
                          .message = text_at(row, 6)};
        if (number_at(row, 4) != 0) pass.ended = time_at(row, 4);
        passes.push_back(std::move(pass));
    }
    return passes;
}

Result<std::int64_t> Journal::add_event(const RecordedEvent& event) {
    return write(
        "INSERT INTO events (at_ms, instance, kind, message, revision)"
        " VALUES (?, ?, ?, ?, ?)",
        {now_ms(), event.instance, event.kind, event.message, event.revision});
}

Result<std::vector<RecordedEvent>> Journal::events_since(std::int64_t since,
                                                         const HistoryQuery& query) {
    return events_of(
        TRY(read("SELECT id, at_ms, instance, kind, message, revision FROM events"
                 " WHERE id > ?1 AND (?2 = '' OR instance = ?2) ORDER BY id LIMIT ?3",
                 {since, query.instance, std::int64_t{query.rows_max}})));
}

Result<std::vector<RecordedEvent>> Journal::newest_events(const HistoryQuery& query) {
    return events_of(
        TRY(read("SELECT * FROM (SELECT id, at_ms, instance, kind, message, revision FROM events"
                 " WHERE ?1 = '' OR instance = ?1 ORDER BY id DESC LIMIT ?2) ORDER BY id",
                 {query.instance, std::int64_t{query.rows_max}})));
}

}  // namespace matriarch::controller
