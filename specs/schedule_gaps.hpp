// Gaps of a schedule: how often it comes, for whoever sets bounds to that.
#pragma once

#include "specs/schedule.hpp"
#include "specs/values/units.hpp"

namespace matriarch::specs {

/// The shortest and the longest time from one slot to the next, within five years. A change of
/// clocks moves a slot by an hour, which is not counted.
struct Gaps {
    Duration shortest{0};
    Duration longest{0};
};

[[nodiscard]] Gaps gaps_of(const CronFields& cron);

}  // namespace matriarch::specs
