// Rehearsing: what a pull request would have tried, asked of the controller.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "controller/base/clock.hpp"
#include "controller/base/state.hpp"
#include "controller/store/journal.hpp"
#include "reconcilers/preview.hpp"

namespace matriarch::controller {

/// What came of the way of an instance to a release.
struct Rehearsed {
    /// Nothing: it is not known yet, and asked for.
    std::optional<reconcilers::Rehearsal> rehearsal{};
    /// There is no backup yet that it could be tried on.
    bool lacks_backup{false};
};
using Rehearse =
    std::function<Result<Rehearsed>(const std::string& instance, const specs::Version& version)>;

/// Whether a merge of this plan waits for one.
[[nodiscard]] bool wants_rehearsal(const reconcilers::Wanted& wanted,
                                   const reconcilers::Plan& plan);

/// Looks for an answer of the last week, and else asks for one, after whatever else was asked for.
/// Errors: unavailable (state folder, journal).
[[nodiscard]] Result<Rehearsed> ask_for_rehearsal(const State& state, Journal& journal,
                                                  const std::string& instance,
                                                  const specs::Version& version, WallTime now);

}  // namespace matriarch::controller
