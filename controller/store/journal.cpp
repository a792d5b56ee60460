// The journal's life: opened, repaired by beginning anew, trimmed.
// Trouble with the file is never a reason to stop working.
#include "controller/store/journal.hpp"

#include <system_error>

#include "controller/base/log.hpp"
#include "schema.hpp"

namespace matriarch::controller {
namespace {

namespace fs = std::filesystem;

// Rises when a table changes in a way that `IF NOT EXISTS` does not see.
constexpr std::int64_t schema_version = 1;

/// Opens the file and sees that the tables are ours. Errors: unavailable, failed.
Result<Database> open_checked(const fs::path& path) {
    Database database = TRY(Database::open(path, Access::read_and_write));
    const auto version = TRY(database.read("PRAGMA user_version", {}));
    const std::int64_t found = version.empty() ? 0 : number_at(version.front(), 0);
    if (found > schema_version) {
        return fail(ErrorKind::failed,
                    "cannot use " + path.string() + ": a newer version wrote it");
    }
    TRY(database.run_script(journal_schema));
    TRY(database.run_script("PRAGMA user_version = 1"));
    // Touches every table: a file that is damaged at its root shows it here.
    TRY(
        database.read("SELECT (SELECT max(id) FROM passes), (SELECT max(id) FROM steps),"
                      " (SELECT max(id) FROM events), (SELECT max(id) FROM revisions),"
                      " (SELECT max(id) FROM conditions), (SELECT max(key) FROM facts),"
                      " (SELECT max(id) FROM drifts), (SELECT max(drift) FROM ignored_drifts), "
                      "(SELECT max(id) FROM images),"
                      " (SELECT max(at_ms) FROM disk_samples),"
                      " (SELECT max(number) FROM reviewed_plans)",
                      {}));
    return database;
}

/// Renames the database and what belongs to it; what cannot be renamed is removed.
void move_aside(const fs::path& path, WallTime now) {
    const std::string suffix = ".broken-" + std::to_string(now.time_since_epoch().count());
    for (const char* part : {"", "-wal", "-shm"}) {
        const fs::path from = path.string() + part;
        std::error_code error;
        fs::rename(from, path.string() + suffix + part, error);
        if (error) fs::remove_all(from, error);
    }
}

void warn_of(const Error& why) {
    log::warn("moved a journal aside and began a new one",
              {{log::key::error, why.message}, {log::key::kind, to_text(why.kind)}});
}

}  // namespace

Journal::Journal(fs::path path, const Clock& clock, Retention retention, Database database)
    : path_(std::move(path)),
      clock_(clock),
      retention_(retention),
      database_(std::move(database)) {}

Result<std::unique_ptr<Journal>> Journal::open(const fs::path& path, const Clock& clock,
                                               Retention retention) {
    auto database = open_checked(path);
    if (!database) {
        warn_of(database.error());
        move_aside(path, clock.now());
        database = open_checked(path);
    }
    if (!database) return fail(std::move(database).error());
    std::unique_ptr<Journal> journal(new Journal(path, clock, retention, std::move(*database)));
    TRY(journal->write("UPDATE steps SET outcome = 'unknown' WHERE outcome = 'intent'", {}));
    TRY(journal->write("UPDATE passes SET outcome = 'unknown' WHERE outcome = 'running'", {}));
    TRY(journal->trim());
    return journal;
}

Result<std::unique_ptr<Journal>> Journal::open_to_read(const fs::path& path, const Clock& clock) {
    Database database = TRY(Database::open(path, Access::read_only));
    return std::unique_ptr<Journal>(new Journal(path, clock, {}, std::move(database)));
}

std::int64_t Journal::now_ms() const {
    return clock_.now().time_since_epoch().count();
}

Result<void> Journal::begin_anew(const Error& why) {
    warn_of(why);
    database_.close();
    move_aside(path_, clock_.now());
    database_ = TRY(open_checked(path_));
    return {};
}

Result<std::int64_t> Journal::write(const char* sql, const Row& values, Durability durability) {
    const std::lock_guard lock(mutex_);
    const auto written = database_.write(sql, values, durability);
    if (written || written.error().kind != ErrorKind::failed) return written;
    TRY(begin_anew(written.error()));
    return database_.write(sql, values, durability);
}

Result<std::vector<Row>> Journal::read(const char* sql, const Row& values) {
    const std::lock_guard lock(mutex_);
    return database_.read(sql, values);
}

Result<void> Journal::trim() {
    const Row steps{retention_.steps_max};
    const Row others{retention_.others_max};
    TRY(write("DELETE FROM steps WHERE id <= (SELECT max(id) FROM steps) - ?", steps));
    TRY(write("DELETE FROM passes WHERE id <= (SELECT max(id) FROM passes) - ?", others));
    TRY(write("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", others));
    // The last good commit of an instance stays, however long ago it was.
    TRY(
        write("DELETE FROM revisions WHERE id <= (SELECT max(id) FROM revisions) - ? AND id NOT IN"
              " (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY instance ORDER BY"
              " settled_ms DESC) AS place FROM revisions WHERE settled_ms IS NOT NULL)"
              " WHERE place = 1)",
              others));
    // So does how each condition is now.
    TRY(
        write("DELETE FROM conditions WHERE id <= (SELECT max(id) FROM conditions) - ? AND id NOT"
              " IN (SELECT max(id) FROM conditions GROUP BY instance, type)",
              others));
    TRY(
        write("DELETE FROM drifts WHERE healed_ms IS NOT NULL AND"
              " id <= (SELECT max(id) FROM drifts) - ?",
              others));
    TRY(write("DELETE FROM ignored_drifts WHERE drift NOT IN (SELECT id FROM drifts)", {}));
    TRY(
        write("DELETE FROM facts WHERE key IN"
              " (SELECT key FROM facts ORDER BY at_ms DESC LIMIT -1 OFFSET 1000)",
              {}));
    TRY(write("PRAGMA incremental_vacuum(256)", {}));
    return {};
}

const char* to_text(Outcome outcome) {
    switch (outcome) {
        case Outcome::running:
            return "running";
        case Outcome::ok:
            return "ok";
        case Outcome::failed:
            return "failed";
        case Outcome::unknown:
            return "unknown";
    }
    return "unknown";
}

const char* to_text(RevisionOutcome outcome) {
    switch (outcome) {
        case RevisionOutcome::seen:
            return "seen";
        case RevisionOutcome::settled:
            return "settled";
        case RevisionOutcome::invalid:
            return "invalid";
        case RevisionOutcome::blocked:
            return "blocked";
        case RevisionOutcome::failed:
            return "failed";
    }
    return "failed";
}

}  // namespace matriarch::controller
