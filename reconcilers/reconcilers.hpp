// The list of reconcilers: for each resource, a pure function to its next safe step.
//
// plan_instance() calls them in order and is the only place that knows the order. A reconciler asks
// the World whether what it builds on is there; there are no edges between reconcilers.
#pragma once

#include "reconcilers/steps.hpp"
#include "reconcilers/upgrade.hpp"
#include "reconcilers/wanted.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::reconcilers {

void plan_admission(const Wanted& wanted, const World& world, Steps& steps);
/// Takes out everything but what keeps running what is there.
void only_keep_running(Steps& steps);
/// Takes out what would write much while the disk is below `storage.reserve`, and says so.
void keep_reserve(const Wanted& wanted, const World& world, Steps& steps);
void plan_identity(const Wanted& wanted, const World& world, Steps& steps);
/// Whether anything shows that this instance's data existed before, although nothing is written
/// down.
[[nodiscard]] bool has_traces(const Wanted& wanted, const World& world);
void plan_network(const Wanted& wanted, const World& world, Steps& steps);
/// Of several networks of one name those of ours go that nothing uses. Returns whether there are
/// several.
bool plan_doubles(const Wanted& wanted, const World& world, const std::string& name, Steps& steps);
void plan_volumes(const Wanted& wanted, const World& world, Steps& steps);
void plan_images(const Wanted& wanted, const World& world, Steps& steps);
/// Next step towards one image. Returns whether it is here.
bool plan_image(const specs::ImageRef& image, const World& world, Steps& steps);
void plan_postgres(const Wanted& wanted, const World& world, Steps& steps);
void plan_redis(const Wanted& wanted, const World& world, Steps& steps);
void plan_search(const Wanted& wanted, const World& world, Steps& steps);
// What follows the upgrade's phase.
void plan_migrations(const Wanted& wanted, const World& world, const Upgrade& upgrade,
                     Steps& steps);
void plan_web(const Wanted& wanted, const World& world, const Upgrade& upgrade, Steps& steps);
void plan_streaming(const Wanted& wanted, const World& world, const Upgrade& upgrade, Steps& steps);
void plan_sidekiq(const Wanted& wanted, const World& world, const Upgrade& upgrade, Steps& steps);
void plan_aftercare(const Wanted& wanted, const World& world, const Upgrade& upgrade, Steps& steps);
void plan_orphans(const Wanted& wanted, const World& world, const Upgrade& upgrade, Steps& steps);
void plan_edge(const Wanted& wanted, const World& world, Steps& steps);
/// Says which containers end again and again.
void plan_crash_loops(const Wanted& wanted, const World& world, Steps& steps);

/// The next safe step of every resource, each with its reason. Pure; the same input gives the same
/// text.
[[nodiscard]] Steps plan_instance(const Wanted& wanted, const World& world);

/// Scheduled backups, beside the steps of plan_instance(): only while those change nothing. They
/// are no part of "as wanted": a backup that cannot be made keeps nobody from being served.
[[nodiscard]] Steps plan_upkeep(const Wanted& wanted, const World& world, const Steps& steps);

/// The upkeep of the host's disk, beside both: only while they change nothing.
[[nodiscard]] Steps plan_housekeeping(const Wanted& goal, const World& world, const Steps& main,
                                      const Steps& backups);

/// Takes out what no plan may ever contain, whatever a reconciler says, and says so as a block
/// ("unsafe"). The other steps stay: among them may be the one that clears the cause.
[[nodiscard]] Steps only_safe(const Wanted& goal, const World& world, Steps steps);

}  // namespace matriarch::reconcilers
