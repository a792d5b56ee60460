// Waves: whether an instance may begin with another version of Mastodon, or waits for those that go
// before it. Pure.
#pragma once

#include <functional>
#include <string>

#include "controller/loop/fleet.hpp"

namespace matriarch::controller {

/// Whether an instance runs what the commit wants, and is well.
using IsDone = std::function<bool(const std::string& instance)>;

/// "wave 1: canary-one, canary-two": the first wave before its own that is not done, and what of it
/// is not. Empty: nothing of the kind.
[[nodiscard]] std::string earlier_wave(const Fleet& fleet, const std::string& name,
                                       const IsDone& is_done);

/// What of the past counts: versions, empty where there is none.
struct WavePast {
    /// At which it was settled last.
    std::string settled{};
    /// With which its wave has let it begin last.
    std::string let_through{};
};

/// Whether waves have a say: it stands still at another version than is wanted. One that is new,
/// or on its way already, is not held: half-way is the worst place to wait.
[[nodiscard]] bool asks_its_wave(const WavePast& past, const std::string& wanted);

}  // namespace matriarch::controller
