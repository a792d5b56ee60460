// Futility: a field that is put right and changed again each time, soon after, is left alone for
// longer and longer. A commit begins anew; a restart does not: what drifted is in the journal.
// Where that is lost, it is tried once more, and nothing worse.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "controller/store/journal.hpp"

namespace matriarch::controller {

class Futility {
 public:
    /// As it was noted by a controller before this one, at the commit in force. Oldest first.
    [[nodiscard]] static Futility recalled(const std::vector<RecordedDrift>& drifts,
                                           const std::string& revision);

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
