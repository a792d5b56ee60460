// Version: a Mastodon release such as v4.7.5, its order, and what follows it.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "specs/values/result.hpp"

namespace matriarch::specs {

/// v4.7.5 or v4.7.5-badmigration or v4.6.0-rc.1 or v4.4.2+glitch. The text after the numbers is
/// kept as it is; anything with a suffix sorts before the plain release of the same numbers.
struct Version {
    int major{0};
    int minor{0};
    int patch{0};
    /// Including its leading '-' or '+'; empty for a plain release.
    std::string suffix{};

    [[nodiscard]] bool is_plain() const { return suffix.empty(); }
    friend bool operator==(const Version&, const Version&) = default;
    friend std::strong_ordering operator<=>(const Version& left, const Version& right);
};

/// Errors: invalid (not vX.Y.Z with an optional suffix of [A-Za-z0-9.-+]).
[[nodiscard]] Result<Version> parse_version(std::string_view text);

/// "v4.7.5": the tag of the image.
[[nodiscard]] std::string to_text(const Version& version);

}  // namespace matriarch::specs
