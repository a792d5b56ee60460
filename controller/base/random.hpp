// Random text for secrets, tokens and identities. From OpenSSL's generator, seeded by the kernel.
//
// Every character is equally likely (no modulo bias). Where the generator fails the program stops:
// a guessable secret is worse than none.
#pragma once

#include <cstddef>
#include <string>

#include "specs/values/secret.hpp"

namespace matriarch::controller {

/// So many random bytes, as they are.
[[nodiscard]] Secret random_bytes(std::size_t bytes);

/// So many random hexadecimal digits (lower-case).
[[nodiscard]] Secret random_hex(std::size_t digits);

/// So many random characters of A-Z, a-z, 0-9.
[[nodiscard]] Secret random_alphanumeric(std::size_t characters);

/// A random UUID (version 4, RFC 9562). Not a secret.
[[nodiscard]] std::string random_uuid();

}  // namespace matriarch::controller
