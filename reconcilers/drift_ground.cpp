// What containers stand on: networks, volumes, the edge's configuration, PostgreSQL's parameters.
#include "reconcilers/caddyfile.hpp"
#include "reconcilers/drift_look.hpp"
#include "reconcilers/ignore.hpp"
#include "reconcilers/labels.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

void judge_network(DriftLook& look, const std::string& name, bool internal) {
    const std::string resource = "network " + name;
    const auto doubled = look.world.doubled_networks.find(name);
    if (doubled != look.world.doubled_networks.end()) {
        look.add(resource, "network",
                 {.field = "existence",
                  .desired = "one network",
                  .actual = std::to_string(doubled->second.size()) + " of this name"},
                 "an unused double is removed");
        return;
    }
    const auto found = look.world.networks.find(name);
    if (found == look.world.networks.end()) {
        look.add(resource, "network",
                 {.field = "existence", .desired = "present", .actual = "absent"}, "made anew");
    } else if (found->second.internal != internal) {
        look.add(resource, "network",
                 {.field = "internal",
                  .desired = internal ? "true" : "false",
                  .actual = internal ? "false" : "true"},
                 "nothing by itself: disconnect its containers and remove it");
    }
}

void judge_volumes(DriftLook& look) {
    for (const WantedVolume& volume : wanted_volumes(look.wanted)) {
        const auto found = look.world.volumes.find(volume.name);
        const auto pinned = look.world.identity.volumes.find(volume.name);
        const bool was_there = !volume.is_data || (pinned != look.world.identity.volumes.end() &&
                                                   !pinned->second.created_at.empty());
        if (!was_there) continue;
        const std::string role = volume.is_data ? "data" : "volume";
        if (found == look.world.volumes.end()) {
            look.add("volume " + volume.name, role,
                     {.field = "existence", .desired = "present", .actual = "absent"},
                     volume.is_data ? "nothing: it would be an empty one; bring it back or restore"
                                    : "made anew");
            continue;
        }
        const auto uuid = found->second.labels.find(label::volume);
        const bool is_it = uuid != found->second.labels.end() &&
                           (!volume.is_data || uuid->second == pinned->second.uuid);
        if (volume.is_data && !is_it) {
            look.add("volume " + volume.name, role,
                     {.field = "identity",
                      .desired = "the one that was deployed",
                      .actual = "another one"},
                     "nothing: bring the right one back or restore");
        }
    }
}

void judge_edge(DriftLook& look) {
    const ObservedEdge& edge = look.world.edge;
    if (!edge.is_known || look.wanted.instance.edge.external) return;
    const auto digest = [&](const Wanted& wanted) {
        return sha256(caddyfile(wanted.instance, edge.version));
    };
    // A text that an older version of this program made of the same file is nobody's hand.
    const bool is_known_text = edge.is_ours || edge.config == digest(look.wanted) ||
                               (look.before && edge.config == digest(*look.before));
    const std::string resource = "container " + Names(look.wanted.instance).edge;
    if (!is_known_text) {
        look.add(resource, "edge",
                 {.field = "configuration",
                  .desired = short_digest(digest(look.wanted)),
                  .actual = edge.config.empty() ? "none" : short_digest(edge.config)},
                 "written and loaded again, without a restart");
    }
    for (const std::string& name : edge.routes) {
        if (name.starts_with(look.wanted.instance.name + "-")) continue;
        look.add(resource, "edge",
                 {.field = "route " + name, .desired = "absent", .actual = "present"},
                 "written and loaded again, without a restart");
    }
}

/// What we set stands on the command line, which has the last word; all else is PostgreSQL's own.
void judge_parameters(DriftLook& look) {
    const ContainerSpec server = wanted_postgres(look.wanted);
    for (const std::string& name : look.world.schema.altered) {
        look.add("container " + Names(look.wanted.instance).postgres, "postgres",
                 {.field = "parameter " + name,
                  .desired = "PostgreSQL's own",
                  .actual = "set by ALTER SYSTEM"},
                 "nothing: ALTER SYSTEM RESET " + name + ", then SELECT pg_reload_conf()");
        look.leave(ignore_of(server, look.world, "parameter " + name));
    }
}

/// On the internal network nobody else has any business; on the other, an edge of one's own.
void judge_strangers(DriftLook& look) {
    const Names names(look.wanted.instance);
    for (const Stranger& stranger : look.world.strangers) {
        const bool may_be_the_door = look.wanted.instance.edge.external;
        if (stranger.network == names.external_network && may_be_the_door) continue;
        look.add("network " + stranger.network, "stranger",
                 {.field = "container " + stranger.name,
                  .desired = "not connected",
                  .actual = "connected (image " + stranger.image + ")"},
                 "nothing: it is not ours; docker network disconnect " + stranger.network + " " +
                     stranger.name);
    }
}

}  // namespace

void judge_ground(DriftLook& look) {
    judge_strangers(look);
    if (look.is_first()) return;
    const Names names(look.wanted.instance);
    judge_network(look, names.internal_network, true);
    judge_network(look, names.external_network, false);
    judge_volumes(look);
    judge_edge(look);
    judge_parameters(look);
}

}  // namespace matriarch::reconcilers
