// One `if` per situation, from "only the new one is there" to "only the new one is left".
#include "reconcilers/rollout.hpp"

#include <algorithm>

#include "reconcilers/converge.hpp"
#include "reconcilers/schema.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::milliseconds;

/// Docker restarts what ends; after so many times it will not come up by itself any more.
constexpr int restarts_max = 3;

/// Sidekiq that fetches no more begins anew, once it has finished what it has. Whether it does
/// that.
bool is_begun_anew(const ObservedContainer& one, const World& world, Steps& steps) {
    if (!one.is_running() || !one.workers || !one.workers->is_quiet) return false;
    if (one.workers->busy > 0) {
        steps.add(Wait{"container " + one.name, look_again},
                  std::to_string(one.workers->busy) + " jobs in hand, then it begins anew");
    } else {
        stop(one, world, steps, "it fetches no more jobs", Downtime::none);
    }
    return true;
}

/// What served before goes on, or serves again where it fits.
void keep_serving(const ObservedContainer& old, const World& world, Steps& steps) {
    if (old.state == RunState::paused) {
        steps.add(UnpauseContainer{old.id, old.name}, "paused");
    } else if (old.has_exited() && may_serve_again(old, world)) {
        steps.add(StartContainer{old.id, old.name}, "serves until its successor does");
    } else if (old.stopping_since) {
        stop(old, world, steps, "asked to before", Downtime::none);
    } else if (is_begun_anew(old, world, steps)) {
        return;
    } else if (old.is_running() && old.spec.restart != "always") {
        steps.add(
            UpdateLimits{
                .id = old.id, .name = old.name, .limits = old.spec.limits, .restart = "always"},
            "it goes on serving");
    }
}

/// From here on the Engine must not start it, not even when it starts itself.
void stay_away(const ObservedContainer& container, Steps& steps, const std::string& reason) {
    steps.add(UpdateLimits{.id = container.id,
                           .name = container.name,
                           .limits = container.spec.limits,
                           .restart = "no"},
              reason + "; it must not come back by itself");
}

/// Whether what it needs has been there for as long as it has tried.
Time trying_since(const Wanted& wanted, const World& world, const ObservedContainer& fresh) {
    const Names names(wanted.instance);
    Time since = fresh.started_at;
    for (const std::string& name : {names.postgres, names.redis}) {
        const ObservedContainer* ground = world.container(name);
        if (ground == nullptr || !ground->is_ready()) return world.now;
        since = std::max(since, ground->started_at);
    }
    return since;
}

/// Why the new one is given up, in words.
std::optional<std::string> failure_of(const Wanted& wanted, const World& world,
                                      const ObservedContainer& fresh) {
    if (fresh.restart_count >= restarts_max) {
        return "it ended " + std::to_string(fresh.restart_count) + " times, the last with code " +
               std::to_string(fresh.exit_code) + (fresh.oom_killed ? " (out of memory)" : "");
    }
    const Duration patience = wanted.instance.upgrade.patience;
    if (world.now - trying_since(wanted, world, fresh) < patience) return std::nullopt;
    return "it did not answer within " + to_text(patience);
}

void report_failure(const Slot& slot, const std::string& what, Steps& steps) {
    steps.block({.code = "rolled-back",
                 .message = slot.spec.name + " was rolled back: " + what + "; " + slot.old->name +
                            " serves as before",
                 .hint = "See docker logs " + slot.spec.name +
                         ". Push another commit, or run matriarch resume to have it tried again.",
                 .kind = ErrorKind::failed});
}

/// It was tried before, and nothing has changed since.
void leave_failed(const Wanted& wanted, const Slot& slot, const World& world, Steps& steps) {
    report_failure(slot, world.failures.at(attempt(slot.spec, world)), steps);
    if (slot.fresh != nullptr && slot.fresh->is_alive()) {
        retire(wanted, *slot.fresh, world, steps, "given up", Downtime::none);
        // Only one of them may run: the old one comes back when the new one is gone.
        if (!slot.old->is_alive()) return;
    }
    keep_serving(*slot.old, world, steps);
}

