// Rehearsal: an upgrade tried on a restored copy of the newest backup, which reaches nothing. What
// serves is not touched; what it was made of goes once its answer is known.
#pragma once

#include "reconcilers/converge.hpp"
#include "reconcilers/rehearsed.hpp"

namespace matriarch::reconcilers {

// The set is fetched, restored into a server of its own beside an empty Redis, migrated there, and
// what that server saw of it is asked.
inline constexpr const char* rehearsal_fetch_role = "rehearsal-fetch";
inline constexpr const char* rehearsal_database_role = "rehearsal-database";
inline constexpr const char* rehearsal_redis_role = "rehearsal-redis";
inline constexpr const char* rehearsal_role = "rehearsal";
inline constexpr const char* rehearsal_report_role = "rehearsal-report";

[[nodiscard]] bool is_rehearsal_role(const std::string& role);

/// Whether a schema may change only after one that has passed.
[[nodiscard]] bool must_rehearse(const Wanted& wanted);

/// Its containers are on this network and no other; it leads nowhere.
[[nodiscard]] std::string rehearsal_network(const specs::Instance& instance);

/// The release that somebody asked to try; nothing: nobody did, or its answer is known.
[[nodiscard]] std::optional<RehearsalWish> to_rehearse(const Wanted& goal, const World& world);

/// Image with the code of that release of the instance.
[[nodiscard]] specs::ImageRef rehearsed_image(const specs::Instance& instance,
                                              const specs::Version& version);

/// What is known of the upgrade to the wanted image; nothing: it was not tried.
[[nodiscard]] const Rehearsal* rehearsal_of(const Wanted& wanted, const World& world);

/// Whether the schema may be changed: no rehearsal is asked for, nothing is pending, or it passed.
[[nodiscard]] bool is_rehearsed(const Wanted& wanted, const World& world);

/// Whether one is asked for, or something of one is left.
[[nodiscard]] bool has_rehearsal_work(const Wanted& goal, const World& world);

/// Next step towards the answer, and then away with everything.
void plan_rehearsal(const Wanted& goal, const World& world, Steps& steps);

/// Which release, set and wish a container of one is for. Nothing: it is of none.
[[nodiscard]] std::optional<Rehearsal> rehearsal_subject(const ObservedContainer& job);

}  // namespace matriarch::reconcilers
