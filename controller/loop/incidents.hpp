// Incidents: what the Engine said of late, kept to explain drift. It explains only: an event is
// never a fact, may be missing, and nothing is decided by it.
#pragma once

#include <deque>
#include <mutex>
#include <string>

#include "controller/base/clock.hpp"
#include "controller/engine/engine.hpp"
#include "reconcilers/drift.hpp"

namespace matriarch::controller {

/// Safe to use from any thread.
class Incidents {
 public:
    void note(const Event& event);

    /// What most likely brought a difference about, in words, with its time; empty: nothing was
    /// heard. The Engine does not say who asked it; it says what for, and with what signal.
    [[nodiscard]] std::string cause_of(const reconcilers::DriftItem& item, WallTime now) const;

 private:
    mutable std::mutex mutex_{};
    std::deque<Event> newest_{};
};

}  // namespace matriarch::controller
