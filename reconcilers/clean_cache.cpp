// One time of the schedule, one cleaning: what ended, well or not, has had its time. A failure is
// said until the next time comes. One that was cut off (by hand, by the Engine's end, or because
// something else had to go first) has not had it.
#include "reconcilers/clean_cache.hpp"

#include <algorithm>

#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/mastodon.hpp"
#include "reconcilers/postgres_major.hpp"
#include "reconcilers/pursue.hpp"
#include "reconcilers/upgrade.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

/// Both are tried, whatever becomes of the first; the whole has failed if one has.
constexpr const char* script =
    "code=0\n"
    "[ -z \"$MEDIA_DAYS\" ] || tootctl media remove --days \"$MEDIA_DAYS\" || code=$?\n"
    "[ -z \"$PREVIEW_DAYS\" ] || tootctl preview_cards remove --days \"$PREVIEW_DAYS\" || code=$?\n"
    "exit \"$code\"\n";

/// tootctl knows whole days: rather one too many than one too few. Empty: for never.
std::string days(Duration age) {
    using Days = std::chrono::duration<std::int64_t, std::ratio<86400>>;
    return age.count() == 0 ? "" : std::to_string(std::chrono::ceil<Days>(age).count());
}

/// Something else needs the database, or the containers, for itself.
bool gives_way(const Wanted& goal, const Wanted& wanted, const World& world, const Steps& main) {
    if (world.identity.restoring || world.wish || schema_job(world) != nullptr) return true;
    const Upgrade upgrade = upgrade_of(wanted, world);
    if (upgrade.phase != Phase::settled && upgrade.phase != Phase::preparing) return true;
    const bool waits_only = !main.blocked.empty() || !world.is_window_open;
    const bool is_next =
        !upgrade.gap.regular.empty() || crossing_of(goal, wanted, upgrade, world) != Crossing::none;
    return is_next && !waits_only;
}

/// A backup that would start, were it not for the cleaning (see hold_beside_cleaning).
bool is_waited_for(const Steps& backups, const ObservedContainer& cleaning) {
    return std::any_of(backups.steps.begin(), backups.steps.end(), [&](const Step& step) {
        return is_wait(step.action) && resource(step.action) == "job " + cleaning.name;
    });
}

bool may_begin(const Wanted& wanted, const World& world, const Steps& main, const Steps& backups) {
    const ObservedContainer* postgres = world.container(Names(wanted.instance).postgres);
    if (postgres == nullptr || !postgres->is_ready() || !is_set_up(world)) return false;
    if (world.identity.database_system != world.schema.system_identifier) return false;
    if (in_the_way(world, cache_role) != nullptr || !backups.steps.empty()) return false;
    const bool only_waits = !main.blocked.empty() || outside_window(wanted, world);
    return main.steps.empty() || (main.changes_nothing() && only_waits);
}

/// An upgrade that has not begun is no reason to leave the disk full: what serves cleans.
Wanted serving(const Wanted& wanted, const World& world) {
    Wanted serving = wanted;
    if (upgrade_of(wanted, world).phase == Phase::settled || !wanted.settled) return serving;
    serving.instance = *wanted.settled;
    serving.instance.storage.cache = wanted.instance.storage.cache;
    return serving;
}

bool is_of(const ObservedContainer& job, Time slot) {
    const auto subject = job.spec.labels.find(label::subject);
    return subject != job.spec.labels.end() && subject->second == slot_text(slot);
}

void say_failed(const ObservedContainer& job, const World& world, Time slot, Steps& steps) {
    const auto age = std::chrono::floor<std::chrono::hours>(world.now - slot);
    steps.block({.code = "cache-cleaning-failed",
                 .message = "the cleaning of the cache of " + slot_text(slot) + " (" +
                            std::to_string(age.count()) + " h ago) failed: " + job.log_tail,
                 .hint = "It is tried again at its next time. See docker logs " + job.name + ".",
                 .kind = ErrorKind::failed});
}

}  // namespace

bool cleans_cache(const specs::Instance& instance) {
    return instance.storage.cache.media.count() > 0 || instance.storage.cache.previews.count() > 0;
}

ContainerSpec cache_job(const Wanted& wanted, Time slot) {
    ContainerSpec job = mastodon_job(wanted, Names(wanted.instance).of(cache_role), cache_role,
                                     {"sh", "-c", script}, slot_text(slot));
    give_way(job);
    job.environment["MEDIA_DAYS"] = shown(days(wanted.instance.storage.cache.media));
    job.environment["PREVIEW_DAYS"] = shown(days(wanted.instance.storage.cache.previews));
    return finished(job);
}

const ObservedContainer* cache_at_work(const World& world) {
    for (const auto& [name, container] : world.containers) {
        if (container.spec.role == cache_role && container.is_alive()) return &container;
    }
    return nullptr;
}

void hold_beside_cleaning(const World& world, Steps& steps) {
    const ObservedContainer* cleaning = cache_at_work(world);
    if (cleaning == nullptr) return;
    const auto held = std::erase_if(steps.steps, [](const Step& step) {
        return std::holds_alternative<StartContainer>(step.action);
    });
    if (held != 0) steps.add(Wait{"job " + cleaning->name, look_at_job}, "gives way to a backup");
}

void plan_cleaning(const Wanted& goal, const World& world, const Steps& main, const Steps& backups,
                   Steps& steps) {
    const Wanted wanted = next_station(goal, world);
    const bool is_in_the_way = gives_way(goal, wanted, world, main);
    if (const ObservedContainer* now = cache_at_work(world)) {
        if (is_in_the_way || is_waited_for(backups, *now)) {
            stop(*now, world, steps, "something else goes first", Downtime::none);
        } else if (now->state == RunState::paused) {
            steps.add(UnpauseContainer{now->id, now->name}, "paused");
        } else {
            steps.add(Wait{"job " + now->name, look_at_job}, "cleans the cache");
        }
        return;
    }
    const ObservedContainer* before = world.container(Names(wanted.instance).of(cache_role));
    if (!world.due.cache) {
        if (before != nullptr) discard(*before, world, steps, "the cache is cleaned no more");
        return;
    }
    const Time slot = *world.due.cache;
    const bool is_this = before != nullptr && is_of(*before, slot) && before->has_exited();
    if (is_this && before->was_killed()) {
        if (!is_due_again(*before, world)) return;
        return discard(*before, world, steps, "was cut off, and is tried again");
    }
    if (is_this && before->exit_code != 0) return say_failed(*before, world, slot, steps);
    if (is_this || has_time(world.cleanings, slot, world.now)) return;
    if (is_in_the_way || !may_begin(wanted, world, main, backups)) return;
    run_job(cache_job(serving(wanted, world), slot), world, steps,
            "cleaning of the cache of " + slot_text(slot));
}

}  // namespace matriarch::reconcilers
