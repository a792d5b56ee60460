// Container by container: what differs, and what no commit could be the cause of.
#include <algorithm>

#include "reconcilers/converge.hpp"
#include "reconcilers/drift_look.hpp"
#include "reconcilers/ignore.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/slot.hpp"

namespace matriarch::reconcilers {
namespace {

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
void judge_fields(DriftLook& look, const ContainerSpec& spec, const ContainerSpec& before,
                  const ObservedContainer& container, bool is_leaving) {
    const auto now = all_differences_in(spec, look.world, container);
    const auto then = look.before ? all_differences_in(before, look.world, container) : now;
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
        look.leave(ignore_of(spec, look.world, difference.field));
    }
}

/// Returns whether the container is missing by nobody's wish.
bool judge_container(DriftLook& look, const ContainerSpec& spec) {
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
void judge_unnamed(DriftLook& look, std::vector<ContainerSpec>& missing) {
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

void judge_containers(DriftLook& look) {
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

}  // namespace

std::size_t open_count(const std::vector<DriftItem>& items) {
    return static_cast<std::size_t>(std::count_if(
        items.begin(), items.end(), [](const DriftItem& item) { return !item.ignored; }));
}

std::vector<DriftItem> drift(const Wanted& wanted, const World& world) {
    DriftLook look{.wanted = wanted, .world = world};
    if (wanted.settled != nullptr && *wanted.settled != wanted.instance) {
        look.before = wanted;
        look.before->instance = *wanted.settled;
    }
    judge_containers(look);
    judge_ground(look);
    return std::move(look.items);
}

}  // namespace matriarch::reconcilers
