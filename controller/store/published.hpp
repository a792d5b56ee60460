// The newest status of an instance as a file, so that `matriarch status` in another process can
// show it without asking the controller. JSON made by the caller; nothing here reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/base/state.hpp"

namespace matriarch::controller {

/// Replaces the status at once; not synced, since the next pass writes it again.
[[nodiscard]] Result<void> publish_status(const InstanceFolder& folder, std::string_view json);

/// Nothing: none was published yet. Errors: unavailable.
[[nodiscard]] Result<std::optional<std::string>> published_status(const InstanceFolder& folder);

}  // namespace matriarch::controller
