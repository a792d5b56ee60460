// The way back is the way there, mirrored: the old one serves before the new one leaves.
#include "reconcilers/giving_up.hpp"

#include <algorithm>

#include "reconcilers/converge.hpp"
#include "reconcilers/schema.hpp"
#include "reconcilers/slot.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

/// Docker restarts what ends; after so many times it will not come up by itself any more.
constexpr int restarts_max = 3;

/// For so long it has tried, and what it needs has been there. One that served and ended tries
/// anew.
Time trying_since(const Wanted& wanted, const World& world, const ObservedContainer& fresh) {
    const Names names(wanted.instance);
    Time since = std::max(fresh.started_at, fresh.finished_at);
    for (const std::string& name : {names.postgres, names.redis}) {
        const ObservedContainer* ground = world.container(name);
        if (ground == nullptr || !ground->is_ready()) return world.now;
        since = std::max(since, ground->started_at);
    }
    return since;
}

bool is_proven(const Slot& slot) {
    return slot.fresh != nullptr && slot.fresh->is_proven();
}

std::vector<Slot> slots_of_code(const Wanted& wanted, const World& world) {
    std::vector<Slot> slots;
    for (const ContainerSpec& spec : wanted_containers(wanted)) {
        if (is_app_role(spec.role)) slots.push_back(slot_of(spec, world));
    }
    return slots;
}

bool may_go_back(const Slot& slot, const World& world) {
    return slot.old != nullptr && (slot.old->is_alive() || may_serve_again(*slot.old, world));
}

/// It was tried before, in vain, and nothing has changed since.
bool is_given_up(const Slot& slot, const World& world) {
    return slot.old != nullptr && !is_proven(slot) &&
           world.failures.contains(attempt(slot.spec, world));
}

void report(const Slot& slot, const World& world, Steps& steps) {
    steps.block({.code = "rolled-back",
                 .message = slot.spec.name +
                            " was rolled back: " + world.failures.at(attempt(slot.spec, world)) +
                            "; " + slot.old->name + " serves as before",
                 .hint = "See docker logs " + slot.spec.name +
                         ". Push another commit, or run matriarch resume to have it tried again.",
                 .kind = ErrorKind::failed});
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

bool goes_back(const Wanted& wanted, const Slot& slot, const World& world) {
    if (world.failures.empty() || !may_go_back(slot, world)) return false;
    if (is_given_up(slot, world)) return true;
    const auto all = slots_of_code(wanted, world);
    return std::any_of(all.begin(), all.end(), [&](const Slot& other) {
        return is_given_up(other, world) && may_go_back(other, world);
    });
}

bool go_back(const Wanted& wanted, const Slot& slot, const Leave& leave, const World& world,
             Steps& steps) {
    const bool has_failed = is_given_up(slot, world);
    if (has_failed) report(slot, world, steps);
    if (slot.fresh == nullptr || !slot.fresh->is_alive()) {
        keep_serving(slot, world, steps);
        return false;
    }
    if (leave.is_taken && !has_failed) {
        steps.add(Wait{"container " + slot.old->name, look_again}, "waits for the other replicas");
        return false;
    }
    // What serves goes on until the old one does, where both may run; also what failed and answers.
    const bool serves = !has_failed || slot.fresh->is_ready();
    const bool is_back = slot.old->is_proven() && !is_away(slot.spec, slot.old);
    if (leave.overlaps && serves && !is_back) {
        steps.add(Wait{"container " + slot.old->name, look_again}, "comes back with its release");
        keep_serving(slot, world, steps);
        return true;
    }
    const bool has_routes = slot.spec.role != "sidekiq" && !wanted.instance.edge.external;
    if (leave.overlaps && serves && has_routes && !world.edge.routes.contains(slot.old->name)) {
        steps.leaving.insert(slot.fresh->name);
        steps.add(Wait{"container " + slot.old->name, look_again}, "the edge learns of it");
        return true;
    }
    retire(wanted, *slot.fresh, world, steps, "given up", Downtime::none);
    // Only one of them may run: the old one comes back when the new one is gone.
    if (slot.old->is_alive()) keep_serving(slot, world, steps);
    return true;
}

void report_no_way_back(const Slot& slot, const World& world, Steps& steps) {
    // While the database cannot be asked, there may be one.
    if (!world.schema.is_known || !is_given_up(slot, world) || may_go_back(slot, world)) return;
    steps.block(
        {.code = "no-way-back",
         .message = slot.spec.name + ": " + world.failures.at(attempt(slot.spec, world)) + "; " +
                    slot.old->name +
                    " is not known to serve on the schema as it is now, so there is no way back",
         .hint = "See docker logs " + slot.spec.name +
                 ". Push a release that works; this one is tried on meanwhile. The rows of before "
                 "come back only with what was written since lost: git revert, then matriarch "
                 "restore --snapshot ID (see matriarch backup list).",
         .kind = ErrorKind::failed});
}

std::optional<std::string> unproven_part(const Wanted& wanted, const World& world) {
    for (const Slot& slot : slots_of_code(wanted, world)) {
        if (slot.old != nullptr && !is_proven(slot)) return slot.spec.name;
    }
    return std::nullopt;
}

void keep_serving(const Slot& slot, const World& world, Steps& steps) {
    const ObservedContainer& old = *slot.old;
    // Else the Engine, when it starts, would bring both.
    const auto* fresh = slot.fresh;
    const bool comes_back = fresh != nullptr && fresh->has_exited() &&
                            fresh->spec.role == "sidekiq" && fresh->spec.restart != "no";
    if (comes_back) return stay_away(*fresh, steps, "the one before it serves");
    if (old.is_running()) plug_in(slot.spec, world, old, steps);
    if (old.state == RunState::paused) {
        steps.add(UnpauseContainer{old.id, old.name}, "paused");
    } else if (old.has_exited() && may_serve_again(old, world)) {
        steps.add(StartContainer{old.id, old.name}, "serves until its successor does");
    } else if (old.stopping_since) {
        stop(old, world, steps, "asked to before", Downtime::none);
    } else if (is_begun_anew(old, world, steps)) {
        return;
    } else if (old.is_running() && old.spec.restart != "always" && !old.may_be_stopping) {
        steps.add(
            UpdateLimits{
                .id = old.id, .name = old.name, .limits = old.spec.limits, .restart = "always"},
            "it goes on serving");
    }
}

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

}  // namespace matriarch::reconcilers
