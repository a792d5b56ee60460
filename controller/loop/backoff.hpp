// Backoff: when to look again after a failure: 1 s, doubling to 5 minutes, with jitter, so that a
// fleet does not knock at a returning registry all at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace matriarch::controller {

class Backoff {
 public:
    using Milliseconds = std::chrono::milliseconds;

    /// `seed` tells instances apart; the jitter (up to a fifth) follows from it and the count.
    explicit Backoff(std::uint64_t seed = 1) : state_(seed * 2654435761U + 1) {}

    [[nodiscard]] Milliseconds next() {
        const auto step = std::min(count_, 9);
        ++count_;
        const auto whole = std::min<Milliseconds>(first * (1 << step), longest);
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return whole - whole * static_cast<std::int64_t>(state_ >> 33U) / (5LL << 31U);
    }

    void reset() { count_ = 0; }
    [[nodiscard]] int failures() const { return count_; }

 private:
    static constexpr Milliseconds first{1000};
    static constexpr Milliseconds longest{300'000};

    std::uint64_t state_;
    int count_{0};
};

}  // namespace matriarch::controller
