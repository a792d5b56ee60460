// Secret: a string that cannot be printed, formatted, hashed into labels or compared by accident.
//
// There is no operator<<, no fmt formatter and no operator==. reveal() is the one door, and a
// search for it lists every place that a secret leaves the program (Engine requests, child stdin,
// files 0600).
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace matriarch {

class Secret {
 public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}

    /// The plain value. Only at the edge: Engine requests, a child's stdin, a file with mode 0600.
    [[nodiscard]] const std::string& reveal() const { return value_; }

    [[nodiscard]] bool is_empty() const { return value_.empty(); }

    /// Equality in time that does not depend on where the values differ.
    [[nodiscard]] bool is_same_as(const Secret& other) const { return is_same_as(other.value_); }
    [[nodiscard]] bool is_same_as(std::string_view other) const {
        if (value_.size() != other.size()) return false;
        unsigned char difference = 0;
        for (std::size_t i = 0; i < value_.size(); ++i) {
            difference |= static_cast<unsigned char>(value_[i] ^ other[i]);
        }
        return difference == 0;
    }

 private:
    std::string value_{};
};

}  // namespace matriarch
