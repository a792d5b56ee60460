// P-256 through OpenSSL 3.
// The private scalar leaves only as a Secret.
#include "controller/secrets/vapid.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include <array>
#include <memory>

#include "controller/base/encoding.hpp"
#include "specs/values/check.hpp"

namespace matriarch::controller {
namespace {

constexpr int scalar_bytes = 32;
constexpr std::size_t point_bytes = 65;

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
    void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
    void operator()(EC_POINT* point) const { EC_POINT_free(point); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

/// The uncompressed point of scalar * generator; empty where the scalar is not in 1..order-1.
std::string point_of(const BIGNUM* scalar) {
    const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    CHECK(group != nullptr, "OpenSSL has P-256");
    if (BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group.get())) >= 0) return {};
    const Owned<EC_POINT> point(EC_POINT_new(group.get()));
    std::array<unsigned char, point_bytes> raw{};
    const int multiplied =
        EC_POINT_mul(group.get(), point.get(), scalar, nullptr, nullptr, nullptr);
    const std::size_t written = EC_POINT_point2oct(
        group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, raw.data(), raw.size(), nullptr);
    CHECK(multiplied == 1 && written == raw.size(), "OpenSSL multiplies on P-256");
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
}

}  // namespace

VapidKeys generate_vapid_keys() {
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    CHECK(key != nullptr, "OpenSSL generates P-256 keys");
    BIGNUM* found = nullptr;
    const int has_scalar = EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &found);
    const Owned<BIGNUM> scalar(found);
    std::string raw(scalar_bytes, '\0');
    // Padded: a scalar that begins with zeros keeps its 32 bytes.
    const int written =
        BN_bn2binpad(scalar.get(), reinterpret_cast<unsigned char*>(raw.data()), scalar_bytes);
    CHECK(has_scalar == 1 && written == scalar_bytes, "a P-256 scalar has 32 bytes");
    return {.private_key = Secret(to_base64_url(raw)),
            .public_key = to_base64_url(point_of(scalar.get()))};
}

Result<std::string> vapid_public_key(const Secret& private_key) {
    const std::string raw = from_base64(private_key.reveal());
    if (raw.size() == scalar_bytes) {
        const Owned<BIGNUM> scalar(
            BN_bin2bn(reinterpret_cast<const unsigned char*>(raw.data()), scalar_bytes, nullptr));
        const std::string point = point_of(scalar.get());
        if (!point.empty()) return to_base64_url(point);
    }
    return fail(ErrorKind::invalid, "cannot use VAPID_PRIVATE_KEY: it is not a P-256 private key",
                "Take both VAPID keys from the server that made them.");
}

}  // namespace matriarch::controller
