// What the containers of continuous archiving run: POSIX shell with PostgreSQL's own programs.
// Everything that differs comes by environment. The volume of the archive is at $FOLDER:
//
//     current                    the archive that is written now: the cluster, and when it began
//     ARCHIVE/wal/               its log, without a gap
//     ARCHIVE/base-EPOCH/        a base backup, checked; consistent from that second on
//     ARCHIVE/caught_up          until when (epoch) everything committed is in wal/
//     restore/                   a recovered set, as restic would have fetched it
#pragma once

#include <string>

namespace matriarch::reconcilers {

/// Streams for as long as it lives. Where the log has a gap, a new archive begins.
[[nodiscard]] std::string stream_script();
/// Health: prints which archive it is and until when it is whole; yes while it streams.
[[nodiscard]] std::string stream_health();
/// A base backup, checked whole; then what no kept base needs goes.
[[nodiscard]] std::string base_script();
/// A base and the log after it, until $UNTIL, in a server that nothing reaches; then a set of it.
[[nodiscard]] std::string recover_script();

}  // namespace matriarch::reconcilers
