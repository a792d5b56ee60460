// Giving up: when a new container has failed, and how what served before serves again.
//
// A release goes back as one: if a part of it fails, the parts that are new already make room for
// the old ones again, which stay beside them, stopped, until the whole release serves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reconcilers/rollout.hpp"

namespace matriarch::reconcilers {

/// Names this very attempt: what it is made from, secrets included.
[[nodiscard]] std::string attempt(const ContainerSpec& spec, const World& world);

/// Why a new container that does not answer is given up now, in words.
[[nodiscard]] std::optional<std::string> failure_of(const Wanted& wanted, const World& world,
                                                    const ObservedContainer& fresh);

/// A new container without one before it (somebody removed that) has failed: the others, whose old
/// containers serve, need not try.
void learn_from_first(const Wanted& wanted, const std::vector<Slot>& slots, const World& world,
                      Steps& steps);

/// Whether this replica goes back to its old container, since it or another part of its release was
/// given up. Never where the schema leaves no way back.
[[nodiscard]] bool goes_back(const Wanted& wanted, const Slot& slot, const World& world);

/// The next step of a replica that goes back. Returns whether it is between the two.
bool go_back(const Wanted& wanted, const Slot& slot, const Leave& leave, const World& world,
             Steps& steps);

/// Says so where a part was given up and there is no way back: it is tried on.
void report_no_way_back(const Slot& slot, const World& world, Steps& steps);

/// For whom the old container of a part that has its successor is kept; nothing: for nobody.
[[nodiscard]] std::optional<std::string> unproven_part(const Wanted& wanted, const World& world);

/// What served before goes on, or serves again where it fits.
void keep_serving(const Slot& slot, const World& world, Steps& steps);

/// Sidekiq that fetches no more begins anew, once it has finished what it has. Whether it does
/// that.
bool is_begun_anew(const ObservedContainer& one, const World& world, Steps& steps);

}  // namespace matriarch::reconcilers
