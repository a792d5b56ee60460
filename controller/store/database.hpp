// Database: one SQLite file behind a mutex. database.cpp is the only file that includes SQLite.
//
// WAL, so that `matriarch history` reads while the controller writes. Every statement is prepared
// once and kept. Values are bound, never pasted into SQL.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "specs/values/result.hpp"

namespace matriarch::controller {

/// A column: nothing, a whole number, or text.
using Column = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Column>;

/// How much a write may lose. Neither can damage the file.
enum class Durability {
    /// On the disk before the call returns (synchronous=FULL): intents.
    at_once,
    /// Survives our death, but not a power cut (synchronous=NORMAL): outcomes, events.
    soon,
};

enum class Access { read_and_write, read_only };

class Database {
 public:
    /// Opens the file, or makes it (0600). Waits at most 5 s for another process's write.
    ///
    /// Errors: unavailable (it cannot be opened or another process keeps it locked), failed (it is
    /// damaged or no database).
    [[nodiscard]] static Result<Database> open(const std::filesystem::path& path, Access access);

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    /// Several statements without values: the schema, pragmas. Errors: as open().
    [[nodiscard]] Result<void> run_script(const char* sql);

    /// One statement that writes. Returns the id of the row it added, where it added one.
    /// Errors: as open(). After `failed` the file is damaged.
    [[nodiscard]] Result<std::int64_t> write(const char* sql, const Row& values,
                                             Durability durability = Durability::soon);

    /// One statement that reads. Errors: as open().
    [[nodiscard]] Result<std::vector<Row>> read(const char* sql, const Row& values);

    /// Lets go of the file; every later call fails. Do it before the file is moved: SQLite removes
    /// `-wal` by its name when it closes, and would remove the next database's.
    void close();

 private:
    struct Connection;
    explicit Database(std::unique_ptr<Connection> connection);

    std::unique_ptr<Connection> connection_;
};

/// The text of a column; empty where it holds none.
[[nodiscard]] std::string text_at(const Row& row, std::size_t index);
/// The number of a column; 0 where it holds none.
[[nodiscard]] std::int64_t number_at(const Row& row, std::size_t index);

}  // namespace matriarch::controller
