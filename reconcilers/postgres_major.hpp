// Another major version of PostgreSQL, of whose folder no server of the old one can read a byte.
//
//     image, volume, backup, job made -> what writes stops -> the job copies all, and compares it
//         -> the old server goes -> it is written down which volume counts -> the new one comes
//
// Until it is written down nothing has happened: a revert, a failure or a crash leaves the old
// server where it was. The old volume stays; whoever wants its room removes it by hand.
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
