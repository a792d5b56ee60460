// The canonical text: an instance written out in full, the same instance always as the same bytes.
// Its digest is what "changed" means. It holds no secrets, because an Instance holds none.
#pragma once

#include <string>

#include "specs/instance.hpp"

namespace matriarch::specs {

/// Every field in the order of fields.hpp, defaults included, as YAML that reads back to an equal
/// instance. Empty texts, lists of settings and images that are not set are left out.
[[nodiscard]] std::string canonical_text(const Instance& instance);

/// SHA-256 of the canonical text, 64 hexadecimal digits.
[[nodiscard]] std::string digest(const Instance& instance);

}  // namespace matriarch::specs
