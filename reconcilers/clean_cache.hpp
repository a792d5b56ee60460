// The cleaning of what Mastodon keeps of other servers, by `storage.cache`: its job, when it may
// run, and what is said of it.
#pragma once

#include "reconcilers/converge.hpp"
#include "reconcilers/status.hpp"

namespace matriarch::reconcilers {

/// Runs tootctl: copies of media of other servers, and of what links show, go once they are old.
inline constexpr const char* cache_role = "clean-cache";

/// Whether the instance wants it at all.
[[nodiscard]] bool cleans_cache(const specs::Instance& instance);

[[nodiscard]] ContainerSpec cache_job(const Wanted& wanted, Time slot);

/// The cleaning that is at work; null: none is.
[[nodiscard]] const ObservedContainer* cache_at_work(const World& world);

/// A backup does not start beside it: the start waits, and the cleaning gives way.
void hold_beside_cleaning(const World& world, Steps& steps);

/// Next step of the cleaning, beside what the instance and its backups need.
void plan_cleaning(const Wanted& goal, const World& world, const Steps& main, const Steps& backups,
                   Steps& steps);

}  // namespace matriarch::reconcilers
