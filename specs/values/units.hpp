// Units: byte sizes, durations and cpu shares, as the instance file writes them.
//
//     parse_bytes("768MiB")  -> Bytes{805306368}        to_text -> "768MiB"
//     parse_duration("8h")   -> 28800 s                 to_text -> "8h"
//     parse_cpus("1.5")      -> Cpus{1500000000} (nano) to_text -> "1.5"
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "specs/values/result.hpp"

namespace matriarch {

/// An amount of memory or disk. 0 means "not limited" where the field allows it.
struct Bytes {
    std::int64_t count{0};
    friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

/// Processor time as the Engine counts it: 1 cpu = 1,000,000,000. 0 means "not limited".
struct Cpus {
    std::int64_t nano{0};
    friend auto operator<=>(const Cpus&, const Cpus&) = default;
};

using Duration = std::chrono::seconds;

constexpr Bytes mib(std::int64_t n) {
    return {n * 1024 * 1024};
}
constexpr Bytes gib(std::int64_t n) {
    return {n * 1024 * 1024 * 1024};
}

/// "512MiB", "1GiB", "1.5GiB", "4096KiB", "100B"; also MB, GB, kB (powers of ten).
/// Errors: invalid (no number, no or unknown unit, negative, too large).
[[nodiscard]] Result<Bytes> parse_bytes(std::string_view text);

/// "30s", "8h", "7d", "1h30m". Errors: invalid.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// "1.5", "2", "0.25": at most three decimals. Errors: invalid.
[[nodiscard]] Result<Cpus> parse_cpus(std::string_view text);

/// Shortest exact form in binary units; parse_bytes reads it back to the same value.
[[nodiscard]] std::string to_text(Bytes bytes);
[[nodiscard]] std::string to_text(Duration duration);
[[nodiscard]] std::string to_text(Cpus cpus);

}  // namespace matriarch
