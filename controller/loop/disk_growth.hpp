// How fast the Engine's disk fills: from samples of its free space, as the journal keeps them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "controller/store/journal.hpp"

namespace matriarch::controller {

/// A sample is taken that often, and kept for so long.
inline constexpr std::chrono::hours sample_every{1};
inline constexpr std::chrono::hours samples_kept{24 * 7};

/// Bytes that it grows by in a day, by the line through all samples of the last week; negative:
/// there is more room every day. Nothing: they span less than a day.
[[nodiscard]] std::optional<Bytes> growth_a_day(const std::vector<DiskSample>& samples,
                                                WallTime now);

/// Writes a sample down where it is time for one, and says how fast it grows.
[[nodiscard]] Result<std::optional<Bytes>> note_disk(Journal& journal, WallTime now, Bytes free);

}  // namespace matriarch::controller
