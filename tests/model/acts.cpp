// Each act as Docker does it, restart policies included.
#include "tests/model/acts.hpp"

#include <algorithm>

#include "reconcilers/labels.hpp"
#include "tests/model/places.hpp"

namespace matriarch::model {

using reconcilers::RunState;
using Next = SimulatedContainer::Next;

namespace {

constexpr milliseconds outage{60'000};
constexpr milliseconds engine_boot{3'000};

SimulatedContainer* pick(SimulatedHost& host, std::size_t target, const std::string& instance) {
    std::vector<SimulatedContainer*> ours;
    for (auto& [id, one] : host.containers) {
        const auto owner = one.seen.spec.labels.find(reconcilers::label::instance);
        if (owner != one.seen.spec.labels.end() && owner->second == instance) ours.push_back(&one);
    }
    if (ours.empty()) return nullptr;
    std::sort(ours.begin(), ours.end(), [](const auto* left, const auto* right) {
        return left->seen.name < right->seen.name;
    });
    return ours[target % ours.size()];
}

/// `docker stop`: the policy waits for the Engine's next start.
void hold_down(SimulatedHost& host, SimulatedContainer& one, int code) {
    one.is_held_down = true;
    host.end(one, code);
}

/// What survives depends on the policy and on how it ended; a `created` one is never started.
void restart_engine(SimulatedHost& host, int code) {
    std::vector<std::string> returning;
    for (auto& [id, one] : host.containers) {
        const bool was_started = one.seen.state != RunState::created;
        if (one.seen.spec.restart == "always" && was_started) returning.push_back(id);
        if (is_alive(one)) hold_down(host, one, code);
    }
    host.advance(engine_boot);
    for (const std::string& id : returning) host.begin(host.containers.at(id));
}

bool lose_volume(SimulatedHost& host, std::size_t target) {
    if (host.volumes.empty()) return false;
    auto lost = host.volumes.begin();
    std::advance(lost, static_cast<std::ptrdiff_t>(target % host.volumes.size()));
    std::erase_if(host.containers, [&](const auto& entry) {
        const auto& mounts = entry.second.seen.spec.mounts;
        return std::any_of(mounts.begin(), mounts.end(),
                           [&](const auto& mount) { return mount.volume == lost->first; });
    });
    host.volumes.erase(lost);
    return true;
}

/// `matriarch take-over`, on another machine.
bool take_over(SimulatedHost& host, const std::string& instance) {
    namespace label = reconcilers::label;
    int number = 1;
    const auto claim = [&] { return instance + "-holder-" + std::to_string(number); };
    while (host.volumes.contains(claim())) ++number;
    host.make_volume(
        claim(),
        {{label::instance, instance}, {label::holds, instance}, {label::holder, "theirs"}});
    return true;
}

bool act_on(SimulatedHost& host, FaultKind kind, SimulatedContainer& one) {
    const bool runs = one.seen.is_running();
    switch (kind) {
        case FaultKind::exits:
        case FaultKind::oom:
            if (runs) host.end(one, kind == FaultKind::oom ? 137 : 1, kind == FaultKind::oom);
            return runs;
        case FaultKind::removed:
            return remove_by_hand(host, one.seen.name);
        case FaultKind::stopped:
            if (!is_alive(one)) return false;
            hold_down(host, one, 143);
            return true;
        case FaultKind::paused:
            if (runs) one.seen.state = RunState::paused;
            return runs;
        case FaultKind::started: {
            // A half-made one too; what lacks its network does not start.
            const bool is_job = one.seen.spec.labels.contains(reconcilers::label::subject);
            const bool rests =
                !is_job && (one.seen.state == RunState::created || one.seen.has_exited());
            if (rests) host.begin(one);
            return rests;
        }
        case FaultKind::squeezed:
            one.seen.spec.limits.memory = mib(33);
            return true;
        case FaultKind::unplugged:
            if (one.seen.network_ids.empty()) return false;
            if (host.answer(one, host.now).is_yes) one.answered_until = host.now;
            // The inner one, which the database is on.
            one.seen.spec.networks.erase(one.seen.network_ids.rbegin()->first);
            one.seen.network_ids.erase(std::prev(one.seen.network_ids.end()));
            return true;
        case FaultKind::renamed:
            if (host.by_name(one.seen.name + "-old") != nullptr) return false;
            one.seen.name += "-old";
            one.seen.spec.name = one.seen.name;
            return true;
        default:
            return false;
    }
}

}  // namespace

bool remove_by_hand(SimulatedHost& host, const std::string& name) {
    const auto count = std::erase_if(
        host.containers, [&](const auto& entry) { return entry.second.seen.name == name; });
    return count > 0;
}

std::string target_of(SimulatedHost& host, std::size_t target, const std::string& instance) {
    const SimulatedContainer* one = pick(host, target, instance);
    return one == nullptr ? "" : one->seen.id;
}

std::string victim_of(SimulatedHost& host, FaultKind kind, std::size_t target,
                      const std::string& instance) {
    if (kind == FaultKind::volume_lost) {
        if (host.volumes.empty()) return "";
        auto volume = host.volumes.begin();
        std::advance(volume, static_cast<std::ptrdiff_t>(target % host.volumes.size()));
        return short_name(volume->first, instance);
    }
    const auto& acts = container_acts();
    if (std::find(acts.begin(), acts.end(), kind) == acts.end()) return "";
    const SimulatedContainer* one = pick(host, target, instance);
    return one == nullptr ? "" : short_name(one->seen.name, instance);
}

bool act(SimulatedHost& host, const Fault& fault, const std::string& instance) {
    if (fault.victim.empty()) return act(host, fault.kind, fault.target, instance);
    const std::size_t all = std::max(host.containers.size(), host.volumes.size());
    for (std::size_t target = 0; target < all; ++target) {
        if (victim_of(host, fault.kind, target, instance) != fault.victim) continue;
        return act(host, fault.kind, target, instance);
    }
    return false;
}

bool act(SimulatedHost& host, FaultKind kind, std::size_t target, const std::string& instance) {
    switch (kind) {
        case FaultKind::engine_restart:
            restart_engine(host, 143);
            return true;
        case FaultKind::engine_crash:
            restart_engine(host, 137);
            return true;
        case FaultKind::disk_full:
            host.disk_full_until = host.now + outage;
            return true;
        case FaultKind::registry_down:
            host.registry_down_until = host.now + outage;
            return true;
        case FaultKind::volume_lost:
            return lose_volume(host, target);
        case FaultKind::taken_over:
            return take_over(host, instance);
        default:
            break;
    }
    SimulatedContainer* one = pick(host, target, instance);
    return one != nullptr && act_on(host, kind, *one);
}

}  // namespace matriarch::model
