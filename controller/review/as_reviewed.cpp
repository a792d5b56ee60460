// Git says what was merged where it can: the head itself, or a parent of a merge. The forge says it
// of the rest.
#include "controller/review/as_reviewed.hpp"

#include <algorithm>
#include <optional>

#include "controller/base/log.hpp"
#include "controller/review/reviewed.hpp"

namespace matriarch::controller {

namespace {

/// One commit against what was shown of it.
class Comparison {
 public:
    Comparison(const AsReviewed& by, const git::Revision& revision, const Fleets& fleets,
               std::stop_token stop)
        : by_(by), revision_(revision), fleets_(fleets), stop_(std::move(stop)) {
        by_git_.insert(revision.since.begin(), revision.since.end());
        by_git_.insert(revision.merged.begin(), revision.merged.end());
    }

    Result<void> compare_all() {
        for (const auto& [name, instance] : fleets_.wanted.instances) {
            if (!change_of(fleets_.in_force, fleets_.wanted, instance)) continue;
            TRY(compare(name, wanted_digest(fleets_.wanted, instance),
                        [&, &wanted = instance] { return now(wanted); }));
        }
        for (const auto& [name, instance] : fleets_.in_force.instances) {
            if (fleets_.wanted.instances.contains(name)) continue;
            TRY(compare(name, removal_digest(),
                        [] { return Result<std::string>(removal_lines()); }));
        }
        return {};
    }

    [[nodiscard]] std::vector<Departure> take() { return std::move(found_); }

 private:
    template <class Now>
    Result<void> compare(const std::string& name, const std::string& digest, Now now) {
        const auto shown = TRY(by_.shown(name, digest));
        auto merged = those_in(shown, by_git_);
        // Most pushes past any pull request end here, and no forge is asked.
        if (shown.empty()) return never(name);
        const auto plan = now();
        const bool is_of_the_file = plan || plan.error().kind == ErrorKind::invalid ||
                                    plan.error().kind == ErrorKind::refused;
        if (!is_of_the_file) return fail(plan.error());
        const auto is_same = [&](const ReviewedPlan& one) {
            return plan && what_differs(one.plan, *plan).empty();
        };
        const bool has_to_ask =
            by_.is_required || std::none_of(shown.begin(), shown.end(), is_same);
        if (merged.empty() && has_to_ask) merged = those_in(shown, TRY(by_forge()));
        if (merged.empty()) return never(name);
        if (std::any_of(merged.begin(), merged.end(), is_same)) return {};
        found_.push_back({.instance = name, .number = merged.front().number});
        if (!plan) {
            found_.back().what = {"it cannot be planned now: " + plan.error().message};
        } else {
            found_.back().what = what_differs(merged.front().plan, *plan);
        }
        return {};
    }

    Result<void> never(const std::string& name) {
        if (by_.is_required) found_.push_back({.instance = name});
        return {};
    }

    static std::vector<ReviewedPlan> those_in(const std::vector<ReviewedPlan>& all,
                                              const std::set<std::string>& heads) {
        std::vector<ReviewedPlan> found;
        std::copy_if(all.begin(), all.end(), std::back_inserter(found),
                     [&](const ReviewedPlan& one) { return heads.contains(one.head); });
        return found;
    }

    Result<std::string> now(const specs::Instance& instance) {
        const auto plans = TRY(by_.planner(fleets_.wanted, {instance}, stop_));
        return plan_lines(instance.name, plans.front().plan.plan);
    }

    Result<std::set<std::string>> by_forge() {
        if (!by_forge_) by_forge_ = TRY(by_.merged(revision_, stop_));
        return *by_forge_;
    }

    const AsReviewed& by_;
    const git::Revision& revision_;
    const Fleets& fleets_;
    std::stop_token stop_;
    std::set<std::string> by_git_{};
    std::optional<std::set<std::string>> by_forge_{};
    std::vector<Departure> found_{};
};

}  // namespace

Result<std::vector<Departure>> departures(const AsReviewed& by, const git::Revision& revision,
                                          const Fleets& fleets, std::stop_token stop) {
    Comparison comparison(by, revision, fleets, std::move(stop));
    const auto compared = comparison.compare_all();
    const bool is_left_out =
        !compared && !by.is_required && compared.error().kind != ErrorKind::stopped;
    if (!compared && !is_left_out) return fail(compared.error());
    if (!compared) {
        log::warn("could not compare a commit with what was reviewed",
                  {{log::key::revision, revision.id}, {log::key::error, compared.error().message}});
    }
    return comparison.take();
}

Result<std::set<std::string>> merged_heads(Forge& forge, const git::Revision& revision,
                                           const std::string& branch, std::stop_token stop) {
    std::set<std::string> heads;
    for (const std::string& commit : revision.since) {
        const auto merged = TRY(forge.merged_with(commit, branch, stop));
        if (merged) heads.insert(merged->pull.head);
    }
    return heads;
}

std::vector<ReviewedPlan> plans_shown(int number, const Review& review) {
    std::vector<ReviewedPlan> plans;
    for (const InstanceReview& one : review.instances) {
        const bool is_gone = one.change == InstanceReview::Change::removed;
        if (!is_gone && !one.plan) continue;
        plans.push_back({.number = number,
                         .head = review.head,
                         .instance = one.name,
                         .digest = is_gone ? removal_digest() : one.digest,
                         .plan = is_gone ? removal_lines() : plan_lines(one.name, *one.plan)});
    }
    return plans;
}

}  // namespace matriarch::controller
