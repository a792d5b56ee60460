// Digest: SHA-256 as lower-case hexadecimal text. Of canonical text, never of secrets.
#pragma once

#include <string>
#include <string_view>

namespace matriarch {

/// SHA-256 of the bytes, 64 hexadecimal digits (FIPS 180-4; computed by OpenSSL).
[[nodiscard]] std::string sha256(std::string_view bytes);

/// The first 12 digits: enough to tell revisions and images apart for a person.
[[nodiscard]] std::string short_digest(std::string_view digest);

}  // namespace matriarch
