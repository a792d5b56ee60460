// Properties of two runs beside one another, which need nobody who knows the right answer.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace matriarch::property
