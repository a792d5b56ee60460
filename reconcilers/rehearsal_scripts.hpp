// What the containers of a rehearsal run: POSIX shell, with what is in the images of Mastodon and
// PostgreSQL. What they print is read by rehearsed.cpp.
#pragma once

#include <string>

namespace matriarch::reconcilers {

/// Goes on where the copy is restored: serves it on the network, and keeps a book of who locks what
/// and of the space that it takes.
[[nodiscard]] std::string watched_server_script();

/// Both phases of the migrations as the upgrade would run them.
[[nodiscard]] std::string rehearsal_script();

/// What the book says.
[[nodiscard]] std::string rehearsal_report_script();

}  // namespace matriarch::reconcilers
