// The Engine's side of the host: what there is, and what happens to it as time passes.
#include "tests/model/host.hpp"

#include <algorithm>

#include "reconcilers/labels.hpp"

namespace matriarch::model {

using reconcilers::Health;
using reconcilers::RunState;
using Next = SimulatedContainer::Next;

namespace {

/// The restart policy waits a little before it starts what ended.
constexpr milliseconds restart_pause{100};

}  // namespace

const std::string& role_of(const SimulatedContainer& one) {
    static const std::string none;
    const auto role = one.seen.spec.labels.find(reconcilers::label::role);
    return role == one.seen.spec.labels.end() ? none : role->second;
}

bool is_alive(const SimulatedContainer& one) {
    return one.seen.is_running() || one.seen.state == RunState::paused ||
           one.seen.state == RunState::restarting;
}

namespace {

/// Paused: what was to happen to it next happens once it goes on.
bool is_frozen(const SimulatedContainer& one) {
    return one.seen.state == RunState::paused;
}

}  // namespace

SimulatedContainer* SimulatedHost::by_id(const std::string& id) {
    const auto found = containers.find(id);
    return found == containers.end() ? nullptr : &found->second;
}

const SimulatedContainer* SimulatedHost::by_name(const std::string& name) const {
    for (const auto& [id, one] : containers) {
        if (one.seen.name == name) return &one;
    }
    return nullptr;
}

SimulatedContainer* SimulatedHost::by_name(const std::string& name) {
    return const_cast<SimulatedContainer*>(std::as_const(*this).by_name(name));
}

std::string SimulatedHost::new_id(const std::string& kind) {
    return kind + "-" + std::to_string(++made);
}

SimulatedVolume& SimulatedHost::make_volume(const std::string& name,
                                            const std::map<std::string, std::string>& labels) {
    const auto found = volumes.find(name);
    if (found != volumes.end()) return found->second;
    SimulatedVolume volume{.seen = {.name = name, .labels = labels}, .identity = ++made};
    volume.seen.created_at = std::to_string(now.time_since_epoch().count());
    return volumes.emplace(name, std::move(volume)).first->second;
}

std::optional<Time> SimulatedHost::next_event() const {
    std::optional<Time> first;
    const auto offer = [&](Time at) {
        if (at > now && (!first || at < *first)) first = at;
    };
    for (const auto& [id, one] : containers) {
        if (one.next != Next::nothing && !is_frozen(one)) offer(one.next_at);
        if (one.seen.is_running()) offer(one.ready_at);
    }
    return first;
}

void SimulatedHost::advance(milliseconds span) {
    const Time until = now + span;
    while (true) {
        SimulatedContainer* first = nullptr;
        for (auto& [id, one] : containers) {
            if (one.next == Next::nothing || one.next_at > until || is_frozen(one)) continue;
            if (first == nullptr || one.next_at < first->next_at) first = &one;
        }
        if (first == nullptr) break;
        now = std::max(now, first->next_at);
        const Next next = std::exchange(first->next, Next::nothing);
        if (next == Next::goes_on) go_on(*first);
        if (next == Next::dies) end(*first, first->next_code);
        if (next == Next::comes_back) {
            ++first->seen.restart_count;
            begin(*first);
        }
    }
    now = until;
    note_writes();
}

void SimulatedHost::note_writes() {
    const auto clusters = std::count_if(volumes.begin(), volumes.end(), [](const auto& volume) {
        return volume.second.cluster.has_value();
    });
    if (clusters < 2) return;
    for (auto& [id, one] : containers) {
        const std::string role = role_of(one);
        const bool writes = role == "web" || role == "sidekiq";
        if (!writes || !one.seen.is_running() || one.ready_at > now) continue;
        if (SimulatedContainer* server = peer(one, "postgres")) cluster_of(*server)->written = now;
    }
}

void SimulatedHost::begin(SimulatedContainer& one) {
    one.seen.state = RunState::running;
    one.seen.started_at = now;
    one.seen.exit_code = 0;
    one.seen.oom_killed = false;
    one.is_held_down = false;
    one.job_began = now;
    one.next = Next::nothing;
    one.ready_at = now;
    one.is_quiet = false;
    go_on(one);
}

void SimulatedHost::end(SimulatedContainer& one, int code, bool is_out_of_memory) {
    one.seen.exit_code = code;
    one.printed = last_words(one, code);
    one.seen.oom_killed = is_out_of_memory;
    one.seen.finished_at = now;
    one.next = Next::nothing;
    if (one.seen.spec.restart == "always" && !one.is_held_down) {
        one.seen.state = RunState::restarting;
        one.next = Next::comes_back;
        one.next_at = now + restart_pause;
        return;
    }
    one.seen.state = RunState::exited;
}

reconcilers::ObservedContainer SimulatedHost::inspect(const SimulatedContainer& one) const {
    reconcilers::ObservedContainer seen = one.seen;
    seen.health = Health::none;
    seen.health_at = {};
    seen.health_output.clear();
    if (!seen.is_running() || !seen.spec.health) return seen;
    const auto& health = *seen.spec.health;
    const auto count = (now - seen.started_at) / milliseconds(health.interval);
    seen.health = Health::starting;
    if (count < 1) return seen;
    seen.health_at = seen.started_at + count * milliseconds(health.interval);
    const Answer said = answer(one, seen.health_at);
    seen.health_output = said.text;
    if (said.is_yes || seen.health_at < one.answered_until) {
        seen.health = Health::healthy;
    } else if (seen.health_at - seen.started_at >= health.start_period && count >= health.retries) {
        seen.health = Health::unhealthy;
    }
    return seen;
}

}  // namespace matriarch::model
