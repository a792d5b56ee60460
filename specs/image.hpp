// ImageRef: where an image comes from, as Docker writes it: registry/repository[:tag][@sha256:...].
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "specs/values/result.hpp"

namespace matriarch::specs {

/// A parsed image reference. "redis:7" becomes docker.io/library/redis with tag 7.
struct ImageRef {
    /// Host with optional port: "docker.io", "ghcr.io", "127.0.0.1:5000".
    std::string registry{};
    /// "library/redis", "mastodon/mastodon".
    std::string repository{};
    std::string tag{};
    /// "sha256:<64 hex>" or empty.
    std::string digest{};

    [[nodiscard]] bool is_empty() const { return repository.empty(); }
    friend auto operator<=>(const ImageRef&, const ImageRef&) = default;
};

/// Errors: invalid (empty, bad characters, bad tag or digest).
[[nodiscard]] Result<ImageRef> parse_image(std::string_view text);

/// The full form, registry included: "docker.io/library/redis:7@sha256:...". Reads back the same.
[[nodiscard]] std::string to_text(const ImageRef& image);

/// registry/repository without tag and digest.
[[nodiscard]] std::string repository_text(const ImageRef& image);

}  // namespace matriarch::specs
