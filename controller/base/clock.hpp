// Clock: wall time and monotonic time as one small interface, so that tests can turn the hands.
//
// Wall time is for people and for schedules; monotonic time is for durations and deadlines. Never
// subtract wall times to learn how long something took: the wall clock jumps.
#pragma once

#include <chrono>
#include <string>

namespace matriarch::controller {

/// Wall time, UTC, milliseconds. The same type as reconcilers::Time.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual WallTime now() const = 0;
    [[nodiscard]] virtual SteadyTime steady() const = 0;
};

/// The machine's own clocks.
class SystemClock final : public Clock {
 public:
    [[nodiscard]] WallTime now() const override {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(
            std::chrono::system_clock::now());
    }
    [[nodiscard]] SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

/// "2026-11-22T10:04:07.113Z" (RFC 3339, UTC).
[[nodiscard]] std::string to_text(WallTime time);

}  // namespace matriarch::controller
