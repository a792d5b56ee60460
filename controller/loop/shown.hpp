// Shown: the metrics that exist, and an instance's status as the page shows it.
#pragma once

#include "controller/http/metrics.hpp"
#include "controller/http/pages.hpp"
#include "reconcilers/status.hpp"

namespace matriarch::controller {

void declare_metrics(Metrics& metrics);

[[nodiscard]] OverviewInstance shown(const reconcilers::InstanceStatus& status);

}  // namespace matriarch::controller
