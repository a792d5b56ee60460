// Which line of the instance file would make a hand-made change the wish. Limits can be said there;
// most of the rest is not for an instance file to say.
#include "reconcilers/drift.hpp"
#include "reconcilers/ignore.hpp"
#include "reconcilers/slot.hpp"

namespace matriarch::reconcilers {

std::optional<Acceptance> acceptance_of(const Wanted& wanted, const std::string& resource,
                                        const std::string& field, const std::string& actual) {
    const std::string prefix = "container ";
    const bool can_be_said = field == "memory" || field == "cpus" || field == "pids";
    if (!can_be_said || !resource.starts_with(prefix) || actual == "unlimited") return std::nullopt;
    const std::string name = resource.substr(prefix.size());
    for (const ContainerSpec& spec : wanted_containers(wanted)) {
        if (spec.name != name && second_name(spec.name) != name) continue;
        const std::string section = section_of(wanted.instance, spec.role, spec.name);
        if (section.empty()) return std::nullopt;
        return Acceptance{.key = section + "." + field, .value = actual};
    }
    return std::nullopt;
}

}  // namespace matriarch::reconcilers
