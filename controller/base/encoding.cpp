// Hexadecimal, base64 and HMAC. The hashing is OpenSSL's.
// Nothing here decides anything; a wrong input gives an empty text, never a guess.
#include "controller/base/encoding.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>

#include "specs/values/check.hpp"

namespace matriarch::controller {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const unsigned char* raw(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string text_of(const unsigned char* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4U];
        text += digits[static_cast<unsigned char>(byte) & 15U];
    }
    return text;
}

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            const unsigned byte =
                i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U;
            group = (group << 8U) | byte;
        }
        const std::size_t given = bytes.size() - i;
        text += alphabet[group >> 18U];
        text += alphabet[(group >> 12U) & 63U];
        text += given > 1 ? alphabet[(group >> 6U) & 63U] : '=';
        text += given > 2 ? alphabet[group & 63U] : '=';
    }
    return text;
}

std::string to_base64_url(std::string_view bytes) {
    std::string text = to_base64(bytes);
    for (char& character : text) {
        if (character == '+') character = '-';
        if (character == '/') character = '_';
    }
    return text;
}

std::string from_base64(std::string_view text) {
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    if (text.size() % 4 == 1) return {};
    std::string bytes;
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (char character : text) {
        if (character == '-') character = '+';
        if (character == '_') character = '/';
        const std::size_t value = alphabet.find(character);
        if (value == std::string_view::npos) return {};
        group = ((group << 6U) | static_cast<std::uint32_t>(value)) & 0xFFFFU;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>((group >> bits) & 0xFFU);
    }
    return bytes;
}

std::string hmac_sha256(const Secret& key, std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const std::string& plain = key.reveal();
    const auto* made = HMAC(EVP_sha256(), plain.data(), static_cast<int>(plain.size()), raw(bytes),
                            bytes.size(), digest.data(), &size);
    CHECK(made != nullptr && size == 32, "OpenSSL has HMAC-SHA-256");
    return to_hex(text_of(digest.data(), size));
}

std::string sha256_base64(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    const int made =
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
    CHECK(made == 1 && size == 32, "OpenSSL has SHA-256");
    return to_base64(text_of(digest.data(), size));
}

}  // namespace matriarch::controller
