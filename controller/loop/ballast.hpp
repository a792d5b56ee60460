// Ballast: a file in the state folder that is given up when its disk is full, so that the journal
// can be written, and jobs that make room can be started.
#pragma once

#include "controller/base/state.hpp"
#include "controller/loop/machine.hpp"

namespace matriarch::controller {

class Ballast {
 public:
    /// Both must outlive it.
    explicit Ballast(const State& state, const Machine& machine = this_machine())
        : state_(state), machine_(machine) {}

    /// Removes it where the disk is full, makes it where there is room. Cheap where neither is due.
    void tend();

    /// It was given up, and there is no room for it yet.
    [[nodiscard]] bool is_gone() const { return is_gone_; }

 private:
    const State& state_;
    const Machine& machine_;
    bool is_gone_{false};
};

}  // namespace matriarch::controller
