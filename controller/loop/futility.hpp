// Futility: a field that is put right and changed again each time, soon after, is left alone for
// longer and longer. Kept in memory only: whoever starts anew tries anew.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "controller/base/clock.hpp"

namespace matriarch::controller {

class Futility {
 public:
    /// It differs again.
    void note(const std::string& resource, const std::string& field, WallTime now);

    /// Resource -> why it is left alone now, in words (see reconcilers::Restraint).
    [[nodiscard]] std::map<std::string, std::string> held(WallTime now) const;

 private:
    struct Again {
        int times{0};
        WallTime last{};
        WallTime until{};
    };
    /// By resource and field.
    std::map<std::pair<std::string, std::string>, Again> known_{};
};

}  // namespace matriarch::controller
