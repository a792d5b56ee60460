// What rehearsals have shown. The jobs print it and then go, so it is kept among the facts; where
// that is lost, the upgrade is tried once more.
#include <algorithm>

#include "controller/loop/observe.hpp"
#include "controller/secrets/redactor.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/path.hpp"
#include "reconcilers/rehearsal.hpp"

namespace matriarch::controller {

using reconcilers::ObservedContainer;
using reconcilers::Wanted;
using reconcilers::World;

std::string rehearsal_fact(const std::string& instance, const specs::Version& version) {
    return "rehearsal " + instance + " " + to_text(version);
}

namespace {

/// Of an answer, whoever was killed by a hand has none.
bool has_answer(const ObservedContainer& job) {
    return job.spec.role == reconcilers::rehearsal_role && job.has_exited() && !job.was_killed();
}

const ObservedContainer* report_of(const ObservedContainer& job, const World& world) {
    for (const auto& [name, one] : world.containers) {
        if (one.spec.role == reconcilers::rehearsal_report_role && one.has_exited() &&
            one.spec.labels.at(reconcilers::label::subject) ==
                job.spec.labels.at(reconcilers::label::subject)) {
            return &one;
        }
    }
    return nullptr;
}

}  // namespace

bool may_rehearse(const Wanted& wanted, const World& world) {
    return world.rehearsal_wish || reconcilers::must_rehearse(wanted) ||
           std::any_of(world.containers.begin(), world.containers.end(), [](const auto& one) {
               return reconcilers::is_rehearsal_role(one.second.spec.role);
           });
}

Result<void> Observer::rehearsals(const Wanted& wanted, World& world, const Call& call) {
    if (!may_rehearse(wanted, world)) return {};
    for (const auto& [name, job] : world.containers) {
        if (!has_answer(job)) continue;
        auto about = reconcilers::rehearsal_subject(job);
        const ObservedContainer* report = report_of(job, world);
        if (!about || report == nullptr) continue;
        const std::string key = rehearsal_fact(wanted.instance.name, about->version);
        about->image_id = job.image_id;
        about->ended = job.finished_at;
        const std::string head = reconcilers::rehearsal_head(*about);
        const auto known = facts_.load ? facts_.load(key) : std::nullopt;
        if (known && known->starts_with(head)) continue;
        Redactor redactor;
        redactor.add(wanted.secrets);
        std::string text = TRY(engine_.logs(job.id, 0, call)).out;
        text += "\n" + TRY(engine_.logs(report->id, 0, call)).out;
        text = head + reconcilers::rehearsal_lines(redactor.redact(text));
        if (!job.log_tail.empty()) text += "log " + job.log_tail + "\n";
        if (facts_.save) facts_.save(key, text);
    }
    std::vector<specs::Version> asked{wanted.instance.mastodon,
                                      reconcilers::next_station(wanted, world).instance.mastodon};
    if (const auto& wish = world.rehearsal_wish) asked.push_back(wish->version);
    for (const specs::Version& version : asked) {
        const auto text =
            facts_.load ? facts_.load(rehearsal_fact(wanted.instance.name, version)) : std::nullopt;
        auto known = text ? reconcilers::parse_rehearsal(*text) : std::nullopt;
        if (known) world.rehearsals[known->image_id] = std::move(*known);
    }
    return {};
}

}  // namespace matriarch::controller
