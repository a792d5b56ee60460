// What the end of a run must be: as wanted, as without faults, and quiet from then on.
#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "reconcilers/clean_cache.hpp"
#include "tests/property/universe_parts.hpp"

namespace matriarch::property {

using namespace std::chrono_literals;
using controller::PassResult;
using model::Fault;
using model::FaultKind;

namespace {

/// L5: writes beyond the fault-free run's, for each fault and each hint that was followed. A disk
/// that is full for a while costs most: nine containers, each tried eight times.
constexpr std::size_t writes_per_fault = 72;

bool has_only_call_faults(const Schedule& schedule) {
    return std::all_of(schedule.begin(), schedule.end(),
                       [](const Fault& fault) { return model::is_call_fault(fault.kind); });
}

/// Everything that was due is in the repository, and was restored once. Nothing: it is.
Finding is_backed_up(const SimulatedHost& host) {
    bool has_database = false;
    bool has_media = false;
    bool has_drill = false;
    for (const model::Stored& one : host.vault.snapshots) {
        has_database = has_database || one.kind == "database";
        has_media = has_media || one.kind == "media";
        has_drill = has_drill || !one.drill.empty();
    }
    if (has_database && has_media && has_drill) return std::nullopt;
    return "something that was due was not backed up, or never restored";
}

/// The time that was due had its cleaning, once.
Finding is_cleaned(const SimulatedHost& host, const Wanted& wanted) {
    if (!reconcilers::cleans_cache(wanted.instance)) return std::nullopt;
    if (host.cleanings.empty()) return "the cache was never cleaned";
    for (const auto& [slot, count] : host.cleanings) {
        if (count > 1) return "the cache was cleaned twice for " + slot;
    }
    return std::nullopt;
}

/// Of each repository whose images we pulled there are no more than the wanted one and another.
Finding is_tidy(const SimulatedHost& host, const Workload& workload) {
    std::map<std::string, int> counts;
    for (const auto& image : workload.pulled) {
        const auto reference = specs::parse_image(image.reference);
        if (!reference || !host.images.contains(image.reference)) continue;
        if (++counts[specs::repository_text(*reference)] > 1) return image.reference + " stayed";
    }
    return std::nullopt;
}

std::string first_difference(const std::string& end, const std::string& expected) {
    const auto [left, right] =
        std::mismatch(end.begin(), end.end(), expected.begin(), expected.end());
    const auto around = [](const std::string& text, std::string::const_iterator place) {
        const auto line = text.rfind('\n', static_cast<std::size_t>(place - text.begin()));
        return text.substr(line == std::string::npos ? 0 : line + 1, 300);
    };
    return "another end than without faults: " + around(end, left) + " instead of " +
           around(expected, right);
}

}  // namespace

/// What somebody renamed stays there: nobody wants it, and it is not ours to remove.
void Universe::check_drift(const PassResult& result) {
    if (!result.steps.is_settled()) return;
    for (const auto& item : result.status.drift) {
        if (item.difference.desired == "absent") continue;
        violate("M7", "drift once converged: " + item.resource + " " + item.difference.field +
                          ": " + item.difference.desired + ", is " + item.difference.actual);
        return;
    }
}

/// Again with nothing remembered (L3), and with time passing (L1): no write any more, and nothing
/// is called drift (M7).
void Universe::stay_quiet() {
    wanted_.settled = std::make_shared<const specs::Instance>(wanted_.instance);
    engine_.calm();
    is_rehearsal_ = false;
    const std::size_t before = engine_.writes();
    // Of a rehearsal the journal alone tells: without it there is another one. Of a cleaning its
    // container does, too, unless somebody took that away.
    std::erase_if(facts_, [&](const auto& fact) {
        const bool is_cleaning = fact.first.starts_with("cache cleanings ");
        return !fact.first.starts_with("rehearsal ") && !(is_cleaning && engine_.surprises() > 0);
    });
    wake_up();
    const int passes = verdict_.passes_after_fault;
    for (const milliseconds pause : {milliseconds(0), milliseconds(resync), milliseconds(2h)}) {
        host_.advance(pause);
        const auto result = pass();
        if (result) check_drift(*result);
        const std::size_t writes = engine_.writes() - before;
        if (writes == 0) continue;
        verdict_.writes_after = writes;
        violate(pause.count() == 0 ? "L3" : "L1",
                std::to_string(writes) + " writes once converged, the last: " + last_write_);
        break;
    }
    verdict_.passes_after_fault = passes;
    wanted_.settled = nullptr;
}

/// A whole day of looks, once for each end that was ever reached.
void Universe::stay_quiet_for_a_day() {
    static std::mutex mutex;
    static std::set<std::string> seen;
    {
        const std::lock_guard guard(mutex);
        if (!seen.insert(workload_->name + verdict_.end).second) return;
    }
    const std::size_t before = engine_.writes();
    const int passes = verdict_.passes_after_fault;
    // A mutant has hundreds of runs before it, and no need of the hours in between.
    static const bool is_mutant = std::getenv("MATRIARCH_EXPECT") != nullptr;
    const milliseconds step = is_mutant ? milliseconds(12h) : milliseconds(10min);
    for (const Time until = host_.now + 24h; host_.now < until; host_.advance(step)) (void)pass();
    verdict_.writes_after += engine_.writes() - before;
    if (engine_.writes() != before) violate("L1", "writes in 24 quiet hours");
    verdict_.passes_after_fault = passes;
}

/// Whether somebody did what cannot be made good without the release that failed.
bool Universe::is_taken_away() const {
    if (is_taken_over_ || has_lost_volume_) return true;
    return std::any_of(verdict_.struck.begin(), verdict_.struck.end(), [](const auto& one) {
        const FaultKind kind = one.first.kind;
        return kind == FaultKind::removed || kind == FaultKind::renamed ||
               kind == FaultKind::squeezed || kind == FaultKind::started;
    });
}

/// A commit that fails leaves the release before it serving, whole.
void Universe::check_what_failed(const Workload& workload) {
    if (workload.ends_blocked.empty() || workload.is_removed || is_taken_away()) return;
    bool serves = false;
    for (const auto& [id, one] : host_.containers) {
        const std::string role = model::role_of(one);
        if (role == "web" && host_.answer(one, host_.now).is_yes) serves = true;
        const bool is_new = one.seen.spec.image.tag == to_text(wanted_.instance.mastodon);
        if (workload.ends_blocked != "rolled-back" || !is_new || !one.seen.is_alive()) continue;
        if (reconcilers::is_app_role(role)) {
            violate("L2", "rolled back, and " + one.seen.name + " runs all the same");
        }
    }
    if (!serves) violate("L2", "stopped, and nothing serves");
}

/// Judged once nothing has been broken on the way there.
void Universe::judge_end(const Workload& workload, const Schedule& schedule) {
    verdict_.end = projection(host_, wanted_);
    // Who says that nothing is left to do must be right, also where he may stop with an alarm.
    const bool is_stopped =
        has_lost_volume_ || is_taken_over_ || (!workload.ends_blocked.empty() && !is_settled_);
    const auto& judge = workload.is_removed ? is_gone : is_as_wanted;
    if (const Finding wrong = judge(host_, wanted_); wrong && !is_stopped) {
        violate("L1", *wrong);
    }
    if (const Finding wrong = is_backed_up(host_); workload.keeps_schedules && wrong) {
        if (!is_stopped) violate("L1", *wrong);
    }
    // Whoever cuts it off from the database makes it fail; who takes it away makes another one.
    const bool is_calm = engine_.surprises() == 0 && !is_stopped;
    if (const Finding wrong = is_cleaned(host_, wanted_); workload.keeps_schedules && wrong) {
        if (is_calm) violate("S14", *wrong);
    }
    if (const Finding wrong = is_tidy(host_, workload); wrong && !is_stopped) {
        violate("L1", *wrong);
    }
    // What a person took away stays away where nothing new can be made.
    const bool may_differ = has_lost_volume_ || is_taken_over_ ||
                            (!workload.ends_blocked.empty() && engine_.surprises() > 0);
    if (!workload.end.empty() && !may_differ && verdict_.end != workload.end) {
        violate("M1", first_difference(verdict_.end, workload.end));
    }
    const std::size_t extra = schedule.size() + static_cast<std::size_t>(verdict_.hints_followed);
    if (!workload.end.empty() && verdict_.writes > workload.writes + writes_per_fault * extra) {
        violate("L5", std::to_string(verdict_.writes) + " writes; " +
                          std::to_string(workload.writes) + " without faults");
    }
    if (verdict_.hints_followed > 0 && has_only_call_faults(schedule)) {
        violate("L1", "a person was needed, although nobody had touched anything");
    }
    check_what_failed(workload);
    stay_quiet();
    stay_quiet_for_a_day();
}

}  // namespace matriarch::property
