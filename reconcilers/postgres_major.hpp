// Another major version of PostgreSQL, whose folder the old one's server cannot read:
//
//     image, new volume, backup, the job made (people are served)
//         -> whatever writes stops -> the job copies everything, and compares it
//         -> the old server goes -> the new volume is written down as the one in use
//         -> the new server comes, and everyone after it
//
// Until it is written down nothing has happened. The old volume stays for ever.
#pragma once

#include "reconcilers/reconcilers.hpp"

namespace matriarch::reconcilers {

/// The job that copies; what it writes to is its subject.
inline constexpr const char* copy_role = "postgres-copy";

enum class Crossing {
    /// The major in use is the wanted one.
    none,
    /// What serves goes on serving.
    preparing,
    /// No code runs, and the copy is made.
    fenced,
    /// The copy is whole: the old server goes.
    switching,
};

/// The instance with the major version in use, until the wanted one is.
[[nodiscard]] Wanted at_major_in_use(const Wanted& goal, const World& world);

/// `wanted`: at the station on its way, with the major in use.
[[nodiscard]] Crossing crossing_of(const Wanted& goal, const Wanted& wanted, const Upgrade& upgrade,
                                   const World& world);

/// The next step of that crossing; of none, what an abandoned one has left behind goes.
void plan_crossing(const Wanted& goal, const Wanted& wanted, Crossing crossing, const World& world,
                   Steps& steps);

}  // namespace matriarch::reconcilers
