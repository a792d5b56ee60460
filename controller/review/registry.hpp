// Registry: which releases a repository of images has, by the HTTP API that all registries speak
// (Docker Registry HTTP API v2: /v2/NAME/tags/list, pages by Link, tokens by WWW-Authenticate).
//
// Only tags are read, with no credential of anybody: what is private is not seen.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/base/web.hpp"
#include "specs/image.hpp"
#include "specs/version.hpp"

namespace matriarch::controller {

/// The releases among the tags. Errors: unavailable (not reached, odd answers), refused (the
/// registry wants a credential), invalid (no such repository), stopped.
[[nodiscard]] Result<std::vector<specs::Version>> releases_of(const specs::ImageRef& image,
                                                              std::stop_token stop);

// Below: pure, for releases_of and its tests.

/// "https://ghcr.io"; plain http for a registry on this host.
[[nodiscard]] std::string registry_url(const std::string& registry);

[[nodiscard]] std::string tags_path(const std::string& repository);

/// Where the next page is, on the same registry; empty: there is none.
[[nodiscard]] std::string next_page(const std::string& link);

/// What a registry that answers 401 wants to be asked for.
struct Challenge {
    std::string realm{};
    std::string service{};
    std::string scope{};
};
/// Nothing: it is not about a bearer token, or the token would be fetched without TLS.
[[nodiscard]] std::optional<Challenge> parse_challenge(const std::string& header);
[[nodiscard]] std::string token_url(const Challenge& challenge);

/// Errors: unavailable (not what the API describes).
[[nodiscard]] Result<Secret> parse_token(const std::string& body);
[[nodiscard]] Result<std::vector<specs::Version>> parse_tags(const std::string& body);

}  // namespace matriarch::controller
