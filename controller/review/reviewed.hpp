// Reviewed: what a comment showed of an instance, in lines that are kept and compared with what the
// same planner says later. Pure.
#pragma once

#include <string>
#include <vector>

#include "controller/loop/fleet.hpp"
#include "reconcilers/preview.hpp"

namespace matriarch::controller {

/// Steps in their order, downtime, way back, and what stands in the way. No secret is in it.
///
/// Left out, since it says nothing of what is done to the server:
/// - reasons: they name what was seen, and that changes by itself;
/// - waiting: a window that has opened meanwhile is no other plan;
/// - pulling: an image is here already where another instance or a rehearsal needed it;
/// - the job that looks into an image for its migrations: that is found out once;
/// - the dump before a migration: one that is young enough counts, an older one is made away with
///   first; whether one is asked for stands in the file;
/// - which of its two names a replica's container has now, and the digest in a job's name: an image
///   has no id yet before it is here.
///
/// Rehearsals, backups by schedule and other upkeep are in no plan.
[[nodiscard]] std::string plan_lines(const std::string& instance, const reconcilers::Plan& plan);

/// The same of an instance whose file is gone.
[[nodiscard]] std::string removal_lines();

/// In what a plan is another than the one that was reviewed, in words; empty: in nothing. The order
/// counts for what is done to one resource: among several it follows from what is waited for.
[[nodiscard]] std::vector<std::string> what_differs(const std::string& reviewed,
                                                    const std::string& now);

/// Of what the fleet wants of an instance, with the file of its secrets, still encrypted.
[[nodiscard]] std::string wanted_digest(const Fleet& fleet, const specs::Instance& instance);

/// In its place where the file of the instance is gone.
[[nodiscard]] std::string removal_digest();

}  // namespace matriarch::controller
