// The heart: look, decide, do, look again. Deciding is pure and lives in reconcilers/; nothing in
// here waits for anything but the Engine's answer to a single call.
#include "controller/loop/pass.hpp"

#include <algorithm>

#include "controller/base/log.hpp"
#include "controller/store/failures.hpp"
#include "controller/store/generation.hpp"
#include "controller/store/identity.hpp"
#include "reconcilers/backup_status.hpp"
#include "reconcilers/housekeeping.hpp"
#include "reconcilers/removal.hpp"
#include "reconcilers/spare_images.hpp"

namespace matriarch::controller {

using namespace reconcilers;
using std::chrono::milliseconds;

namespace {

/// Soonest of all waits; at once where something was changed.
milliseconds next_look(const Steps& steps, milliseconds interval) {
    if (!steps.changes_nothing()) return milliseconds(0);
    // A commit, an event or a person will wake us; until then there is nothing new to see.
    if (!steps.blocked.empty()) return std::min<milliseconds>(interval, std::chrono::seconds(5));
    milliseconds next = interval;
    for (const Step& step : steps.steps) {
        if (const auto* wait = std::get_if<Wait>(&step.action)) next = std::min(next, wait->again);
    }
    return next;
}

}  // namespace

Result<Written> written_of(const InstanceFolder& folder) {
    return Written{.identity = TRY(load_identity(folder)),
                   .failures = TRY(load_failures(folder)),
                   .requests = TRY(load_requests(folder))};
}

Result<World> Pass::observe(const Wanted& wanted, const Discovery& discovery,
                            const Surroundings& surroundings, std::stop_token stop) {
    const InstanceFolder folder = TRY(state_.instance(wanted.instance.name));
    Written written = TRY(written_of(folder));
    written.surroundings = surroundings;
    // Damaged: what it led back to is not known, and then no image is spare.
    const auto back = settled_before(folder, wanted.revision);
    if (back && *back) written.surroundings.ways_back.push_back((*back)->instance);
    written.surroundings.are_known = written.surroundings.are_known && back.has_value();
    return observer_.observe(wanted, written, discovery, puller_.report(), {.stop = stop});
}

/// What goes wrong here is told of, and waits for the next full look.
void Pass::keep_up(const Wanted& wanted, const Steps& steps, const std::string& condition,
                   PassResult& result, milliseconds interval, std::stop_token stop) {
    if (!steps.changes_nothing()) {
        const auto confirmed = holder_.confirm(wanted.instance.name, {.stop = stop});
        if (!confirmed) {
            result.error = confirmed.error();
            return;
        }
    }
    const auto kept = applier_.apply(wanted, steps, {.stop = stop});
    if (kept) {
        const bool is_stuck = !steps.blocked.empty() && steps.changes_nothing();
        if (!is_stuck) result.next = std::min(result.next, next_look(steps, interval));
        return;
    }
    log::warn("upkeep step failed", {{log::key::instance, wanted.instance.name},
                                     {log::key::kind, to_text(kept.error().kind)},
                                     {log::key::error, kept.error().message}});
    result.status.conditions.push_back({condition, false, "StepFailed", to_text(kept.error())});
    const bool is_moved = kept.error().kind == ErrorKind::conflict;
    result.next =
        std::min<milliseconds>(result.next, is_moved ? std::chrono::seconds(1) : interval);
}

Result<PassResult> Pass::run(const Wanted& wanted, const Discovery& discovery,
                             milliseconds interval, std::stop_token stop,
                             const Restraint& restraint, const Surroundings& surroundings) {
    const World world = TRY(observe(wanted, discovery, surroundings, stop));
    Steps steps = only_safe(wanted, world, plan_instance(wanted, world));
    restrain(wanted, world, restraint, steps);
    const Steps upkeep = only_safe(wanted, world, plan_upkeep(wanted, world, steps));
    const Steps housekeeping =
        only_safe(wanted, world, plan_housekeeping(wanted, world, steps, upkeep));
    PassResult result{.steps = steps,
                      .upkeep = upkeep,
                      .housekeeping = housekeeping,
                      .needed_images = needed_images(wanted, world),
                      .status = status(wanted, world, steps),
                      .next = next_look(steps, interval)};
    add_backups(wanted, world, upkeep, result.status);
    add_housekeeping(world, housekeeping, result.status);
    if (!steps.changes_nothing()) TRY(holder_.confirm(wanted.instance.name, {.stop = stop}));
    const auto applied = applier_.apply(wanted, steps, {.stop = stop});
    if (!applied) result.error = applied.error();
    keep_up(wanted, upkeep, "BackupsWork", result, interval, stop);
    keep_up(wanted, housekeeping, "UpkeepWorks", result, interval, stop);
    return result;
}

Result<Pass::Removal> Pass::remove(const Wanted& wanted, const Discovery& discovery,
                                   milliseconds interval, std::stop_token stop) {
    const World world = TRY(observe(wanted, discovery, {}, stop));
    const Steps steps = only_safe(wanted, world, plan_removal(wanted, world));
    if (!steps.changes_nothing()) TRY(holder_.confirm(wanted.instance.name, {.stop = stop}));
    TRY(applier_.apply(wanted, steps, {.stop = stop}));
    const InstanceFolder folder = TRY(state_.instance(wanted.instance.name));
    return Removal{.steps = steps,
                   .stays = what_stays(wanted, world, folder.root.string()),
                   .next = next_look(steps, interval)};
}

Result<PassResult> Pass::look(const Wanted& wanted, const Discovery& discovery,
                              std::stop_token stop) {
    const World world = TRY(observe(wanted, discovery, {}, stop));
    const Steps steps = plan_instance(wanted, world);
    PassResult result{.steps = steps,
                      .needed_images = needed_images(wanted, world),
                      .status = status(wanted, world, steps)};
    add_backups(wanted, world, {}, result.status);
    return result;
}

}  // namespace matriarch::controller
