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

/// Of the two names that a replica may have.
std::string other_name(const std::string& name) {
    const std::string second = second_name("");
    return name.ends_with(second) ? name.substr(0, name.size() - second.size()) : second_name(name);
}

bool has_secrets(const ContainerSpec& spec) {
    return std::any_of(spec.environment.begin(), spec.environment.end(),
                       [](const auto& entry) { return entry.second.is_secret; });
}

class Question {
 public:
    Question(const Wanted& wanted, const World& world, const Restraint& restraint)
        : world_(world), restraint_(restraint), before_(wanted) {
        before_.instance = *wanted.settled;
        is_on_the_way_ = before_.instance != wanted.instance;
        const auto now = wanted_containers(wanted);
        for (ContainerSpec& was : wanted_containers(before_)) {
            add(was, named_);
            for (const ContainerSpec& is : now) {
                if (is.name != was.name) continue;
                if (is_same_wish(wanted, was, is)) add(was, same_);
                before_of_[is.name] = {was, is};
            }
        }
        for (const ContainerSpec& is : now) add(is, named_);
    }

    [[nodiscard]] bool is_put_back(const Action& action) const {
        const std::string name = container_in(action);
        if (!name.empty() && is_our_doing(name)) return false;
        if (const auto* edge = std::get_if<ConfigureEdge>(&action)) return is_put_back(*edge);
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

    /// Of a part that a commit changes, what the commit does not say stays as a hand has set it.
    void leave_other_limits(Action& action) const {
        auto* update = std::get_if<UpdateLimits>(&action);
        const ObservedContainer* there =
            update == nullptr ? nullptr : world_.container(update->name);
        const auto pair = update == nullptr ? before_of_.end() : before_of_.find(update->name);
        if (there == nullptr || pair == before_of_.end()) return;
        const auto& [was, is] = pair->second;
        const specs::Limits& actual = there->spec.limits;
        if (was.limits.memory == is.limits.memory) update->limits.memory = actual.memory;
        if (was.limits.cpus == is.limits.cpus) update->limits.cpus = actual.cpus;
        if (was.limits.pids == is.limits.pids) update->limits.pids = actual.pids;
    }

 private:
    /// Both commits ask for the very same. The label sums up the most of it, and no secrets.
    static bool is_same_wish(const Wanted& wanted, const ContainerSpec& was,
                             const ContainerSpec& is) {
        return was.labels.at(label::spec) == is.labels.at(label::spec) &&
               differences(is, ObservedContainer{.spec = was}, "", nullptr).empty() &&
               !(wanted.settled_had_other_secrets && has_secrets(is));
    }
    /// Stopped by us and due to come back, or made and never started.
    [[nodiscard]] bool is_our_doing(const std::string& name) const {
        const ObservedContainer* left = world_.container(name);
        if (left != nullptr && left->state == RunState::created) return true;
        const bool may_be_ours =
            !restraint_.is_kept_down_by_us || restraint_.is_kept_down_by_us(name);
        if (left != nullptr && left->spec.restart == "no" && may_be_ours) {
            // One that runs, alone, with no commit on its way: that was `docker update`.
            const bool is_alone = world_.container(other_name(name)) == nullptr;
            return is_on_the_way_ || !is_alone || !left->is_running() || left->stopping_since;
        }
        const bool is_away = left == nullptr || left->has_exited();
        return is_away && restraint_.is_away_by_us && restraint_.is_away_by_us(name);
    }
    /// A hand's configuration stays, and so does a hand's route, unless a commit needs others.
    [[nodiscard]] bool is_put_back(const ConfigureEdge& edge) const {
        std::set<std::string> ours = world_.edge.routes;
        std::erase_if(ours, [&](const std::string& route) {
            return !route.starts_with(before_.instance.name + "-");
        });
        const bool has_same_routes = edge.routes == ours;
        if (sha256(edge.config) == world_.edge.config) return has_same_routes;
        return (has_same_routes || !is_on_the_way_) &&
               edge.config == caddyfile(before_.instance, world_.edge.version);
    }
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
    const Restraint& restraint_;
    Wanted before_;
    /// Another commit than the settled one.
    bool is_on_the_way_{false};
    /// By name: as it was wanted, and as it is.
    std::map<std::string, std::pair<ContainerSpec, ContainerSpec>> before_of_{};
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
        const Question question(wanted, world, restraint);
        std::erase_if(steps.steps,
                      [&](const Step& step) { return question.is_put_back(step.action); });
        for (Step& step : steps.steps) question.leave_other_limits(step.action);
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
