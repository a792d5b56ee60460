// Bytes as text: hexadecimal and base64; and the keyed hash that webhooks are signed with.
// Only for bytes that are there already; nothing is read or fetched here.
#pragma once

#include <string>
#include <string_view>

#include "specs/values/secret.hpp"

namespace matriarch::controller {

/// Lower-case hexadecimal.
[[nodiscard]] std::string to_hex(std::string_view bytes);

/// RFC 4648 section 4, with padding.
[[nodiscard]] std::string to_base64(std::string_view bytes);

/// RFC 4648 section 5 with padding, as Ruby's Base64.urlsafe_encode64 writes it.
[[nodiscard]] std::string to_base64_url(std::string_view bytes);

/// The bytes of either base64 alphabet, padded or not; empty where it is neither.
[[nodiscard]] std::string from_base64(std::string_view text);

/// HMAC-SHA-256 of the bytes, 64 lower-case hexadecimal digits (RFC 2104).
[[nodiscard]] std::string hmac_sha256(const Secret& key, std::string_view bytes);

/// SHA-256 of the bytes in base64, as a Content-Security-Policy names a style.
[[nodiscard]] std::string sha256_base64(std::string_view bytes);

}  // namespace matriarch::controller
