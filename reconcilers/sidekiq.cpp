// Sidekiq: the jobs. One container group for each entry of the file.
//
// At most one process may run the `scheduler` queue, at every instant: the old container is
// quieted, finishes its jobs and stops before the new one starts. A job that is cut off by KILL is
// lost (they are fetched with BRPOP), so the grace is longer than Sidekiq's own 25 s.
#include <algorithm>

#include "reconcilers/mastodon.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/rollout.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::seconds;

/// Prints the title of its process, which tells of jobs in hand: "sidekiq 8.0.9 mastodon [1 of 5
/// busy] stopping".
std::string health_line(const specs::Version& version) {
    if (is_at_least(version, 4, 3)) {
        return "test -e \"/opt/mastodon/tmp/$MASTODON_SIDEKIQ_READY_FILENAME\" && "
               "ps aux | grep -o '[s]idekiq [678].*'";
    }
    return "ps aux | grep -o '[s]idekiq [56].*'";
}

bool schedules(const ContainerSpec& spec) {
    return spec.role == "sidekiq" && spec.command &&
           std::find(spec.command->begin(), spec.command->end(), "scheduler") !=
               spec.command->end();
}

/// The queue may move from one container to another, but never be in two.
std::optional<std::string> other_scheduler(const Slot& slot, const World& world) {
    if (!schedules(slot.spec)) return std::nullopt;
    for (const auto& [name, other] : world.containers) {
        const bool is_alive = !other.has_exited() && other.state != RunState::created;
        const bool is_own = &other == slot.fresh || &other == slot.old;
        if (!is_own && is_alive && schedules(other.spec)) return "the scheduler in " + name;
    }
    return std::nullopt;
}

/// Of two with the scheduler that would be started in one pass, the second waits for the next.
void start_one_scheduler(const World& world, Steps& steps) {
    std::string first;
    for (Step& step : steps.steps) {
        const auto* start = std::get_if<StartContainer>(&step.action);
        const auto* one = start == nullptr ? nullptr : world.container(start->name);
        if (one == nullptr || !schedules(one->spec)) continue;
        if (first.empty()) {
            first = one->name;
        } else {
            step = {.action = Wait{"container " + one->name, look_again},
                    .reason = "waits for the scheduler in " + first};
        }
    }
}

/// After a restore it is there, and does not run.
void hold(const Wanted& wanted, const Slot& slot, const World& world, Steps& steps) {
    const std::string reason = "held since a backup was restored";
    for (const ObservedContainer* one : {slot.fresh, slot.old, slot.in_the_way}) {
        if (one == nullptr) continue;
        if (one->is_alive()) return retire(wanted, *one, world, steps, reason, Downtime::none);
        if (one != slot.fresh) return discard(*one, world, steps, reason);
    }
    if (slot.fresh == nullptr) converge(slot.spec, world, steps);
}

}  // namespace

std::vector<ContainerSpec> wanted_sidekiq(const Wanted& wanted) {
    const Names names(wanted.instance);
    std::vector<ContainerSpec> all;
    for (const specs::SidekiqGroup& group : wanted.instance.sidekiq) {
        for (int replica = 1; replica <= group.replicas; ++replica) {
            ContainerSpec spec = mastodon_container(
                wanted, names.of("sidekiq-" + group.name + "-" + std::to_string(replica)),
                "sidekiq");
            spec.command = std::vector<std::string>{"bundle", "exec", "sidekiq", "-c",
                                                    std::to_string(group.concurrency)};
            for (const std::string& queue : group.queues) {
                spec.command->push_back("-q");
                spec.command->push_back(queue);
            }
            spec.limits = group.limits;
            // Up to 4.2 the pool does not follow the concurrency by itself.
            spec.environment["DB_POOL"] = shown(std::to_string(group.concurrency));
            spec.health = HealthCheck{.test = {"CMD-SHELL", health_line(wanted.instance.mastodon)},
                                      .interval = seconds(15),
                                      .timeout = seconds(10),
                                      .start_period = seconds(120),
                                      .retries = 3};
            spec.stop_grace = seconds(40);
            all.push_back(finished(spec));
        }
    }
    return all;
}

void plan_sidekiq(const Wanted& wanted, const World& world, const Upgrade& upgrade, Steps& steps) {
    const auto slots = slots_of(wanted_of(wanted, "sidekiq"), world);
    if (is_held(world)) {
        for (const Slot& slot : slots) hold(wanted, slot, world, steps);
        return;
    }
    auto obstacle = upgrade.obstacle();
    if (!obstacle) obstacle = behind_first_boot(slots, wanted, world);
    for (const Slot& slot : slots) {
        roll(wanted, slot,
             {.obstacle = obstacle ? obstacle : other_scheduler(slot, world),
              .may_be_made = upgrade.may_make_code,
              .turn = turn_behind_web(wanted, world),
              .overlaps = false},
             world, steps);
    }
    start_one_scheduler(world, steps);
}

}  // namespace matriarch::reconcilers
