// The line that matters first; what is long is folded.
#include "controller/review/comment.hpp"

#include <algorithm>

#include "controller/base/text.hpp"
#include "specs/catalogue.hpp"
#include "specs/values/digest.hpp"
#include "specs/values/units.hpp"

namespace matriarch::controller {

using namespace reconcilers;
using Change = InstanceReview::Change;

namespace {

std::string number_of(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string downtime_of(const Plan& plan) {
    Downtime worst = Downtime::none;
    for (const PlannedStep& one : plan.steps) worst = std::max(worst, one.step.downtime);
    switch (worst) {
        case Downtime::none:
            return "stays up";
        case Downtime::brief:
            return "a part pauses for a moment";
        case Downtime::stops:
            break;
    }
    return "stops while it is done";
}

std::string way_back_of(const Plan& plan) {
    Reversible worst = Reversible::yes;
    for (const PlannedStep& one : plan.steps) worst = std::max(worst, one.step.reversible);
    switch (worst) {
        case Reversible::yes:
            return "a revert takes it back";
        case Reversible::needs_restore:
            return "a way back needs a restore";
        case Reversible::no:
            break;
    }
    return "cannot be taken back";
}

bool moves(const Plan& plan) {
    return plan.from && *plan.from != plan.to;
}

std::vector<const specs::Release*> releases_on_the_way(const Plan& plan) {
    std::vector<const specs::Release*> found;
    if (!moves(plan)) return found;
    for (const specs::Release* release : specs::catalogue::releases()) {
        if (*plan.from < release->version && release->version <= plan.to) found.push_back(release);
    }
    return found;
}

bool is_security(const Plan& plan) {
    const auto releases = releases_on_the_way(plan);
    return std::any_of(releases.begin(), releases.end(),
                       [](const specs::Release* release) { return release->is_security; });
}

std::string migrations_of(const Plan& plan) {
    if (plan.migrations.empty()) return "";
    const auto late = std::count_if(plan.migrations.begin(), plan.migrations.end(),
                                    [](const auto& one) { return one.is_post_deployment; });
    return ", " + number_of(plan.migrations.size(), "migration") +
           (late == 0 ? "" : " (" + std::to_string(late) + " after the deployment)");
}

std::string rehearsal_of(const InstanceReview& one) {
    if (one.rehearsal) return one.rehearsal->has_passed() ? ", rehearsal passed" : "";
    if (one.is_rehearsing && one.lacks_backup)
        return ", waits for a first backup to rehearse it on";
    if (one.is_rehearsing) return ", being rehearsed on a copy of the newest backup";
    return one.is_rehearsed_first ? ", rehearsed first" : "";
}

/// One line without markup: for the head of the comment and for the commit status.
std::string headline(const InstanceReview& one) {
    if (one.change == Change::removed) return "its file is gone: it runs on, and is reported";
    if (one.error) return "cannot be planned: " + one.error->message;
    const Plan& plan = *one.plan;
    if (!plan.blocked.empty()) return "refused: " + plan.blocked.front().message;
    if (one.rehearsal && !one.rehearsal->has_passed()) return rehearsal_headline(*one.rehearsal);
    if (!plan.has_changes()) return "nothing to do";
    std::string line = moves(plan) ? to_text(*plan.from) + " to " + to_text(plan.to) : "";
    if (one.change == Change::added) line = "new, " + to_text(plan.to);
    if (!line.empty()) line += is_security(plan) ? " (security), " : ", ";
    return line + number_of(plan.steps.size(), "step") + migrations_of(plan) + ", " +
           downtime_of(plan) + ", " + way_back_of(plan) + rehearsal_of(one);
}

/// Where what stands in the way follows, with what to do.
std::string short_headline(const InstanceReview& one) {
    if (one.error) return "cannot be planned";
    if (one.plan && !one.plan->blocked.empty()) return "refused";
    return headline(one);
}

/// What the releases on the way ask for beyond migrations and restarts.
std::string demands_of(const Plan& plan) {
    std::string out;
    for (const specs::Release* release : releases_on_the_way(plan)) {
        const std::string name = "- " + to_text(release->version) + ": ";
        for (const specs::UpgradeStep& step : release->steps) {
            out += name + in_markdown(step.detail.empty() ? step.id : step.detail) +
                   (step.condition.empty() || step.condition == "always"
                        ? ""
                        : " (" + in_markdown(step.condition) + ")") +
                   "\n";
        }
        for (const std::string& variable : release->needs) {
            out += name + "newly needs `" + variable + "`\n";
        }
        for (const std::string& variable : release->forbids) {
            out += name + "does not start with `" + variable + "`\n";
        }
    }
    return out.empty() ? "" : "\nThe releases on the way ask for:\n" + out;
}

std::string memory_of(const Plan& plan) {
    if (plan.memory_now == plan.memory_then && plan.memory_peak == plan.memory_then) return "";
    return "\nMemory, as limited: " + to_text(plan.memory_now) + " now, at most " +
           to_text(plan.memory_peak) + " on the way, " + to_text(plan.memory_then) + " then.\n";
}

std::string folded(const std::string& title, const std::string& text) {
    return "\n<details><summary>" + title + "</summary>\n\n" + text + "\n</details>\n";
}

/// What the migrations took on the copy is what people will wait for where everything stops.
std::string expected_stop(const Plan& plan, const InstanceReview& one) {
    const auto stops = [](const PlannedStep& step) {
        return step.step.downtime == Downtime::stops;
    };
    if (std::none_of(plan.steps.begin(), plan.steps.end(), stops)) return "";
    const auto took = std::chrono::ceil<std::chrono::seconds>(one.rehearsal->took());
    return ". It is down for about " + std::to_string(took.count()) + " s and the restart";
}

std::string details_of(const InstanceReview& one) {
    if (one.error) {
        return "\n> **" + in_markdown(one.error->message) + "** " + in_markdown(one.error->hint) +
               "\n";
    }
    if (!one.plan) {
        return "\nWhat runs of it stays, and so does its data. It is removed only where the host "
               "says `prune` too.\n";
    }
    const Plan& plan = *one.plan;
    std::string out;
    for (const Blocked& blocked : plan.blocked) {
        out += "\n> **" + in_markdown(blocked.message) + "** " + in_markdown(blocked.hint) + "\n";
    }
    if (one.rehearsal) {
        out += folded(in_markdown(rehearsal_headline(*one.rehearsal)) + expected_stop(plan, one),
                      rehearsal_markdown(*one.rehearsal));
    }
    out += demands_of(plan) + memory_of(plan);
    Plan without_reasons = plan;
    without_reasons.blocked.clear();  // they stand above
    const std::string steps = instance_markdown(without_reasons);
    if (steps.empty()) return out;
    return out + folded("Every step, with its reason", steps);
}

std::string problems_of(const Review& review) {
    std::string out =
        "A merge would change nothing: the commit would be refused, and the one in "
        "force would stay.\n\n";
    for (const Error& problem : review.problems) {
        out += "- " + (problem.where.empty() ? "" : in_markdown(problem.where) + ": ") +
               in_markdown(problem.message) +
               (problem.hint.empty() ? "" : " " + in_markdown(problem.hint)) + "\n";
    }
    return out;
}

std::string approvals_of(const specs::ReviewRule& asks) {
    if (asks.approvals == 0) return "";
    std::string people;
    for (const std::string& name : asks.by) people += (people.empty() ? "" : ", ") + name;
    return "\nA merge comes into force only with " +
           number_of(static_cast<std::size_t>(asks.approvals), "approval") + " of " +
           in_markdown(people) + ".\n";
}

Verdict verdict_of(const InstanceReview& one) {
    const bool is_refused = one.error || (one.plan && !one.plan->blocked.empty()) ||
                            (one.rehearsal && !one.rehearsal->has_passed());
    if (is_refused) return Verdict::failure;
    return one.is_rehearsing ? Verdict::pending : Verdict::success;
}

}  // namespace

std::string comment_text(const Review& review) {
    std::string out = "### What a merge would do\n\nOf `" + short_digest(review.head) +
                      "`, against what runs at `" + short_digest(review.base) + "`.\n\n";
    if (review.is_behind) {
        out +=
            "> The branch does not contain the commit in force: a merge has more in it than "
            "this. Rebase it to see all.\n\n";
    }
    if (!review.problems.empty()) return out + problems_of(review);
    if (review.instances.empty()) out += "Nothing: no instance is described otherwise.\n";
    for (const InstanceReview& one : review.instances) {
        out += "**" + in_markdown(one.name) + "**: " + in_markdown(short_headline(one)) + ".\n" +
               details_of(one) + "\n";
    }
    if (review.unchanged > 0 && !review.instances.empty()) {
        out += number_of(static_cast<std::size_t>(review.unchanged), "other instance") +
               (review.unchanged == 1 ? " stays as it is.\n" : " stay as they are.\n");
    }
    if (review.is_held_to_this && !review.instances.empty()) {
        out += "\nA merge comes into force only while this is what it would do.\n";
    }
    return out + approvals_of(review.asks);
}

std::vector<CommitStatus> statuses_of(const Review& review) {
    const std::string context = "matriarch";
    if (!review.problems.empty()) {
        return {{.commit = review.head,
                 .context = context,
                 .verdict = Verdict::failure,
                 .description = to_text(review.problems.front())}};
    }
    std::vector<CommitStatus> statuses{{.commit = review.head,
                                        .context = context,
                                        .verdict = Verdict::success,
                                        .description = review.instances.empty()
                                                           ? "no instance changes"
                                                           : "every instance is planned"}};
    for (const InstanceReview& one : review.instances) {
        const Verdict verdict = verdict_of(one);
        statuses.push_back({.commit = review.head,
                            .context = context + "/" + one.name,
                            .verdict = verdict,
                            .description = headline(one)});
        // Of several the worst is said of all.
        if (verdict > statuses.front().verdict) {
            statuses.front().verdict = verdict;
            statuses.front().description = one.name + ": " + headline(one);
        }
    }
    return statuses;
}

}  // namespace matriarch::controller
