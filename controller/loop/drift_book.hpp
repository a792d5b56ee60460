// Drift book: what a look found to differ, against what is written down as still open.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "controller/store/journal.hpp"
#include "reconcilers/status.hpp"

namespace matriarch::controller {

struct DriftSighting {
    std::string instance{};
    std::string revision{};
    std::vector<reconcilers::DriftItem> items{};
    /// When the look was.
    WallTime at{};
    /// Differences are being put right: a container may be away for that.
    bool is_healing{true};
    /// Why an item is so, in words; empty: not known.
    std::function<std::string(const reconcilers::DriftItem&)> cause{};
};

struct DriftNews {
    /// Also what is ignored.
    std::vector<RecordedDrift> open{};
    /// Those of them that should be put right and that were not there a look ago.
    std::vector<RecordedDrift> opened{};
    std::vector<RecordedDrift> ended{};
    /// Anything was written down.
    bool is_changed{false};
};

/// A container that is made anew because a commit (or another version of this program) wants it is
/// away for a while: that is no drift. Unknown, where the journal cannot be read: then it stays.
void leave_out_own_doing(Journal& journal, reconcilers::InstanceStatus& status);

/// For a pass that puts nothing back: what a commit that was withdrawn left half done is ours.
[[nodiscard]] reconcilers::Restraint restraint_of(Journal& journal, const std::string& instance,
                                                  specs::DriftPolicy policy);

/// Writes down what is new and what has come to its end, as rows and as events that people follow.
/// Errors: those of the journal.
[[nodiscard]] Result<DriftNews> note_drift(Journal& journal, const DriftSighting& sighting);

/// What is there now, with the times and causes of what was written down before. Writes nothing.
[[nodiscard]] std::vector<RecordedDrift> with_history(const DriftSighting& sighting,
                                                      const std::vector<RecordedDrift>& history);

}  // namespace matriarch::controller
