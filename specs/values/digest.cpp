// SHA-256 through OpenSSL.
#include "specs/values/digest.hpp"

#include <openssl/evp.h>

#include <array>

#include "specs/values/check.hpp"

namespace matriarch {

std::string sha256(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
    unsigned int size = 0;
    // Fetched once: OpenSSL 3 otherwise looks for it under a lock each time.
    static EVP_MD* const kind = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    const int done = EVP_Digest(bytes.data(), bytes.size(), raw.data(), &size, kind, nullptr);
    CHECK(done == 1 && size == 32, "OpenSSL has SHA-256");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(64);
    for (unsigned int i = 0; i < size; ++i) {
        text += digits[raw[i] >> 4U];
        text += digits[raw[i] & 15U];
    }
    return text;
}

std::string short_digest(std::string_view digest) {
    if (const auto colon = digest.find(':'); colon != std::string_view::npos) {
        digest.remove_prefix(colon + 1);
    }
    return std::string(digest.substr(0, 12));
}

}  // namespace matriarch
