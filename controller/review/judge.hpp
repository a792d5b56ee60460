// Judge: what a merge would do, from the commit as it was read and the fleet in force.
#pragma once

#include <functional>

#include "controller/loop/planning.hpp"
#include "controller/review/comment.hpp"
#include "controller/review/rehearsing.hpp"
#include "controller/secrets/redactor.hpp"

namespace matriarch::controller {

/// Plans instances of a fleet that is not in force.
using Planner = std::function<Result<std::vector<Planned>>(
    const Fleet& fleet, const std::vector<specs::Instance>& instances, std::stop_token stop)>;

struct Judging {
    /// The fleet in force.
    const Fleet& base;
    const specs::Policy& policy;
    const Planner& planner;
    /// Empty: what is to be tried first is only named.
    Rehearse rehearse{};
    /// Learns every secret of what is planned.
    Redactor& redactor;
};

/// What a fleet changes of one of its instances; nothing: it stays as it is. Encrypted files are
/// compared as such: what is in them is not looked at for that.
[[nodiscard]] std::optional<InstanceReview::Change> change_of(const Fleet& base, const Fleet& head,
                                                              const specs::Instance& instance);

[[nodiscard]] Review judge(const git::Revision& revision, const Judging& by, std::stop_token stop);

}  // namespace matriarch::controller
