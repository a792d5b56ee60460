// Publish: what the world is told after a pass: conditions with their times, events, the status
// file.
#pragma once

#include "controller/loop/drift_book.hpp"
#include "controller/loop/fleet.hpp"
#include "controller/loop/pass.hpp"
#include "controller/loop/report.hpp"

namespace matriarch::controller {

struct Publication {
    std::string name{};
    const PassResult* result{nullptr};
    bool is_suspended{false};
    /// The commit that `matriarch rollback` set aside; empty: none.
    std::string instead_of{};
    /// What it waits for before it begins with another version; empty: nothing.
    std::string waits_for_wave{};
    /// As the commit in force has it.
    const specs::Instance* instance{nullptr};
    /// Whether the pass before ended settled: an event is written where that changes.
    bool was_settled{false};
    SourceReport source{};
    /// The look failed: nothing new is known of what differs.
    bool is_unseen{false};
    /// Differences are put back, not only reported.
    bool is_healing{true};
    /// See DriftSighting.
    std::function<std::string(const reconcilers::DriftItem&)> drift_cause{};
};

struct Told {
    /// The status as JSON.
    std::string status{};
    DriftNews drift{};
};

/// Writes down that the instance has this commit, unless that is known. Trouble with the disk is
/// logged.
void see_commit(Journal& journal, const std::string& instance, const Fleet& fleet);

/// Writes journal and status file. Trouble with the disk is logged.
Told publish_result(const State& state, Journal& journal, const Publication& publication);

}  // namespace matriarch::controller
