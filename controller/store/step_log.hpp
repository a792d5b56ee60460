// StepLog: where a pass writes down what it is about to do, and how that ended.
//
// The Journal is the one that lasts; a test's own shows that no effect comes before its intent.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "specs/values/result.hpp"

namespace matriarch::controller {

/// How a pass or a step ended.
enum class Outcome { running, ok, failed, unknown };

struct StepIntent {
    /// From begin_pass; 0: outside a pass.
    std::int64_t pass{0};
    std::string instance{};
    std::string revision{};
    std::string action{};
    std::string resource{};
    std::string reason{};
};

struct StepOutcome {
    Outcome outcome{Outcome::ok};
    std::string error{};
    std::chrono::milliseconds took{};
};

/// Can be called from any thread. Errors of every method: unavailable, failed.
class StepLog {
 public:
    virtual ~StepLog() = default;

    /// For passes that change something or fail; one that finds nothing to do writes nothing.
    [[nodiscard]] virtual Result<std::int64_t> begin_pass(const std::string& instance,
                                                          const std::string& revision) = 0;
    [[nodiscard]] virtual Result<void> end_pass(std::int64_t pass, Outcome outcome,
                                                const std::string& message) = 0;
    /// On the disk when it returns. Call it before the Engine.
    [[nodiscard]] virtual Result<std::int64_t> intend(const StepIntent& intent) = 0;
    [[nodiscard]] virtual Result<void> conclude(std::int64_t step, const StepOutcome& outcome) = 0;
};

}  // namespace matriarch::controller