/// Both are there, and the new one may run.
bool replace(const Wanted& wanted, const Slot& slot, const Leave& leave, const World& world,
             Steps& steps, const std::string& reason) {
    const ObservedContainer& fresh = *slot.fresh;
    const ObservedContainer& old = *slot.old;
    if (!fresh.is_alive()) {
        if (!leave.overlaps && old.is_alive()) {
            retire(wanted, old, world, steps, reason, Downtime::brief);
            return true;
        }
        if (!leave.overlaps && old.spec.restart != "no") {
            stay_away(old, steps, reason);
            return true;
        }
        steps.add(StartContainer{fresh.id, fresh.name}, reason);
        if (leave.overlaps) keep_serving(old, world, steps);
        return true;
    }
    if (!fresh.is_proven()) {
        if (const auto what = failure_of(wanted, world, fresh)) {
            steps.add(
                RememberFailure{
                    .key = attempt(slot.spec, world), .name = fresh.name, .what = *what},
                *what);
            return true;
        }
        converge(slot.spec, world, steps);
        if (fresh.is_ready()) {
            steps.add(Wait{"container " + fresh.name, look_again}, "it answered once");
        }
        if (leave.overlaps) keep_serving(old, world, steps);
        return true;
    }
    if (is_away(slot.spec, &fresh)) {
        converge(slot.spec, world, steps);  // cut off since it answered
        return true;
    }
    if (old.is_alive()) {
        const bool is_served = world.edge.routes.contains(fresh.name);
        const bool has_routes = fresh.spec.role != "sidekiq" && !wanted.instance.edge.external;
        if (has_routes && leave.overlaps && !is_served) {
            steps.add(Wait{"container " + fresh.name, look_again}, "the edge learns of it");
            return true;
        }
        retire(wanted, old, world, steps, reason, Downtime::none);
        return true;
    }
    if (old.state != RunState::removing) {
        steps.add(RemoveContainer{old.id, old.name}, "its successor serves");
    }
    return true;
}

/// Without what was changed on its way out.
std::string why_replaced(const Slot& slot, const World& world) {
    auto found = differences_in(slot.spec, world, *slot.old);
    std::erase_if(found, [](const auto& one) { return one.remedy != Remedy::recreate; });
    return found.empty() ? "another one serves in its place" : in_words(found);
}

/// A new container without one before it (somebody removed that) has failed: the others, whose old
/// containers serve, need not try.
void learn_from_first(const Wanted& wanted, const std::vector<Slot>& slots, const World& world,
                      Steps& steps) {
    const bool has_old = std::any_of(slots.begin(), slots.end(),
                                     [](const Slot& slot) { return slot.old != nullptr; });
    for (const Slot& slot : slots) {
        const bool is_first = slot.old == nullptr && slot.fresh != nullptr &&
                              slot.fresh->is_alive() && !slot.fresh->is_proven();
        if (!has_old || !is_first) continue;
        const std::string key = attempt(slot.spec, world);
        const auto what = failure_of(wanted, world, *slot.fresh);
        if (!what || world.failures.contains(key)) continue;
        steps.add(RememberFailure{.key = key, .name = slot.fresh->name, .what = *what}, *what);
    }
}

}  // namespace

std::string attempt(const ContainerSpec& spec, const World& world) {
    const ImageFacts* image = world.image(spec.image);
    std::string text = spec_digest(spec) + "\n" + (image == nullptr ? "" : image->id) + "\n";
    for (const auto& [name, value] : spec.environment) {
        if (value.is_secret) text += name + "=" + sha256(value.value.reveal()) + "\n";
    }
    return short_digest(sha256(text));
}

bool is_changing(const Slot& slot) {
    const bool has_both = slot.fresh != nullptr && slot.old != nullptr;
    return has_both && (slot.fresh->is_alive() || !slot.old->is_alive());
}

