// Rollout: how one replica of Mastodon's code is replaced by its successor, without a gap where
// both may run at once.
//
//     make the new one -> start it -> it answers, several times -> the edge sends people to it
//         -> the old one is asked to stop -> the whole release serves -> it is removed
//
// Without overlap the old one stops before the new one starts. If the new one does not answer in
// time, the whole release goes back, and this attempt is remembered: see giving_up.hpp.
#pragma once

#include <optional>
#include <string>

#include "reconcilers/slot.hpp"
#include "reconcilers/steps.hpp"

namespace matriarch::reconcilers {

/// How the reason of a step ends that takes a container's restart policy: whoever finds it gone
/// knows by whom.
inline constexpr const char* kept_down = "it must not come back by itself";

/// What a replica may do in this pass.
struct Leave {
    /// Why code as it is wanted may not be started now.
    std::optional<std::string> obstacle{};
    /// It may be made all the same, so that only its start is left to be done.
    bool may_be_made{true};
    /// For whom it waits before it may take the place of what serves.
    std::optional<std::string> turn{};
    /// Another replica of its kind is between its two containers, or away.
    bool is_taken{false};
    /// Both may run side by side.
    bool overlaps{true};
};

/// The next step of one replica. Returns whether it is being replaced now, in whatever way: it is
/// the turn of no other then.
bool roll(const Wanted& wanted, const Slot& slot, const Leave& leave, const World& world,
          Steps& steps);

/// All replicas of a role, one at a time: the next only when the others can be counted on.
void roll_in_turn(const Wanted& wanted, const std::vector<Slot>& slots, const Leave& leave,
                  const World& world, Steps& steps);

/// From here on the Engine must not start it, not even when it starts itself.
void stay_away(const ObservedContainer& container, Steps& steps, const std::string& reason);

/// Takes a container out of the edge's routes, and once it is out lets it finish and stop. Sidekiq
/// first finishes its jobs. Its restart policy goes first: from here on the Engine must not start
/// it.
void retire(const Wanted& wanted, const ObservedContainer& container, const World& world,
            Steps& steps, const std::string& reason, Downtime downtime);

/// Nothing with Mastodon's code goes on: the jobs in hand are finished while people are still
/// served, then the edge says that it is back soon, and the rest stops.
void fence(const Wanted& wanted, const World& world, Steps& steps, const std::string& reason);

/// Whether anything with Mastodon's code runs, or may go on by itself.
[[nodiscard]] bool runs_code(const World& world);

/// Whether people are sent to a container that nothing wants any more, and nobody else of its kind
/// can be counted on yet.
[[nodiscard]] bool is_missed(const Wanted& wanted, const World& world,
                             const ObservedContainer& container);

/// Whether a replica is between its old container and its new one.
[[nodiscard]] bool is_changing(const Slot& slot);

}  // namespace matriarch::reconcilers
