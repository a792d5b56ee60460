// Which line of the instance file would make a hand-made change the wish. Limits can be said there;
// most of the rest is not for an instance file to say.
#include <algorithm>

#include "reconcilers/drift.hpp"
#include "reconcilers/slot.hpp"

namespace matriarch::reconcilers {
namespace {

/// "web", "sidekiq.main": where in the file a container's own settings stand.
std::string section_of(const Wanted& wanted, const ContainerSpec& spec) {
    if (spec.role != "sidekiq") return spec.role;
    for (const specs::SidekiqGroup& group : wanted.instance.sidekiq) {
        const std::string stem = Names(wanted.instance).of("sidekiq-" + group.name + "-");
        const bool is_of_group =
            spec.name.starts_with(stem) &&
            spec.name.find_first_not_of("0123456789", stem.size()) == std::string::npos;
        if (is_of_group) return "sidekiq." + group.name;
    }
    return "";
}

}  // namespace

std::optional<Acceptance> acceptance_of(const Wanted& wanted, const std::string& resource,
                                        const std::string& field, const std::string& actual) {
    const std::string prefix = "container ";
    const bool can_be_said = field == "memory" || field == "cpus" || field == "pids";
    if (!can_be_said || !resource.starts_with(prefix) || actual == "unlimited") return std::nullopt;
    const std::string name = resource.substr(prefix.size());
    for (const ContainerSpec& spec : wanted_containers(wanted)) {
        if (spec.name != name && second_name(spec.name) != name) continue;
        const std::string section = section_of(wanted, spec);
        if (section.empty()) return std::nullopt;
        return Acceptance{.key = section + "." + field, .value = actual};
    }
    return std::nullopt;
}

}  // namespace matriarch::reconcilers
