// Times as people write them on a command line.
#pragma once

#include <string>

#include "controller/base/clock.hpp"
#include "specs/values/result.hpp"

namespace matriarch::controller {

/// "24h" or "7d" ago, or "2026-11-22", or "2026-11-22T10:04:07Z". Errors: invalid.
[[nodiscard]] Result<WallTime> parse_since(const std::string& text, WallTime now);

}  // namespace matriarch::controller
