// Every fault at every call, every pair, and chance: whatever happened, the safety properties held
// all along, and once it is over the host is as wanted and stays so.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

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
    int replayed = 0;
    for (const auto& file : std::filesystem::directory_iterator(MATRIARCH_REGRESSIONS)) {
        if (file.path().extension() != ".schedule") continue;
        std::ifstream lines(file.path());
        for (std::string line; std::getline(lines, line);) {
            if (line.empty() || line.starts_with('#')) continue;
            const auto bar = line.find(" | ");
            ASSERT_NE(bar, std::string::npos) << line;
            const auto schedule = model::parse_schedule(line.substr(bar + 3));
            ASSERT_TRUE(schedule.has_value()) << to_text(schedule.error());
            const auto verdict = universe.run(workloads().named(line.substr(0, bar)), *schedule);
            for (const Violation& violation : verdict.violations) {
                ADD_FAILURE() << file.path().filename() << ": " << line << ": "
                              << violation.property << ": " << violation.what;
            }
            ++replayed;
        }
    }
    EXPECT_GT(replayed, 0);
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
