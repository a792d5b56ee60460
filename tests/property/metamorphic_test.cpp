// Properties of two runs beside one another, which need nobody who knows the right answer.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/property/report.hpp"

namespace matriarch::property {
namespace {

using model::FaultKind;

/// Ids, uuids and migrations that an image no longer has are not compared.
std::string end_of(Universe& universe, const Workload& workload, const Schedule& schedule) {
    const Verdict verdict = universe.run(workload, schedule);
    for (const Violation& violation : verdict.violations) {
        ADD_FAILURE() << model::to_text(schedule) << ": " << violation.property << ": "
                      << violation.what;
    }
    return verdict.end;
}

TEST(M2, TheWayThereDoesNotMatter) {
    Universe universe(scratch());
    // First 4.6.1 with two replicas, or all that came before it: the same end.
    const Workload& detour = workloads().named("scale_up");
    Workload direct{.name = "direct", .wanted = detour.wanted};
    ASSERT_TRUE(universe.rehearse(direct).empty());
    EXPECT_EQ(direct.end, detour.end);
}

TEST(M3, TheOrderOfTwoActsDoesNotMatter) {
    Universe universe(scratch());
    const Workload& workload = workloads().named("limit_change");
    for (const FaultKind first : model::container_acts()) {
        for (const FaultKind second : model::container_acts()) {
            const Schedule one{{.at = 0, .kind = first, .target = 1},
                               {.at = 0, .kind = second, .target = 4}};
            const Schedule other{one[1], one[0]};
            EXPECT_EQ(end_of(universe, workload, one), end_of(universe, workload, other));
        }
    }
}

TEST(L6, ARegistryThatIsDownDelaysNoRestart) {
    Universe universe(scratch());
    const Workload& workload = workloads().named("drift_repair");
    const Verdict calm = universe.run(workload, {});
    const Verdict verdict = universe.run(workload, {{.at = 0, .kind = FaultKind::registry_down}});
    EXPECT_EQ(verdict.writes, calm.writes);
    EXPECT_LE(verdict.passes_after_fault, calm.passes_after_fault);
    EXPECT_EQ(verdict.end, workload.end);
}

TEST(L2, ALostDataVolumeStopsTheWorkAndSaysSo) {
    Universe universe(scratch());
    Workload workload = workloads().named("limit_change");
    // The first of the volumes by name is alpha-backups: data.
    const Verdict verdict = universe.run(workload, {{.at = 0, .kind = FaultKind::volume_lost}});
    EXPECT_TRUE(verdict.violations.empty());
    EXPECT_EQ(verdict.writes, 0U);
    EXPECT_FALSE(universe.host().volumes.contains("alpha-backups"));
}

enum class How { not_done, not_foreseen, either };

/// What is done otherwise than it was foreseen, and why that cannot be known before.
struct Unforeseen {
    /// Beginnings of the names; "fails": each whose release is no good.
    const char* workload;
    How how;
    const char* step;
    const char* why;
};
constexpr Unforeseen unforeseen[] = {
    {"restore_bare_host", How::either, "create container alpha-restore-",
     "the repository tells which set it is"},
    {"restore_bare_host", How::either, "start container alpha-sidekiq-",
     "held until a person says to go on"},
    {"backup", How::either, "pin identity", "the repository tells which one it is"},
    {"restore_in_place", How::either, "", "a person asks, and is shown it then; no commit does"},
    {"lost_database", How::either, "", "a person asks, and is shown it then; no commit does"},
    {"removal_of_all", How::either, "", "its file is gone: there is nothing that is wanted"},
    {"reverted_while_it_", How::either, "", "another commit comes while it is done"},
    {"fails", How::not_done, "", "what comes after the step that fails is not reached"},
    {"fails", How::not_foreseen, "remember that ", "that it fails is seen once it has"},
    {"fails", How::not_foreseen, "quiet container ", "the way back: the new ones give way"},
    {"fails", How::not_foreseen, "stop container ", "the way back: the new ones give way"},
    {"fails", How::not_foreseen, "update container ", "the way back: which of them starts again"},
    {"fails", How::not_foreseen, "start container ", "the way back: the ones before serve again"},
};

bool is_named(const Workload& workload, How how, const std::string& step) {
    const bool fails = !workload.ends_blocked.empty() && !workload.is_removed;
    const std::string name = fails ? "fails" : workload.name;
    return std::any_of(std::begin(unforeseen), std::end(unforeseen), [&](const auto& one) {
        return name.starts_with(one.workload) && (one.how == How::either || one.how == how) &&
               step.starts_with(one.step);
    });
}

TEST(Preview, IsWhatIsDone) {
    Universe universe(scratch());
    int differences = 0;
    int same = 0;
    for (const Workload& workload : workloads().all) {
        const auto foreseen = universe.foresee(workload);
        ASSERT_TRUE(foreseen) << workload.name;
        const std::set<std::string> done = universe.run(workload, {}).done;
        const auto tell = [&](const auto& from, const auto& to, How how, const char* words) {
            for (const std::string& step : from) {
                if (to.contains(step)) {
                    ++same;
                } else if (!is_named(workload, how, step)) {
                    ++differences;
                    ADD_FAILURE() << workload.name << ": " << words << ": " << step;
                }
            }
        };
        tell(*foreseen, done, How::not_done, "foreseen, and not done");
        tell(done, *foreseen, How::not_foreseen, "done, and not foreseen");
    }
    // Else names that cover too much could leave nothing to compare.
    EXPECT_GE(same, 1000);
    report("preview_differences", differences);
}

}  // namespace
}  // namespace matriarch::property
