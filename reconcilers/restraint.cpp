// Restraint. `drift: report`: nothing that somebody changed by hand is put back; what a commit asks
// for is done. Of which kind a step is follows from the two commits: a part that both describe in
// the same way can only differ by hand. And what is undone again and again is left alone for a
// time.
#include <algorithm>
#include <set>
#include <variant>

#include "reconcilers/caddyfile.hpp"
#include "reconcilers/drift.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/slot.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

/// The name of the container that an action is about; empty: of none.
std::string container_in(const Action& action) {
    if (const auto* create = std::get_if<CreateContainer>(&action)) return create->spec.name;
    const std::string what = resource(action);
    const std::string prefix = "container ";
    if (!what.starts_with(prefix)) return "";
    return what.substr(prefix.size(), what.find(' ', prefix.size()) - prefix.size());
}

bool stands(const World& world, const std::string& name) {
    const ObservedContainer* container = world.container(name);
    return container != nullptr && container->is_running();
}

class Question {
 public:
    Question(const Wanted& wanted, const World& world) : world_(world), before_(wanted) {
        before_.instance = *wanted.settled;
        const auto old = wanted_containers(before_);
        const auto now = wanted_containers(wanted);
        for (const ContainerSpec& was : old) {
            const auto is_same = [&](const ContainerSpec& spec) {
                return spec.name == was.name &&
                       spec.labels.at(label::spec) == was.labels.at(label::spec);
            };
            if (std::any_of(now.begin(), now.end(), is_same)) add(was, same_);
            add(was, named_);
        }
        for (const ContainerSpec& is : now) add(is, named_);
    }

    [[nodiscard]] bool is_put_back(const Action& action) const {
        const std::string name = container_in(action);
        // Stopped by us, for the database's sake, and due to come back.
        const ObservedContainer* left = world_.container(name);
        if (left != nullptr && left->spec.restart == "no") return false;
        if (std::holds_alternative<ConfigureEdge>(action)) {
            const auto& edge = std::get<ConfigureEdge>(action);
            return sha256(edge.config) != world_.edge.config &&
                   edge.config == caddyfile(before_.instance, world_.edge.version);
        }
        if (!name.empty()) return same_.contains(name) || is_left_over(name);
        if (const auto* pull = std::get_if<PullImage>(&action)) {
            const auto images = wanted_images(before_);
            return std::find(images.begin(), images.end(), pull->image) != images.end();
        }
        if (const auto* volume = std::get_if<CreateVolume>(&action)) {
            const auto volumes = wanted_volumes(before_);
            return std::any_of(volumes.begin(), volumes.end(),
                               [&](const auto& one) { return one.name == volume->name; });
        }
        return std::holds_alternative<CreateNetwork>(action) ||
               std::holds_alternative<RemoveNetwork>(action);
    }

 private:
    static void add(const ContainerSpec& spec, std::set<std::string>& names) {
        names.insert(spec.name);
        if (is_app_role(spec.role)) names.insert(second_name(spec.name));
    }
    /// Neither commit names it, and it is no job.
    [[nodiscard]] bool is_left_over(const std::string& name) const {
        const ObservedContainer* container = world_.container(name);
        return container != nullptr && !named_.contains(name) &&
               !container->spec.labels.contains(label::subject);
    }

    const World& world_;
    Wanted before_;
    std::set<std::string> same_{};
    std::set<std::string> named_{};
};

}  // namespace

void restrain(const Wanted& wanted, const World& world, const Restraint& restraint, Steps& steps) {
    // While the database moves or is restored, code is stopped that the commit does not name.
    const bool is_restored = to_restore(world).has_value();
    const bool moves_database = wanted.settled != nullptr && wanted.settled->postgres.version !=
                                                                 wanted.instance.postgres.version;
    if (restraint.puts_nothing_back && wanted.settled != nullptr && !moves_database &&
        !is_restored) {
        const Question question(wanted, world);
        std::erase_if(steps.steps,
                      [&](const Step& step) { return question.is_put_back(step.action); });
    }
    for (const auto& [held, why] : restraint.held) {
        const std::string name = held.substr(held.find(' ') + 1);
        if (!stands(world, name) && !stands(world, second_name(name))) continue;  // who is away
        const auto is_about = [&](const Step& step) {
            const std::string container = container_in(step.action);
            return !is_wait(step.action) && (container == name || container == second_name(name));
        };
        if (std::erase_if(steps.steps, is_about) == 0) continue;
        steps.block({.code = "keeps-drifting",
                     .message = held + " " + why,
                     .hint = "Somebody or something undoes it: matriarch drift " +
                             wanted.instance.name + " says what the Engine heard."});
    }
}

}  // namespace matriarch::reconcilers
