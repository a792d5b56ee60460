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
        // It shows nothing any more: look for the same at another place, or take it out.
        EXPECT_EQ(verdict.struck.size(), schedule.size())
            << "not met: " << name << " | " << model::to_text(schedule);
    }
    EXPECT_FALSE(regressions.empty());
}

// One schedule, as a failure prints it, by name only: MATRIARCH_SCHEDULE="revert | call 1 removed
// 4" MATRIARCH_TRACE=1 shows each change.
TEST(Faults, DISABLED_OfThisSchedule) {
    const auto [name, schedule] = parse_kept(setting("MATRIARCH_SCHEDULE", ""));
    Universe universe(scratch());
    universe.name_places(true);
    const Verdict verdict = universe.run(workloads().named(name), schedule);
    std::fprintf(stderr, "met: %s\n", model::to_text(verdict.where).c_str());
    for (const auto& [property, what] : verdict.violations) {
        ADD_FAILURE() << property << ": " << what;
    }
}

TEST(Faults, OneAtEveryCall) {
    const Tally tally = try_singles(extent().single_stride, extent().seed);
    report("single_faults", tally);
    expect_none(tally);
    if (!extent().is_whole) return;
    // A share has to reach every cell, too.
    const Tally cells = extent().single_stride > 1 ? try_cells() : tally;
    expect_none(cells);
    std::size_t unreached = 0;
    for (const std::string& cell : all_cells()) {
        if (cells.cells.contains(cell)) continue;
        ADD_FAILURE() << "never reached: " << cell;
        ++unreached;
    }
    report("cells", static_cast<double>(all_cells().size()));
    report("cells_unreached", static_cast<double>(unreached));
}

TEST(Faults, EveryTwoOfADeploymentAndAVersionChange) {
    const Tally tally =
        try_pairs({"first_deployment", "version_change_rolling", "version_change_stopped"},
                  extent().pair_stride);
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
