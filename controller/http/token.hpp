// The token of /api/v1: made at the first start, kept in STATE/http.token (0600), read by people
// and by scripts from there. Never in a URL, never in a log.
#pragma once

#include <filesystem>

#include "specs/values/result.hpp"
#include "specs/values/secret.hpp"

namespace matriarch::controller {

/// Reads the token, or makes one of 64 hexadecimal digits.
/// Errors: refused (others may read it; it is shorter than 16 characters), unavailable.
[[nodiscard]] Result<Secret> load_or_make_token(const std::filesystem::path& path);

}  // namespace matriarch::controller
