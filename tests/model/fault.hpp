// Fault: what goes wrong at the n-th call, and the schedule of a run. Reads from text and back, so
// that a failing schedule is its own reproducer.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "specs/values/result.hpp"

namespace matriarch::model {

/// The alphabet of reliability.md 2.1: first what becomes of a call, then what the world does just
/// before it.
enum class FaultKind {
    refused,      ///< 5xx, nothing was done
    conflict,     ///< 409 or 404, nothing was done
    answer_lost,  ///< done, but nobody is told
    hang,         ///< nothing is done, and the deadline passes
    late,         ///< the deadline passes, and then it is done
    half,         ///< of a method of several calls the first ones are done
    crash_before,
    crash_after,
    crash_half,
    crash_late,  ///< what was on its way is done when the next one runs already
    stale,       ///< a list from a few changes ago
    exits,       ///< a program ends by itself
    oom,         ///< a program is killed for its memory
    removed,     ///< docker rm -f
    stopped,     ///< docker stop
    paused,      ///< docker pause
    started,     ///< docker start
    squeezed,    ///< docker update --memory
    unplugged,   ///< docker network disconnect
    renamed,     ///< docker rename
    engine_restart,
    engine_crash,
    disk_full,      ///< for a minute
    registry_down,  ///< for a minute
    volume_lost,    ///< docker rm -f of all that use it, and docker volume rm
    taken_over,     ///< another controller is given the instance
};

[[nodiscard]] const std::vector<FaultKind>& call_faults();
/// Those with a container as their object.
[[nodiscard]] const std::vector<FaultKind>& container_acts();
/// Those of the whole host.
[[nodiscard]] const std::vector<FaultKind>& host_acts();
[[nodiscard]] bool is_call_fault(FaultKind kind);
[[nodiscard]] bool is_crash(FaultKind kind);
[[nodiscard]] const char* to_text(FaultKind kind);

struct Fault {
    /// Where it happens, in words (see places.hpp): for schedules that are kept. Empty: by number.
    std::string place{};
    /// Of which calls `at` counts: all, or only those that change something.
    bool counts_writes{false};
    std::size_t at{0};
    FaultKind kind{FaultKind::refused};
    /// Of an act: the container, as a place in the list of names; or by its short name.
    std::size_t target{0};
    std::string victim{};
    friend bool operator==(const Fault&, const Fault&) = default;
};

using Schedule = std::vector<Fault>;

/// "write 5 crash_after 0; call 17 oom 3", or "at start web-1 #1: crash_after; at begin + list
/// containers #2: oom web-1".
[[nodiscard]] std::string to_text(const Schedule& schedule);
/// Errors: invalid.
[[nodiscard]] Result<Schedule> parse_schedule(const std::string& text);

}  // namespace matriarch::model
