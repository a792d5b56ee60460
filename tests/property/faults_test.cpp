// Every fault at every call, every pair, and chance: whatever happened, the safety properties held
// all along, and once it is over the host is as wanted and stays so.
#include <gtest/gtest.h>

#include "tests/property/report.hpp"

namespace matriarch::property {
namespace {

TEST(Faults, WithoutAnyEveryWorkloadEndsAsWanted) {
    for (const auto& [name, violation] : workloads().problems) {
        ADD_FAILURE() << name << ": " << violation.property << ": " << violation.what;
    }
    EXPECT_GE(workloads().all.size(), 10U);
}

TEST(Faults, ThatWereOnceTooMuchAreNotAnyMore) {
    Universe universe(scratch());
    const auto regressions = read_regressions(MATRIARCH_REGRESSIONS);
    for (const auto& [name, schedule] : regressions) {
        const Verdict verdict = universe.run(workloads().named(name), schedule);
        for (const Violation& violation : verdict.violations) {
            ADD_FAILURE() << to_text(Failure{name, schedule, violation});
        }
    }
    EXPECT_FALSE(regressions.empty());
}

TEST(Faults, OneAtEveryCall) {
    const Tally tally = try_singles(extent().single_stride);
    report("single_faults", tally);
    expect_none(tally);
    if (!extent().is_whole) return;
    std::size_t unreached = 0;
    for (const std::string& cell : all_cells()) {
        if (tally.cells.contains(cell)) continue;
        ADD_FAILURE() << "never reached: " << cell;
        ++unreached;
    }
    report("cells", static_cast<double>(all_cells().size()));
    report("cells_unreached", static_cast<double>(unreached));
}

TEST(Faults, EveryTwoOfADeploymentAndAVersionChange) {
    const Tally tally =
        try_pairs({"first_deployment", "version_change_stopped"}, extent().pair_stride);
    report("pairs", tally);
    expect_none(tally);
}

TEST(Faults, ThreeAndMoreByChance) {
    const Tally tally = try_random(extent().random_schedules, extent().seed);
    report("random_schedules", tally);
    report("seed", static_cast<double>(extent().seed));
    expect_none(tally);
}

}  // namespace
}  // namespace matriarch::property
