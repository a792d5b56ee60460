// One `if` per situation, from "only the new one is there" to "only the new one is left".
#include "reconcilers/rollout.hpp"

#include <algorithm>

#include "reconcilers/converge.hpp"
#include "reconcilers/giving_up.hpp"
#include "reconcilers/schema.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::milliseconds;

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
        if (leave.overlaps) keep_serving(slot, world, steps);
        return true;
    }
    if (!fresh.is_proven()) {
        const std::string key = attempt(slot.spec, world);
        const auto what = failure_of(wanted, world, fresh);
        if (what && !world.failures.contains(key)) {
            steps.add(RememberFailure{.key = key, .name = fresh.name, .what = *what}, *what);
            return true;
        }
        converge(slot.spec, world, steps);
        if (fresh.is_ready()) {
            steps.add(Wait{"container " + fresh.name, look_again}, "it answered once");
        }
        if (leave.overlaps) keep_serving(slot, world, steps);
        return true;
    }
    if (is_away(slot.spec, &fresh)) {
        converge(slot.spec, world, steps);  // cut off since it answered
        if (fresh.may_be_stopping) {
            steps.add(Wait{"container " + fresh.name, look_again},
                      "it may have been asked to stop");
            if (leave.overlaps) keep_serving(slot, world, steps);
        }
        return true;
    }
    if (old.is_alive()) {
        const bool is_served = world.edge.routes.contains(fresh.name);
        const bool has_routes = fresh.spec.role != "sidekiq" && !wanted.instance.edge.external;
        if (has_routes && leave.overlaps && !is_served) {
            steps.add(Wait{"container " + fresh.name, look_again}, "the edge learns of it");
            if (old.spec.restart != "no") stay_away(old, steps, reason);
            return true;
        }
        retire(wanted, old, world, steps, reason, Downtime::none);
        return true;
    }
    if (const auto another = unproven_part(wanted, world)) {
        steps.add(Wait{"container " + old.name, look_again}, "kept until " + *another + " serves");
    } else if (old.state != RunState::removing) {
        steps.add(RemoveContainer{old.id, old.name}, "its release serves");
    }
    return false;
}

/// Without what was changed on its way out.
std::string why_replaced(const Slot& slot, const World& world) {
    auto found = differences_in(slot.spec, world, *slot.old);
    std::erase_if(found, [](const auto& one) { return one.remedy != Remedy::recreate; });
    return found.empty() ? "another one serves in its place" : in_words(found);
}

}  // namespace

void stay_away(const ObservedContainer& container, Steps& steps, const std::string& reason) {
    steps.add(UpdateLimits{.id = container.id,
                           .name = container.name,
                           .limits = container.spec.limits,
                           .restart = "no"},
              reason + "; " + kept_down);
}

