// Who an instance's data is, as a small durable file: the one thing here that must not be lost.
//
// It is written before the first data volume is made, and read before anything is done, so that an
// absent data volume is noticed and never made anew. A file that cannot be read whole is an error,
// never an empty identity: that would let data be replaced.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/state.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::controller {

/// Empty where the instance was never deployed from here.
/// Errors: refused (the file is damaged or newer than this program), unavailable.
[[nodiscard]] Result<reconcilers::Identity> load_identity(const InstanceFolder& folder);

/// Durable when it returns. Errors: invalid (a value holds a line break), unavailable.
[[nodiscard]] Result<void> save_identity(const InstanceFolder& folder,
                                         const reconcilers::Identity& identity);

/// The file's text: one fact a line, and a digest of them all at the end.
[[nodiscard]] Result<std::string> print_identity(const reconcilers::Identity& identity);

/// Errors: refused (cut short, changed, unknown lines).
[[nodiscard]] Result<reconcilers::Identity> parse_identity(std::string_view text);

}  // namespace matriarch::controller
