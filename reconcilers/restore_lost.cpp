// The volume of the database is lost, and a person said what is to take its place. It is the one
// way to a new volume where there was one, so it is gone only once what fills it is here, whole;
// until then the alarm stands. What else is lost is not made anew by it.
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/restore.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {

bool is_database_lost(const Wanted& wanted, const World& world) {
    const std::string& volume = Names(wanted.instance).postgres_volume;
    const auto known = world.identity.volumes.find(volume);
    const bool was_there =
        known != world.identity.volumes.end() && !known->second.created_at.empty();
    return was_there && !world.volumes.contains(volume) && !world.identity.restoring &&
           to_restore(world).has_value() && world.due.is_kept;
}

Steps plan_lost_database(const Wanted& wanted, const World& world) {
    Steps steps;
    World without = world;
    Identity& identity = without.identity;
    identity.restoring = to_restore(world);
    identity.restoring->is_bare = true;
    identity.volumes[Names(wanted.instance).postgres_volume] = {};
    identity.database_system.clear();
    identity.is_set_up = false;
    plan_identity(wanted, without, steps);
    const Identity renewed = identity;
    steps.steps.clear();  // of what else is lost, only that is said
    check_backup_policy(wanted, steps);
    if (!steps.blocked.empty()) return steps;
    if (!plan_image(specs::resolved_images(wanted.instance).postgres, world, steps)) return steps;
    if (!has_fitting_set(wanted, world, steps, *renewed.restoring)) return steps;
    for (const auto& [name, container] : world.containers) {
        // Whoever has the volume open has what is left of it.
        if (container.spec.role != "postgres") continue;
        discard(container, world, steps, "its volume is gone");
        return steps;
    }
    steps.add(PinIdentity{renewed},
              "the volume of the database is gone, and its backup of " +
                  slot_text(renewed.restoring->slot) + " is here: it gets a new one",
              Downtime::stops, Reversible::needs_restore);
    return steps;
}

}  // namespace matriarch::reconcilers