void retire(const Wanted& wanted, const ObservedContainer& container, const World& world,
            Steps& steps, const std::string& reason, Downtime downtime) {
    if (container.state == RunState::paused) {
        steps.add(UnpauseContainer{container.id, container.name}, reason);
        return;
    }
    steps.leaving.insert(container.name);
    if (container.stopping_since) {
        stop(container, world, steps, reason, downtime);
        return;
    }
    if (container.spec.restart != "no") {
        stay_away(container, steps, reason);
        return;
    }
    if (world.edge.routes.contains(container.name)) {
        steps.add(Wait{"container " + container.name, look_again}, "people still are sent to it");
        return;
    }
    // Also one that does not answer just now: it may have jobs in hand.
    if (container.spec.role == "sidekiq" && container.is_running()) {
        const auto drain = wanted.instance.upgrade.drain;
        if (!container.quieting_since) {
            steps.add(
                SignalContainer{.id = container.id, .name = container.name, .signal = quiet_signal},
                reason);
            return;
        }
        const bool is_idle = container.workers && container.workers->busy == 0;
        if (!is_idle && world.now - *container.quieting_since < drain) {
            steps.add(Wait{"container " + container.name, look_again},
                      container.workers ? std::to_string(container.workers->busy) + " jobs in hand"
                                        : "which jobs it has in hand is not known");
            return;
        }
    }
    stop(container, world, steps, reason, downtime);
}

void roll_in_turn(const Wanted& wanted, const std::vector<Slot>& slots, const Leave& leave,
                  const World& world, Steps& steps) {
    bool is_taken = false;
    for (const Slot& slot : slots) {
        const bool another_is_away =
            std::any_of(slots.begin(), slots.end(), [&](const Slot& other) {
                return &other != &slot && (is_away(other) || is_changing(other));
            });
        // What does not serve anyway need not wait: its replacement may be the cure.
        const bool serves = slot.old != nullptr && slot.old->is_ready();
        Leave mine = leave;
        if (serves && (is_taken || another_is_away)) mine.turn = "the other replicas";
        if (roll(wanted, slot, mine, world, steps)) is_taken = true;
    }
    learn_from_first(wanted, slots, world, steps);
}

bool roll(const Wanted& wanted, const Slot& slot, const Leave& leave, const World& world,
          Steps& steps) {
    if (slot.in_the_way != nullptr) {
        discard(*slot.in_the_way, world, steps, "made for something else");
        keep_serving(*slot.old, world, steps);
        return false;
    }
    if (slot.old == nullptr) {
        if (slot.fresh == nullptr || !is_begun_anew(*slot.fresh, world, steps)) {
            converge(slot.spec, world, steps, leave.obstacle);
        }
        return false;
    }
    const std::string reason = why_replaced(slot, world);
    const bool is_proven = slot.fresh != nullptr && slot.fresh->is_proven();
    if (world.failures.contains(attempt(slot.spec, world)) && !is_proven) {
        leave_failed(wanted, slot, world, steps);
        return false;
    }
    const auto waits_for = leave.obstacle ? leave.obstacle : missing_ground(slot.spec, world);
    if (slot.fresh == nullptr) {
        // Made while only the schema still keeps it from starting: that takes no time later.
        const bool may_be_made = leave.obstacle ? leave.may_be_made : !leave.turn;
        const auto missing = missing_ground(slot.spec, world);
        if (world.taken_names.contains(slot.spec.name)) {
            converge(slot.spec, world, steps, leave.obstacle);  // says so
        } else if (missing || !may_be_made) {
            const auto& what = waits_for ? waits_for : leave.turn;
            steps.add(Wait{"container " + slot.spec.name, look_again},
                      "waits for " + what.value_or("its turn"));
        } else {
            create(slot.spec, world, steps, reason);
        }
        keep_serving(*slot.old, world, steps);
        return false;
    }
    const bool has_begun = slot.fresh->is_alive();
    if (waits_for || (leave.turn && !has_begun)) {
        if (!has_begun) put_right(slot.spec, world, *slot.fresh, steps);
        steps.add(Wait{"container " + slot.spec.name, look_again},
                  "waits for " + (waits_for ? *waits_for : *leave.turn));
        if (leave.overlaps || !has_begun) keep_serving(*slot.old, world, steps);
        return has_begun;
    }
    return replace(wanted, slot, leave, world, steps, reason);
}

}  // namespace matriarch::reconcilers
