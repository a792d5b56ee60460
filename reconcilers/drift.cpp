// Resource by resource: what differs, and what no commit could be the cause of.
#include "reconcilers/drift.hpp"

#include <algorithm>

#include "reconcilers/caddyfile.hpp"
#include "reconcilers/converge.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/path.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/slot.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

/// One look, with what was settled before beside what is wanted now.
struct Look {
    const Wanted& wanted;
    const World& world;
    /// Set while another commit than the settled one is on its way.
    std::optional<Wanted> before{};
    std::vector<DriftItem> items{};

    /// Nothing was settled yet: all that is missing is still to come.
    [[nodiscard]] bool is_first() const { return wanted.settled == nullptr; }
    /// Another release, or another major version of PostgreSQL: all code stops for a while.
    [[nodiscard]] bool changes_version() const { return before && is_on_the_way(*before, wanted); }
    [[nodiscard]] std::optional<ContainerSpec> spec_before(const ContainerSpec& spec) const {
        if (!before) return spec;
        for (ContainerSpec& one : wanted_of(*before, spec.role)) {
            if (one.name == spec.name) return std::move(one);
        }
        return std::nullopt;
    }
    void add(const std::string& resource, const std::string& role, Difference difference,
             std::string heal = "") {
        if (heal.empty()) heal = heal_of(role, difference);
        std::string risk = risk_of(role, difference.field);
        const auto found = world.containers.find(resource.substr(resource.find(' ') + 1));
        items.push_back({.resource = resource,
                         .id = found == world.containers.end() ? "" : found->second.id,
                         .difference = std::move(difference),
                         .risk = std::move(risk),
                         .heal = std::move(heal)});
    }
};

/// What stands for one wanted container: for Mastodon's own code there may be two.
std::vector<const ObservedContainer*> standing_for(const ContainerSpec& spec, const World& world) {
    if (!is_app_role(spec.role)) return {world.container(spec.name)};
    const Slot slot = slot_of(spec, world);
    return {slot.old, slot.fresh, slot.in_the_way};
}

bool has_field(const std::vector<Difference>& all, const std::string& field) {
    return std::any_of(all.begin(), all.end(),
                       [&](const Difference& one) { return one.field == field; });
}

bool is_of_secret(const ContainerSpec& spec, const Difference& difference) {
    const std::string prefix = "environment ";
    if (!difference.field.starts_with(prefix)) return false;
    const auto value = spec.environment.find(difference.field.substr(prefix.size()));
    return value != spec.environment.end() && value->second.is_secret;
}

/// By one of these commits, or by a hand that left no such label.
bool is_made_from(const ContainerSpec& now, const ContainerSpec& before,
                  const ObservedContainer& container) {
    const auto made = container.spec.labels.find(label::spec);
    return made == container.spec.labels.end() || made->second == now.labels.at(label::spec) ||
           made->second == before.labels.at(label::spec);
}

/// Neither as wanted nor as before. Of one that leaves, the restart policy is taken by us.
void judge_fields(Look& look, const ContainerSpec& spec, const ContainerSpec& before,
                  const ObservedContainer& container, bool is_leaving) {
    const auto now = differences_in(spec, look.world, container);
    const auto then = look.before ? differences_in(before, look.world, container) : now;
    // Between two releases there may be others, whose images and settings neither commit names.
    // And no hand changes what a container was made with: an older version of this program did.
    const bool may_be_on_its_way = (look.changes_version() && is_app_role(spec.role)) ||
                                   !is_made_from(spec, before, container);
    for (const Difference& difference : now) {
        if (!has_field(then, difference.field)) continue;
        if (may_be_on_its_way && difference.remedy == Remedy::recreate) continue;
        if (is_leaving && difference.field == "restart policy") continue;
        if (look.wanted.settled_had_other_secrets && is_of_secret(spec, difference)) continue;
        look.add("container " + container.name, spec.role, difference);
    }
}

