// Publish: what the world is told after a pass: conditions with their times, events, the status
// file.
#pragma once

#include "controller/loop/pass.hpp"
#include "controller/loop/report.hpp"

namespace matriarch::controller {

struct Publication {
    std::string name{};
    const PassResult* result{nullptr};
    bool is_suspended{false};
    /// The commit that `matriarch rollback` set aside; empty: none.
    std::string instead_of{};
    /// Whether the pass before ended settled: an event is written where that changes.
    bool was_settled{false};
    SourceReport source{};
};

/// Writes journal and status file, and returns the status as JSON. Trouble with the disk is logged.
std::string publish_result(const State& state, Journal& journal, const Publication& publication);

}  // namespace matriarch::controller
