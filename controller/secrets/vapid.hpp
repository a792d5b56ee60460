// VAPID keys: what Mastodon signs web push messages with. Changing them breaks every subscription.
//
// A P-256 pair in url-safe base64 with padding, as Mastodon's webpush gem writes it
// (Base64.urlsafe_encode64): private the 32 bytes of the scalar, public the 65 of the uncompressed
// point.
#pragma once

#include <string>

#include "specs/values/result.hpp"
#include "specs/values/secret.hpp"

namespace matriarch::controller {

struct VapidKeys {
    /// 44 characters.
    Secret private_key{};
    /// 88 characters. Not a secret, but it is worthless without the other.
    std::string public_key{};
};

[[nodiscard]] VapidKeys generate_vapid_keys();

/// The public key that belongs to a private one. Errors: invalid (not 32 bytes, not on the curve).
[[nodiscard]] Result<std::string> vapid_public_key(const Secret& private_key);

}  // namespace matriarch::controller
