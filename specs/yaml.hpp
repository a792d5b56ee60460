// YAML text -> Node. The one place that knows the YAML library, and never more of YAML than we
// need.
#pragma once

#include <string_view>

#include "specs/node.hpp"

namespace matriarch::specs {

/// Reads one YAML document: maps, lists and scalars. A document without content gives "nothing".
///
/// Refused, each with file:line:column: more than 64 KiB, 2,000 nodes or 16 levels; anchors,
/// aliases, tags, merge keys, directives, a second document; a key given twice (both places are
/// named); invalid UTF-8, control characters, invisible or reordering characters, tabs as
/// indentation. Errors: invalid.
[[nodiscard]] Result<Node> parse_yaml(std::string_view text, std::string_view file);

}  // namespace matriarch::specs
