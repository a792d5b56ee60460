// What text may contain at all: UTF-8 that a reviewer sees as it is. Pure; knows nothing of YAML.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace matriarch::specs {

struct BadText {
    /// Byte at which it stands.
    std::size_t offset{0};
    /// "invalid UTF-8", "a NUL or control character", ...
    const char* what{""};
};

/// The first byte that no file of ours may contain: invalid UTF-8 (overlong forms and surrogates
/// included), controls except tab, line feed and carriage return, and characters that change the
/// direction of what a reviewer reads (Unicode TR36, "bidirectional text spoofing").
[[nodiscard]] std::optional<BadText> find_bad_text(std::string_view text);

/// The nearest of `known` to a misspelt word, or empty when none is near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace matriarch::specs
