// Plots of a page, drawn here as SVG: no script, nothing from elsewhere. What a plot shows also
// stands below it in words, for who cannot see it.
#pragma once

#include <vector>

#include "controller/http/page_parts.hpp"
#include "controller/http/pages.hpp"

namespace matriarch::controller {

/// Free bytes of the Engine's disk over time; nothing where fewer than two samples are known.
[[nodiscard]] Html disk_plot(const std::vector<OverviewSample>& samples);

/// What each instance may use of the host's memory, side by side; nothing where that is not known.
[[nodiscard]] Html memory_plot(const std::vector<OverviewInstance>& instances, Bytes host);

/// Backups of the last two weeks on one line for each kind; those that were restored for practice
/// stand out. Nothing where there is none.
[[nodiscard]] Html backup_plot(const std::vector<OverviewSnapshot>& snapshots, WallTime now);

}  // namespace matriarch::controller