bool is_changing(const Slot& slot) {
    if (slot.fresh == nullptr || slot.old == nullptr) return false;
    if (slot.fresh->is_alive() == slot.old->is_alive()) return true;
    return slot.fresh->is_alive() && !slot.fresh->is_proven();
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
    const bool is_kept_up = container.spec.restart != "no";
    if (is_kept_up) stay_away(container, steps, reason);
    // Also one that does not answer just now: it may have jobs in hand.
    const bool may_have_jobs = container.spec.role == "sidekiq" && container.is_running();
    const bool is_quieted = container.quieting_since.has_value();
    if (may_have_jobs && !is_quieted) {
        steps.add(
            SignalContainer{.id = container.id, .name = container.name, .signal = quiet_signal},
            reason);
    }
    if (is_kept_up || (may_have_jobs && !is_quieted)) return;
    if (world.edge.routes.contains(container.name)) {
        steps.add(Wait{"container " + container.name, look_again}, "people still are sent to it");
        return;
    }
    if (may_have_jobs) {
        const auto drain = wanted.instance.upgrade.drain;
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

void fence(const Wanted& wanted, const World& world, Steps& steps, const std::string& reason) {
    bool works = false;
    for (const auto& [name, container] : world.containers) {
        if (container.spec.role != "sidekiq" || !container.is_alive()) continue;
        // Somebody started it beside the job: then it is not waited for.
        works = schema_job(world) == nullptr;
        retire(wanted, container, world, steps, reason, Downtime::none);
    }
    for (const auto& [name, container] : world.containers) {
        const bool serves = is_app_role(container.spec.role) && container.spec.role != "sidekiq";
        if (!serves || !container.is_alive()) continue;
        if (!works) {
            retire(wanted, container, world, steps, reason, Downtime::stops);
        } else if (container.spec.restart != "no") {
            stay_away(container, steps, reason);  // so that its stop takes no longer than it must
        }
    }
}

bool runs_code(const World& world) {
    return std::any_of(world.containers.begin(), world.containers.end(), [](const auto& entry) {
        return is_app_role(entry.second.spec.role) && entry.second.is_alive();
    });
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
        const bool serves = (slot.old != nullptr && slot.old->is_ready()) ||
                            (slot.fresh != nullptr && slot.fresh->is_proven());
        Leave mine = leave;
        mine.is_taken = serves && (is_taken || another_is_away);
        if (mine.is_taken) mine.turn = "the other replicas";
        if (roll(wanted, slot, mine, world, steps)) is_taken = true;
    }
    learn_from_first(wanted, slots, world, steps);
}

bool roll(const Wanted& wanted, const Slot& slot, const Leave& leave, const World& world,
          Steps& steps) {
    if (slot.in_the_way != nullptr) {
        if (slot.old->may_end() && slot.in_the_way->is_alive()) {
            steps.add(Wait{"container " + slot.in_the_way->name, look_again},
                      "the other one may be ending");
            return true;
        }
        discard(*slot.in_the_way, world, steps, "made for something else");
        keep_serving(slot, world, steps);
        return false;
    }
    if (slot.old == nullptr) {
        if (slot.fresh == nullptr || !is_begun_anew(*slot.fresh, world, steps)) {
            converge(slot.spec, world, steps, leave.obstacle);
        }
        return false;
    }
    const std::string reason = why_replaced(slot, world);
    if (goes_back(wanted, slot, world)) return go_back(wanted, slot, leave, world, steps);
    report_no_way_back(slot, world, steps);
    const auto waits_for = leave.obstacle ? leave.obstacle : missing_ground(slot.spec, world);
    if (slot.fresh == nullptr) {
        // Made while others still keep it from starting: that takes no time later.
        const bool may_be_made = !leave.obstacle || leave.may_be_made;
        const auto missing = missing_ground(slot.spec, world);
        if (world.taken_names.contains(slot.spec.name)) {
            converge(slot.spec, world, steps, leave.obstacle);  // says so
        } else if (missing || !may_be_made) {
            steps.add(Wait{"container " + slot.spec.name, look_again}, "waits for " + *waits_for);
        } else {
            create(slot.spec, world, steps, reason);
        }
        keep_serving(slot, world, steps);
        return false;
    }
    const bool has_begun = slot.fresh->is_alive();
    if (waits_for || (leave.turn && !has_begun)) {
        // What was stopped for its successor stays so where that is the next but one.
        const bool is_next = !waits_for && !leave.overlaps && !slot.old->is_alive();
        // What was given up stays away, and without the database nobody knows whether it was.
        if (!has_begun && world.schema.is_known && (leave.overlaps || is_next)) {
            put_right(slot.spec, world, *slot.fresh, steps);
        }
        steps.add(Wait{"container " + slot.spec.name, look_again},
                  "waits for " + (waits_for ? *waits_for : *leave.turn));
        if (!is_next && (leave.overlaps || !has_begun)) keep_serving(slot, world, steps);
        return has_begun;
    }
    return replace(wanted, slot, leave, world, steps, reason);
}

}  // namespace matriarch::reconcilers
