// The page at `/`: instances, what is wanted and what runs, conditions, last events.
//
// No script, no link that somebody else supplied, nothing from another server; everything escaped.
#pragma once

#include <string>

#include "controller/http/pages.hpp"

namespace matriarch::controller {

[[nodiscard]] std::string overview_page(const Overview& overview);

/// Its Content-Security-Policy: nothing at all but our own style, by its hash.
[[nodiscard]] std::string page_policy();

}  // namespace matriarch::controller
