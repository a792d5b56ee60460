// Random text from RAND_bytes.
// No other source of chance exists in the program.
#include "controller/base/random.hpp"

#include <openssl/rand.h>

#include <string_view>

#include "controller/base/encoding.hpp"
#include "specs/values/check.hpp"

namespace matriarch::controller {
namespace {

std::string fresh(std::size_t bytes) {
    std::string raw(bytes, '\0');
    const int made =
        RAND_bytes(reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(bytes));
    CHECK(made == 1, "OpenSSL's random generator is seeded");
    return raw;
}

}  // namespace

Secret random_bytes(std::size_t bytes) {
    return Secret(fresh(bytes));
}

Secret random_hex(std::size_t digits) {
    std::string text = to_hex(fresh((digits + 1) / 2));
    text.resize(digits);
    return Secret(std::move(text));
}

Secret random_alphanumeric(std::size_t characters) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    // Bytes from the last, incomplete round of the alphabet would favour its beginning.
    constexpr unsigned fair = 256 / alphabet.size() * alphabet.size();
    std::string text;
    while (text.size() < characters) {
        for (const char byte : fresh(characters)) {
            const unsigned value = static_cast<unsigned char>(byte);
            if (value < fair && text.size() < characters) text += alphabet[value % alphabet.size()];
        }
    }
    return Secret(std::move(text));
}

std::string random_uuid() {
    std::string raw = fresh(16);
    raw[6] = static_cast<char>((static_cast<unsigned char>(raw[6]) & 0x0FU) | 0x40U);
    raw[8] = static_cast<char>((static_cast<unsigned char>(raw[8]) & 0x3FU) | 0x80U);
    const std::string hex = to_hex(raw);
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
           hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace matriarch::controller
