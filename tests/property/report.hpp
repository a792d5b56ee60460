// Report: how far this run goes, and the figures it leaves for tests/proof/run.
//
//     MATRIARCH_PROOF=1      all of it: every kind at every call, every pair, 30,000 schedules
//     MATRIARCH_SHARE=1      with MATRIARCH_PROOF: the share of Extent, and every cell
//     MATRIARCH_NIGHTLY=1    with MATRIARCH_PROOF: every victim of each act, a million schedules
//     MATRIARCH_SEED=N       of the random schedules
//     MATRIARCH_FIGURES=FILE where the figures go, as JSON
#pragma once

#include <cstdint>
#include <string>

#include "tests/property/explore.hpp"

namespace matriarch::property {

struct Extent {
    /// Of the single faults and of the pairs' first ones, each so many-th is tried.
    std::size_t single_stride{40};
    std::size_t pair_stride{60};
    std::size_t random_schedules{1000};
    /// What people and the kernel do to a container is tried on each container; else, at each call,
    /// on one of them in turn.
    bool every_victim{true};
    std::uint64_t seed{1};
    bool is_whole{false};
};

[[nodiscard]] const Extent& extent();

/// Kept until the end of the program, then written to MATRIARCH_FIGURES.
void report(const std::string& figure, double value);
void report(const std::string& part, const Tally& tally);

/// Fails the test with every failure's schedule: paste one into a file of regressions/.
void expect_none(const Tally& tally);

/// A variable of the environment, or the other text.
[[nodiscard]] std::string setting(const char* name, const std::string& otherwise);

}  // namespace matriarch::property