/// Returns whether the container is missing by nobody's wish.
bool judge_container(Look& look, const ContainerSpec& spec) {
    const auto before = look.spec_before(spec);
    if (!before) return false;  // this commit brings it
    auto standing = standing_for(spec, look.world);
    std::erase(standing, nullptr);
    const bool is_replaced = before->labels.at(label::spec) != spec.labels.at(label::spec);
    const bool is_upgraded = look.changes_version() && is_app_role(spec.role);
    if (!standing.empty()) {
        const bool is_leaving =
            is_app_role(spec.role) && (is_replaced || is_upgraded || standing.size() > 1);
        judge_fields(look, spec, *before, *standing.front(), is_leaving);
    }
    if (look.is_first() || is_replaced || is_upgraded) return false;
    if (standing.empty()) return true;
    const bool is_well = std::any_of(standing.begin(), standing.end(), [](const auto* one) {
        return one->is_running() || one->stopping_since;
    });
    if (!is_well) {
        const ObservedContainer& container = *standing.front();
        look.add("container " + container.name, spec.role,
                 {.field = "state", .desired = "running", .actual = to_text(container.state)});
    }
    return false;
}

bool is_named(const std::vector<ContainerSpec>& all, const std::string& name) {
    return std::any_of(all.begin(), all.end(), [&](const ContainerSpec& spec) {
        return spec.name == name || (is_app_role(spec.role) && second_name(spec.name) == name);
    });
}

bool needs_no_other(const ContainerSpec& spec, const World& world,
                    const ObservedContainer& container) {
    const auto found = differences_in(spec, world, container);
    return container.spec.role == spec.role &&
           std::none_of(found.begin(), found.end(), [](const Difference& difference) {
               return difference.remedy == Remedy::recreate;
           });
}

/// Containers that carry our labels and that neither commit names: renamed ones, and left-overs.
void judge_unnamed(Look& look, std::vector<ContainerSpec>& missing) {
    auto all = wanted_containers(look.wanted);
    if (look.before) {
        const auto more = wanted_containers(*look.before);
        all.insert(all.end(), more.begin(), more.end());
    }
    for (const auto& [name, container] : look.world.containers) {
        const ObservedContainer& one = container;
        if (one.spec.labels.contains(label::subject) || is_named(all, name)) continue;
        const auto renamed = std::find_if(missing.begin(), missing.end(), [&](const auto& spec) {
            return needs_no_other(spec, look.world, one);
        });
        if (renamed != missing.end()) {
            look.add("container " + renamed->name, container.spec.role,
                     {.field = "name", .desired = renamed->name, .actual = name},
                     "one of the right name is made");
            look.items.back().id = container.id;
            missing.erase(renamed);
        } else if (!look.is_first()) {
            const bool goes = name.starts_with(look.wanted.instance.name + "-");
            look.add(
                "container " + name, "",
                {.field = "existence", .desired = "absent", .actual = to_text(container.state)},
                goes ? "stopped and removed" : "nothing: its name is not one of ours");
        }
    }
}

void judge_containers(Look& look) {
    std::vector<ContainerSpec> missing;
    for (const ContainerSpec& spec : wanted_containers(look.wanted)) {
        if (spec.role == "sidekiq" && is_held(look.world)) continue;
        if (judge_container(look, spec)) missing.push_back(spec);
    }
    judge_unnamed(look, missing);
    for (const ContainerSpec& spec : missing) {
        look.add("container " + spec.name, spec.role,
                 {.field = "existence", .desired = "running", .actual = "absent"});
    }
}

void judge_network(Look& look, const std::string& name, bool internal) {
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

void judge_volumes(Look& look) {
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

void judge_edge(Look& look) {
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
void judge_parameters(Look& look) {
    for (const std::string& name : look.world.schema.altered) {
        look.add("container " + Names(look.wanted.instance).postgres, "postgres",
                 {.field = "parameter " + name,
                  .desired = "PostgreSQL's own",
                  .actual = "set by ALTER SYSTEM"},
                 "nothing: ALTER SYSTEM RESET " + name + ", then SELECT pg_reload_conf()");
    }
}

/// On the internal network nobody else has any business; on the other, an edge of one's own.
void judge_strangers(Look& look) {
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

std::vector<DriftItem> drift(const Wanted& wanted, const World& world) {
    Look look{.wanted = wanted, .world = world};
    if (wanted.settled != nullptr && *wanted.settled != wanted.instance) {
        look.before = wanted;
        look.before->instance = *wanted.settled;
    }
    judge_containers(look);
    judge_strangers(look);
    if (look.is_first()) return std::move(look.items);
    const Names names(wanted.instance);
    judge_network(look, names.internal_network, true);
    judge_network(look, names.external_network, false);
    judge_volumes(look);
    judge_edge(look);
    judge_parameters(look);
    return std::move(look.items);
}

}  // namespace matriarch::reconcilers
