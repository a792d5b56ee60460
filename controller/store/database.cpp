// SQLite behind Result. The only file that includes sqlite3.h.
// Values are bound, never pasted into SQL.
#include "controller/store/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <map>
#include <mutex>
#include <string_view>

#include "controller/base/descriptor.hpp"

namespace matriarch::controller {
namespace {

// Writers hold the lock for milliseconds; longer means that something is wrong.
constexpr int busy_timeout_ms = 5'000;

struct CloseStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
struct CloseConnection {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

/// Damage and strangeness need a new file; everything else may pass by itself.
ErrorKind kind_of(int code) {
    switch (code & 0xFF) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_SCHEMA:
        case SQLITE_ERROR:  // our SQL is tested: the tables are not those of our schema
        case SQLITE_MISMATCH:
            return ErrorKind::failed;
        default:
            return ErrorKind::unavailable;
    }
}

/// Leaves a statement ready for its next use, whatever happened.
class Use {
 public:
    explicit Use(sqlite3_stmt* statement) : statement_(statement) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }

 private:
    sqlite3_stmt* statement_;
};

Column column_of(sqlite3_stmt* statement, int index) {
    switch (sqlite3_column_type(statement, index)) {
        case SQLITE_NULL:
            return {};
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(statement, index)};
        default:
            break;
    }
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, index));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
    return text == nullptr ? std::string() : std::string(text, size);
}

int bind(sqlite3_stmt* statement, int index, const Column& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return sqlite3_bind_int64(statement, index, *number);
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_TRANSIENT,
                                   SQLITE_UTF8);
    }
    return sqlite3_bind_null(statement, index);
}

}  // namespace

struct Database::Connection {
    std::mutex mutex{};
    std::string path{};
    std::unique_ptr<sqlite3, CloseConnection> sqlite{};
    // After the connection, so that they are finalised before it is closed.
    std::map<std::string_view, Statement> statements{};
    Durability durability{Durability::at_once};

    auto cannot(const char* what, int code) const {
        return fail(kind_of(code),
                    std::string("cannot ") + what + " " + path + ": " + sqlite3_errstr(code));
    }

    /// Prepared once for the text's address: our SQL is constants.
    Result<sqlite3_stmt*> prepared(const char* sql) {
        if (!sqlite) return cannot("use", SQLITE_CANTOPEN);
        Statement& known = statements[sql];
        if (known) return known.get();
        sqlite3_stmt* made = nullptr;
        const int code =
            sqlite3_prepare_v3(sqlite.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
        if (code != SQLITE_OK) return cannot("prepare a statement for", code);
        known.reset(made);
        return made;
    }

    Result<std::vector<Row>> run(const char* sql, const Row& values) {
        sqlite3_stmt* statement = TRY(prepared(sql));
        const Use use(statement);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const int code = bind(statement, static_cast<int>(i) + 1, values[i]);
            if (code != SQLITE_OK) return cannot("bind a value for", code);
        }
        std::vector<Row> rows;
        while (true) {
            const int code = sqlite3_step(statement);
            if (code == SQLITE_DONE) return rows;
            if (code != SQLITE_ROW) return cannot("use", code);
            Row row;
            for (int i = 0; i < sqlite3_column_count(statement); ++i) {
                row.push_back(column_of(statement, i));
            }
            rows.push_back(std::move(row));
        }
    }

    Result<void> script(const char* sql) {
        if (!sqlite) return cannot("use", SQLITE_CANTOPEN);
        const int code = sqlite3_exec(sqlite.get(), sql, nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) return cannot("set up", code);
        return {};
    }
};

Database::Database(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path& path, Access access) {
    auto connection = std::make_unique<Connection>();
    connection->path = path.string();
    // SQLite gives its -wal and -shm files the mode of the database: private from the beginning.
    if (access == Access::read_and_write) {
        const Descriptor made(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    }
    sqlite3* opened = nullptr;
    const int flags = access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    const int code = sqlite3_open_v2(path.c_str(), &opened, flags | SQLITE_OPEN_FULLMUTEX, nullptr);
    connection->sqlite.reset(opened);
    if (code != SQLITE_OK) return connection->cannot("open", code);
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_busy_timeout(opened, busy_timeout_ms);
    TRY(connection->script("PRAGMA trusted_schema = OFF; PRAGMA cache_size = -1024;"));
    if (access == Access::read_and_write) {
        TRY(
            connection->script("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304;"));
    }
    return Database(std::move(connection));
}

Result<void> Database::run_script(const char* sql) {
    const std::lock_guard lock(connection_->mutex);
    return connection_->script(sql);
}

Result<std::int64_t> Database::write(const char* sql, const Row& values, Durability durability) {
    const std::lock_guard lock(connection_->mutex);
    if (durability != connection_->durability) {
        TRY(connection_->script(durability == Durability::at_once ? "PRAGMA synchronous = FULL"
                                                                  : "PRAGMA synchronous = NORMAL"));
        connection_->durability = durability;
    }
    TRY(connection_->run(sql, values));
    return std::int64_t{sqlite3_last_insert_rowid(connection_->sqlite.get())};
}

Result<std::vector<Row>> Database::read(const char* sql, const Row& values) {
    const std::lock_guard lock(connection_->mutex);
    return connection_->run(sql, values);
}

void Database::close() {
    const std::lock_guard lock(connection_->mutex);
    connection_->statements.clear();
    connection_->sqlite.reset();
}

std::string text_at(const Row& row, std::size_t index) {
    const auto* text = index < row.size() ? std::get_if<std::string>(&row[index]) : nullptr;
    return text == nullptr ? std::string() : *text;
}

std::int64_t number_at(const Row& row, std::size_t index) {
    const auto* number = index < row.size() ? std::get_if<std::int64_t>(&row[index]) : nullptr;
    return number == nullptr ? 0 : *number;
}

}  // namespace matriarch::controller
