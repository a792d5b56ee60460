// What the jobs of backups run: POSIX shell, with what is in the images of PostgreSQL and restic
// (Alpine's busybox there) and nothing else. Everything that differs comes by environment.
#pragma once

#include <string>

#include "specs/instance.hpp"

namespace matriarch::reconcilers {

/// What the script says with its exit code: the dump is not the whole one that it should be.
inline constexpr int set_is_damaged = 3;

/// SQL that counts each table, and adds up a hash of each of its rows: the same in every major.
[[nodiscard]] std::string count_script();
[[nodiscard]] std::string dump_script();
[[nodiscard]] std::string snapshot_script(const specs::Keep& keep);
[[nodiscard]] std::string media_script(const specs::Keep& keep);
[[nodiscard]] std::string list_script();
// The three parts of a drill: with restic, with PostgreSQL, and with restic again.
[[nodiscard]] std::string fetch_script();
[[nodiscard]] std::string drill_script();
[[nodiscard]] std::string mark_script();

}  // namespace matriarch::reconcilers
