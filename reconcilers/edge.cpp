// Edge: Caddy, the front door with automatic TLS.
//
// Public names get public certificates; reserved ones (.test, .localhost, ...) Caddy's own
// authority, and are served without TLS too, so that a trial needs no DNS. What it serves, and to
// which containers it sends requests, is told to it while it runs; its container stays.
#include <algorithm>

#include "reconcilers/caddyfile.hpp"
#include "reconcilers/converge.hpp"
#include "reconcilers/rollout.hpp"
#include "specs/specs.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::seconds;

/// The container of a replica that people are to be sent to; empty: none.
std::string open_of(const Slot& slot, const World& world, const Steps& steps) {
    const auto may_serve = [&](const ObservedContainer* one) {
        return one != nullptr && one->is_running() && !steps.leaving.contains(one->name) &&
               !one->stopping_since;
    };
    const auto is_open = [&](const ObservedContainer* one) {
        return world.edge.routes.contains(one->name);
    };
    // Where people are sent nowhere, one good answer is better than none.
    const bool has_other = slot.old != nullptr && slot.old->is_alive();
    const bool is_only_one = !has_other && world.edge.routes.empty();
    if (may_serve(slot.fresh) && !is_away(slot.spec, slot.fresh) &&
        (slot.fresh->is_proven() || (is_only_one && slot.fresh->is_ready()))) {
        return slot.fresh->name;
    }
    // Where people are sent already comes first, the old one before the new one, unless that may be
    // ending and the old one answers; and one bad answer closes nobody's door: without it there may
    // be none at all.
    if (may_serve(slot.old) && is_open(slot.old) && slot.old->is_ready()) return slot.old->name;
    if (may_serve(slot.fresh) && is_open(slot.fresh) && slot.fresh->is_ready() &&
        (!slot.fresh->may_be_stopping || is_away(slot.spec, slot.old))) {
        return slot.fresh->name;
    }
    if (may_serve(slot.old) && (slot.old->is_ready() || is_open(slot.old))) return slot.old->name;
    if (may_serve(slot.fresh) && is_open(slot.fresh)) return slot.fresh->name;
    // For some seconds, perhaps; and there is nobody else.
    const bool is_doubted = may_serve(slot.fresh) && slot.fresh->may_be_stopping;
    if (is_doubted && slot.fresh->is_ready()) return slot.fresh->name;
    return "";
}

std::string reason_of(const ConfigureEdge& action, const ObservedEdge& edge, bool is_new_config) {
    std::string text;
    const auto say = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (is_new_config) say("its configuration changed");
    for (const std::string& name : action.routes) {
        if (!edge.routes.contains(name)) say(name + " serves");
    }
    for (const std::string& name : edge.routes) {
        if (!action.routes.contains(name)) say(name + " does not");
    }
    return text;
}

}  // namespace

bool is_missed(const Wanted& wanted, const World& world, const ObservedContainer& container) {
    const std::string& role = container.spec.role;
    if (!world.edge.routes.contains(container.name) || !container.is_ready()) return false;
    const auto counts = [&](const Slot& slot, const ObservedContainer* one) {
        return !is_away(slot.spec, one) &&
               (one->is_proven() || world.edge.routes.contains(one->name));
    };
    const auto slots = slots_of(wanted_of(wanted, role), world);
    return std::none_of(slots.begin(), slots.end(), [&](const Slot& slot) {
        const bool is_wanted = &container == slot.fresh || &container == slot.old;
        return is_wanted || counts(slot, slot.fresh) || counts(slot, slot.old);
    });
}

std::vector<ContainerSpec> wanted_edge(const Wanted& wanted) {
    const auto& edge = wanted.instance.edge;
    if (edge.external) return {};
    const Names names(wanted.instance);
    ContainerSpec spec =
        base_container(wanted, names.edge, "edge", specs::resolved_images(wanted.instance).edge);
    spec.command = edge_command();
    spec.limits = edge.limits;
    spec.capabilities = {"NET_BIND_SERVICE"};
    spec.mounts = {{.volume = names.edge_volume, .target = "/data"}};
    spec.networks[names.external_network] = {"edge"};
    if (edge.http != 0) spec.ports.push_back({.container = 80, .host = edge.http});
    if (edge.https != 0 && edge.tls != specs::Tls::off) {
        spec.ports.push_back({.container = 443, .host = edge.https});
        spec.ports.push_back({.container = 443, .host = edge.https, .udp = true});
    }
    spec.health = HealthCheck{.test = {"CMD-SHELL", edge_health_line()},
                              .interval = seconds(10),
                              .timeout = seconds(5),
                              .start_period = seconds(30),
                              .retries = 3};
    spec.stop_grace = seconds(15);
    return {finished(spec)};
}

void plan_edge(const Wanted& wanted, const World& world, Steps& steps) {
    for (const ContainerSpec& spec : wanted_edge(wanted)) {
        converge(spec, world, steps);
        const ObservedContainer* container = world.container(spec.name);
        if (container == nullptr || !container->is_ready() || container->stopping_since) continue;
        if (!world.edge.is_known) {
            steps.add(Wait{"container " + spec.name, look_again}, "what it serves is not known");
            continue;
        }
        if (std::any_of(world.containers.begin(), world.containers.end(), [&](const auto& entry) {
                return !steps.leaving.contains(entry.second.name) &&
                       is_missed(wanted, world, entry.second);
            })) {
            continue;  // the configuration in force names it, and the next one does not
        }
        ConfigureEdge action{.id = container->id,
                             .name = container->name,
                             .config = caddyfile(wanted.instance, world.edge.version)};
        for (const char* role : {"web", "streaming"}) {
            for (const Slot& slot : slots_of(wanted_of(wanted, role), world)) {
                const std::string name = open_of(slot, world, steps);
                if (!name.empty()) action.routes.insert(name);
                const bool is_coming =
                    slot.fresh != nullptr && slot.fresh->is_ready() && name != slot.fresh->name;
                if (is_coming && !steps.leaving.contains(slot.fresh->name)) {
                    steps.add(Wait{"container " + slot.fresh->name, look_again},
                              "it has to answer several times before people are sent to it");
                }
            }
        }
        const bool is_new_config = sha256(action.config) != world.edge.config;
        if (!is_new_config && action.routes == world.edge.routes) continue;
        const std::string reason = reason_of(action, world.edge, is_new_config);
        steps.add(std::move(action), reason);
    }
}

}  // namespace matriarch::reconcilers
