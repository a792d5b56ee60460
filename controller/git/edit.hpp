// Edit: one value of one line of a file replaced, and every other byte of it kept. Pure.
#pragma once

#include <string>
#include <string_view>

#include "controller/git/writer.hpp"

namespace matriarch::git {

/// The file with the value replaced. Errors: invalid (no line at the left edge has that key and
/// that value, or several have the key).
[[nodiscard]] Result<std::string> edited(std::string_view text, const Edit& edit);

}  // namespace matriarch::git
