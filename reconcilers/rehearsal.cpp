// The way of one rehearsal: image, network, set, database, Redis, migrations, report. What was
// found out is written down by whoever observes; then all of it goes.
#include "reconcilers/rehearsal.hpp"

#include <algorithm>
#include <sstream>

#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/pursue.hpp"
#include "reconcilers/reconcilers.hpp"
#include "reconcilers/rehearsal_jobs.hpp"
#include "reconcilers/scratch.hpp"
#include "reconcilers/upgrade.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

Wanted at_version(Wanted wanted, const specs::Version& version) {
    wanted.instance.mastodon = version;
    return wanted;
}

std::string subject_of(const RehearsalWish& wish, Time slot) {
    return to_text(wish.version) + " " + slot_text(slot) + " " + slot_text(wish.asked);
}

/// The one that it was begun on goes on counting: a newer backup is no reason to begin anew.
const Snapshot* set_for(const RehearsalWish& wish, const World& world) {
    for (const auto& [name, one] : world.containers) {
        const auto about = rehearsal_subject(one);
        if (!about || about->version != wish.version || about->asked != wish.asked) continue;
        const Snapshot* set = set_of(world.repository, about->slot);
        if (set != nullptr) return set;
    }
    return newest_complete(world.repository, database_kind, world.now);
}

/// Limits are what they may take, so what runs and this must fit together.
bool has_room(const World& world, const RehearsalAttempt& attempt) {
    if (world.host.memory.count == 0) return true;
    std::int64_t sum = 0;
    for (const auto& [name, one] : world.containers) {
        if (one.is_alive() && !is_rehearsal_role(one.spec.role)) {
            sum += one.spec.limits.memory.count;
        }
    }
    for (const ContainerSpec& one :
         {rehearsal_database(attempt), rehearsal_redis(attempt), rehearsal_migration(attempt)}) {
        sum += one.limits.memory.count;
    }
    return sum <= world.host.memory.count;
}

/// Away with everything, the network once nobody runs on it. Returns whether all of it is gone.
bool clear(const World& world, const specs::Instance& instance, const std::string& but,
           Steps& steps, const std::string& reason) {
    bool is_gone = true;
    for (const auto& [name, one] : world.containers) {
        const auto subject = one.spec.labels.find(label::subject);
        const bool is_left = is_rehearsal_role(one.spec.role) &&
                             (subject == one.spec.labels.end() || subject->second != but);
        if (!is_left) continue;
        discard(one, world, steps, reason);
        is_gone = false;
    }
    if (!is_gone || !but.empty()) return is_gone;
    const auto network = world.networks.find(rehearsal_network(instance));
    if (network == world.networks.end() || !label::is_of(network->second.labels, instance.name))
        return true;
    steps.add(RemoveNetwork{network->second.id, network->second.name}, reason);
    return false;
}

/// Makes what the jobs run beside; returns whether both are ready.
bool has_ground(const RehearsalAttempt& attempt, const World& world, Steps& steps) {
    const std::string name = rehearsal_network(attempt.wanted.instance);
    const auto network = world.networks.find(name);
    if (network == world.networks.end()) {
        steps.add(CreateNetwork{.name = name,
                                .internal = true,
                                .labels = {{label::instance, attempt.wanted.instance.name}}},
                  attempt.reason);
        return false;
    }
    if (!network->second.internal ||
        !label::is_of(network->second.labels, attempt.wanted.instance.name)) {
        steps.block({.code = "network-foreign",
                     .message = "network " + name + " is somebody else's, and may lead outside",
                     .hint = "Remove it: docker network rm " + name + "."});
        return false;
    }
    const ContainerSpec database = rehearsal_database(attempt);
    const ObservedContainer* made = world.container(database.name);
    const bool is_begun = made != nullptr && job_state(database, world) == JobState::unfinished &&
                          made->state != RunState::created;
    const ContainerSpec fetch = fetched_set(attempt.wanted, world, rehearsal_fetch_role,
                                            attempt.subject, attempt.set, rehearsal_database_role);
    const ObservedContainer* fetched = world.container(fetch.name);
    if (is_used_up(fetched, made)) {
        discard(*fetched, world, steps, "what it fetched was restored once");
        return false;
    }
    if (!is_begun && !pursue(fetch, world, steps, attempt.reason, "rehearsal-undone")) return false;
    bool are_ready = true;
    for (const ContainerSpec& server : {database, rehearsal_redis(attempt)}) {
        const ObservedContainer* one = world.container(server.name);
        const bool is_ready =
            one != nullptr && one->is_ready() && job_state(server, world) == JobState::unfinished;
        if (is_ready) continue;
        if (pursue(server, world, steps, attempt.reason, "rehearsal-undone")) {
            discard(*one, world, steps, "it ended before it was of use");
        }
        are_ready = false;
    }
    return are_ready;
}

