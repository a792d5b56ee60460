// Explore: which schedules are tried, by as many threads as there are cores, and what came of it.
#pragma once

#include <cstdint>
#include <set>

#include "tests/property/workloads.hpp"

namespace matriarch::property {

struct Failure {
    std::string workload{};
    Schedule schedule{};
    Violation violation{};
};

/// Of any number of runs.
struct Tally {
    std::size_t tried{0};
    std::size_t total{0};
    /// The first of each property and workload, shortened as far as it still fails.
    std::vector<Failure> failures{};
    /// How many runs broke each property.
    std::map<std::string, std::size_t> broken{};
    /// Passes from the last fault until converged -> runs.
    std::map<int, std::size_t> passes{};
    std::size_t writes_after{0};
    std::size_t hints_followed{0};
    /// "first_deployment: oom at start web"
    std::set<std::string> cells{};

    void add(const Tally& other);
    /// The pass count that this share of the runs did not exceed.
    [[nodiscard]] int percentile(double share) const;
    [[nodiscard]] bool has_broken(const std::string& property) const;
};

// `stop_at` ends the search as soon as that property is broken, and leaves schedules as they are.

/// Every kind of fault at every call of every workload, on a victim in turn or on each of them (see
/// Extent); of all these each `stride`-th, from `first` on.
[[nodiscard]] Tally try_singles(std::size_t stride, std::size_t first,
                                const std::string& stop_at = {});

/// One fault for each cell that can be reached.
[[nodiscard]] Tally try_cells(const std::string& stop_at = {});

/// Every two of `pair_kinds` at every two changes of these workloads; of the first ones each
/// `stride`-th.
[[nodiscard]] Tally try_pairs(const std::vector<std::string>& names, std::size_t stride);

/// Three to six faults of a few kinds, in any workload; number i of a seed is always the same.
[[nodiscard]] Tally try_random(std::size_t count, std::uint64_t seed,
                               const std::string& stop_at = {});

/// A schedule and the workload that it is of.
using Kept = std::pair<std::string, Schedule>;

/// "workload | schedule". Throws where it cannot be read.
[[nodiscard]] Kept parse_kept(const std::string& line);

/// The schedules in the files of `folder`: those that broke a property once. Throws where one
/// cannot be read.
[[nodiscard]] std::vector<Kept> read_regressions(const std::string& folder);

/// The cells that faults can reach, by the workloads' runs without faults.
[[nodiscard]] std::set<std::string> all_cells();

/// The same schedule with as few faults as still break the same property.
[[nodiscard]] Schedule shortened(const Failure& failure);

/// "first_deployment | write 3 crash_after 0 | S3: ..."
[[nodiscard]] std::string to_text(const Failure& failure);

}  // namespace matriarch::property
