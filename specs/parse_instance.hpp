// Node -> Instance: defaults of its version, then what the file says, then the rules between
// fields.
#pragma once

#include "specs/findings.hpp"
#include "specs/instance.hpp"
#include "specs/node.hpp"

namespace matriarch::specs {

struct ParsedInstance {
    /// Sound only where `findings` has no errors.
    Instance instance{};
    Findings findings{};
};

[[nodiscard]] ParsedInstance parse_instance(const Node& tree);

}  // namespace matriarch::specs
