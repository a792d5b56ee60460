// Steps: what to do now, each with its reason; and what stands in the way.
//
// Steps of one pass belong to different resources and do not depend on one another, so they may be
// applied side by side.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "reconcilers/action.hpp"

namespace matriarch::reconcilers {

/// What a step costs the people who use the server.
enum class Downtime { none, brief, stops };
/// How a step can be taken back.
enum class Reversible { yes, needs_restore, no };

struct Step {
    Action action{};
    /// In words, for plan, journal, log and comment.
    std::string reason{};
    Downtime downtime{Downtime::none};
    Reversible reversible{Reversible::yes};
};

/// Why an instance, or a part of it, is not worked on. The code is stable, for scripts.
struct Blocked {
    /// data-volume-missing, downgrade, host-memory, host-disk, name-taken, migration-failed, ...
    std::string code{};
    std::string message{};
    std::string hint{};
    /// refused (3) or failed (4) or unavailable (5): decides the exit code.
    ErrorKind kind{ErrorKind::refused};
    friend bool operator==(const Blocked&, const Blocked&) = default;
};

struct Steps {
    std::vector<Step> steps{};
    std::vector<Blocked> blocked{};
    /// Containers that are about to be stopped: the edge sends nobody there any more.
    std::set<std::string> leaving{};

    void add(Action action, std::string reason, Downtime downtime = Downtime::none,
             Reversible reversible = Reversible::yes) {
        steps.push_back({std::move(action), std::move(reason), downtime, reversible});
    }
    void block(Blocked reason) { blocked.push_back(std::move(reason)); }

    /// Nothing to do, nothing to wait for, nothing in the way.
    [[nodiscard]] bool is_settled() const { return steps.empty() && blocked.empty(); }
    /// No step but Wait.
    [[nodiscard]] bool changes_nothing() const {
        for (const Step& step : steps) {
            if (!is_wait(step.action)) return false;
        }
        return true;
    }
};

/// One line a step: "#1 create container web: not found".
[[nodiscard]] std::string to_text(const Steps& steps);
[[nodiscard]] const char* to_text(Downtime downtime);
[[nodiscard]] const char* to_text(Reversible reversible);

}  // namespace matriarch::reconcilers
