// Only what a merge changes is planned.
#include "controller/review/judge.hpp"

#include "controller/loop/requirements.hpp"
#include "controller/review/reviewed.hpp"

namespace matriarch::controller {

using Change = InstanceReview::Change;

namespace {

InstanceReview planned(const Fleet& fleet, const specs::Instance& instance, const Judging& by,
                       std::stop_token stop) {
    InstanceReview review{.name = instance.name, .digest = wanted_digest(fleet, instance)};
    auto plans = by.planner(fleet, {instance}, std::move(stop));
    if (!plans) {
        review.error = plans.error();
        return review;
    }
    by.redactor.add(plans->front().wanted.secrets);
    review.plan = std::move(plans->front().plan.plan);
    review.is_rehearsed_first = wants_rehearsal(plans->front().wanted, *review.plan);
    if (!review.is_rehearsed_first || !by.rehearse) return review;
    auto asked = by.rehearse(instance.name, instance.mastodon);
    if (asked) {
        review.rehearsal = std::move(asked->rehearsal);
        review.is_rehearsing = !review.rehearsal;
        review.lacks_backup = asked->lacks_backup;
    } else {
        review.error = asked.error();
    }
    return review;
}

}  // namespace

std::optional<Change> change_of(const Fleet& base, const Fleet& head,
                                const specs::Instance& instance) {
    const auto before = base.instances.find(instance.name);
    if (before == base.instances.end()) return Change::added;
    if (wanted_digest(base, before->second) == wanted_digest(head, instance)) return std::nullopt;
    return Change::changed;
}

Review judge(const git::Revision& revision, const Judging& by, std::stop_token stop) {
    Review review{.head = revision.id,
                  .base = by.base.revision,
                  .is_behind = revision.relation != git::Relation::fast_forward &&
                               revision.relation != git::Relation::same,
                  .asks = by.policy.reviews,
                  .is_held_to_this = by.policy.as_reviewed};
    const FleetReading reading = read_fleet(revision);
    review.problems = reading.problems;
    if (review.problems.empty()) review.problems = unmet_requirements(by.policy, reading.fleet);
    if (!review.problems.empty()) return review;
    for (const auto& [name, instance] : reading.fleet.instances) {
        const auto change = change_of(by.base, reading.fleet, instance);
        if (!change) {
            ++review.unchanged;
            continue;
        }
        review.instances.push_back(planned(reading.fleet, instance, by, stop));
        review.instances.back().change = *change;
    }
    for (const auto& [name, instance] : by.base.instances) {
        if (reading.fleet.instances.contains(name)) continue;
        review.instances.push_back({.name = name, .change = Change::removed});
    }
    return review;
}

}  // namespace matriarch::controller
