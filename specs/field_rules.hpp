// What a field's definition can say beyond its name and type. fields.hpp uses these; the reader,
// the schema and the canonical text each read them in their own way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "specs/values/units.hpp"

namespace matriarch::specs {

/// Whole numbers, both ends included.
struct Range {
    std::int64_t first{0};
    std::int64_t last{0};
};

struct Sizes {
    Bytes first{};
    Bytes last{};
};

struct Spans {
    Duration first{0};
    Duration last{0};
};

/// Text of a certain form.
struct Form {
    /// ECMAScript expression that the whole text must match.
    std::string_view pattern{};
    std::size_t length_max{0};
    /// "a host name such as example.social": follows "is not" in messages.
    std::string_view expected{};
    bool is_required{false};
    /// What stands here is never repeated in a message: people mistake such fields for the secret.
    bool may_be_secret{false};
    /// Of a list: a single text stands for a list of one.
    bool may_be_single{false};
};

/// Whether the whole text is of the form, and not too long.
[[nodiscard]] bool matches(const std::string& text, const Form& form);

/// One word of a field that takes a few.
template <class E>
struct Word {
    std::string_view text{};
    E value{};
    std::string_view meaning{};
};

template <class E>
using Words = std::span<const Word<E>>;

}  // namespace matriarch::specs