void rehearse(const RehearsalAttempt& attempt, const World& world, Steps& steps) {
    const ContainerSpec migration = rehearsal_migration(attempt);
    const JobState state = job_state(migration, world);
    const bool is_over = state == JobState::succeeded || state == JobState::failed;
    if (!is_over) {
        if (has_ground(attempt, world, steps)) run_job(migration, world, steps, attempt.reason);
        return;
    }
    const ObservedContainer& ended = *world.container(migration.name);
    if (ended.was_killed()) {
        if (is_due_again(ended, world)) return discard(ended, world, steps, "was killed");
        steps.add(Wait{"job " + migration.name, look_at_job}, "was killed; begins anew");
        return;
    }
    // Without what the server saw there is an answer all the same.
    run_job(rehearsal_report(attempt), world, steps, attempt.reason);
    if (steps.steps.empty())
        steps.add(Wait{"job " + migration.name, look_again}, "is written down");
}

}  // namespace

bool is_rehearsal_role(const std::string& role) {
    return role == rehearsal_fetch_role || role == rehearsal_database_role ||
           role == rehearsal_redis_role || role == rehearsal_role || role == rehearsal_report_role;
}

bool must_rehearse(const Wanted& wanted) {
    return wanted.instance.upgrade.rehearse || wanted.policy.rehearsed;
}

std::string rehearsal_network(const specs::Instance& instance) {
    return Names(instance).of("rehearsal");
}

specs::ImageRef rehearsed_image(const specs::Instance& instance, const specs::Version& version) {
    specs::Instance other = instance;
    other.mastodon = version;
    return specs::resolved_images(other).mastodon;
}

std::optional<Rehearsal> rehearsal_subject(const ObservedContainer& job) {
    const auto subject = job.spec.labels.find(label::subject);
    if (!is_rehearsal_role(job.spec.role) || subject == job.spec.labels.end()) return std::nullopt;
    std::istringstream words(subject->second);
    std::string version;
    std::string slot;
    std::string asked;
    words >> version >> slot >> asked;
    const auto release = specs::parse_version(version);
    const auto set = parse_slot(slot);
    const auto when = parse_slot(asked);
    if (!release || !set || !when) return std::nullopt;
    return Rehearsal{.version = *release, .slot = *set, .asked = *when};
}

const Rehearsal* rehearsal_of(const Wanted& wanted, const World& world) {
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    if (image == nullptr) return nullptr;
    const auto found = world.rehearsals.find(image->id);
    return found == world.rehearsals.end() ? nullptr : &found->second;
}

bool is_rehearsed(const Wanted& wanted, const World& world) {
    if (!must_rehearse(wanted) || !is_set_up(world)) return true;
    const MigrationFiles* files = wanted_migrations(wanted, world);
    if (files == nullptr || !world.schema.is_known) return true;  // asked for at another place
    if (schema_gap(*files, world).pending() == 0) return true;
    const Rehearsal* rehearsal = rehearsal_of(wanted, world);
    return rehearsal != nullptr && rehearsal->has_passed();
}

std::optional<RehearsalWish> to_rehearse(const Wanted& goal, const World& world) {
    if (const auto& wish = world.rehearsal_wish) {
        const Wanted wanted = at_version(goal, wish->version);
        const Rehearsal* known = rehearsal_of(wanted, world);
        if (known == nullptr || known->asked < wish->asked) return wish;
    }
    const Wanted station = next_station(goal, world);
    if (is_rehearsed(station, world) || rehearsal_of(station, world) != nullptr) {
        return std::nullopt;
    }
    return RehearsalWish{.version = station.instance.mastodon};
}

bool has_rehearsal_work(const Wanted& goal, const World& world) {
    const std::string name = rehearsal_network(goal.instance);
    const auto network = world.networks.find(name);
    const bool has_network = (network != world.networks.end() &&
                              label::is_of(network->second.labels, goal.instance.name)) ||
                             world.doubled_networks.contains(name);
    return to_rehearse(goal, world) || has_network ||
           std::any_of(world.containers.begin(), world.containers.end(),
                       [](const auto& entry) { return is_rehearsal_role(entry.second.spec.role); });
}

void plan_rehearsal(const Wanted& goal, const World& world, Steps& steps) {
    if (plan_doubles(goal, world, rehearsal_network(goal.instance), steps)) return;
    const auto wish = to_rehearse(goal, world);
    if (!wish) {
        clear(world, goal.instance, "", steps, "the rehearsal is over");
        return;
    }
    const Snapshot* set = set_for(*wish, world);
    if (set == nullptr) {
        return steps.block(
            {.code = "rehearsal-undone",
             .message = "there is no backup to rehearse " + to_text(wish->version) + " on",
             .hint = "matriarch backup run " + goal.instance.name + ".",
             .kind = ErrorKind::failed});
    }
    const RehearsalAttempt attempt{.wanted = at_version(goal, wish->version),
                                   .set = *set,
                                   .subject = subject_of(*wish, set->slot),
                                   .reason = "rehearsal of " + to_text(wish->version)};
    if (!clear(world, goal.instance, attempt.subject, steps, "of an earlier rehearsal")) return;
    const specs::Images images = specs::resolved_images(attempt.wanted.instance);
    if (!plan_image(images.mastodon, world, steps)) return;
    if (!has_room(world, attempt)) {
        return steps.block(
            {.code = "rehearsal-no-room",
             .message = "what runs and a rehearsal do not fit into the memory of this host",
             .hint = "Lower the limits of web and postgres, or set upgrade: {rehearse: false}.",
             .kind = ErrorKind::refused});
    }
    rehearse(attempt, world, steps);
}

}  // namespace matriarch::reconcilers
