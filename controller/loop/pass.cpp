// The heart: look, decide, do, look again. Deciding is pure and lives in reconcilers/; nothing in
// here waits for anything but the Engine's answer to a single call.
#include "controller/loop/pass.hpp"

#include <algorithm>

#include "controller/store/failures.hpp"
#include "controller/store/identity.hpp"

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
    return Written{.identity = TRY(load_identity(folder)), .failures = TRY(load_failures(folder))};
}

Result<World> Pass::observe(const Wanted& wanted, const Discovery& discovery,
                            std::stop_token stop) {
    const InstanceFolder folder = TRY(state_.instance(wanted.instance.name));
    const Written written = TRY(written_of(folder));
    return observer_.observe(wanted, written, discovery, puller_.report(), {.stop = stop});
}

Result<PassResult> Pass::run(const Wanted& wanted, const Discovery& discovery,
                             milliseconds interval, std::stop_token stop) {
    const World world = TRY(observe(wanted, discovery, stop));
    const Steps steps = only_safe(wanted, world, plan_instance(wanted, world));
    PassResult result{
        .steps = steps, .status = status(wanted, world, steps), .next = next_look(steps, interval)};
    if (!steps.changes_nothing()) TRY(holder_.confirm(wanted.instance.name, {.stop = stop}));
    const auto applied = applier_.apply(wanted, steps, {.stop = stop});
    if (!applied) result.error = applied.error();
    return result;
}

Result<PassResult> Pass::look(const Wanted& wanted, const Discovery& discovery,
                              std::stop_token stop) {
    const World world = TRY(observe(wanted, discovery, stop));
    const Steps steps = plan_instance(wanted, world);
    return PassResult{.steps = steps, .status = status(wanted, world, steps)};
}

}  // namespace matriarch::controller
