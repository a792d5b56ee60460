// Result<T>: a value or an Error, and TRY, which returns the first error to the caller.
//
//     Result<Digest> read(const Path& path) {
//         const std::string text = TRY(load(path));   // returns the Error of load(), if any
//         if (text.empty()) return fail(ErrorKind::invalid, "cannot read " + path + ": it is
//         empty"); return digest_of(text);
//     }
//
// TRY is a GNU statement expression (g++ and clang). Never nest a TRY inside a TRY: it shadows.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "specs/values/error.hpp"

namespace matriarch {

template <class T>
using Result = tl::expected<T, Error>;

/// An Error on its way out of a function that returns any Result.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message,
                                                std::string hint = {}, std::string where = {}) {
    return tl::unexpected<Error>(
        Error{kind, std::move(message), std::move(hint), std::move(where)});
}

/// Passes an Error on unchanged.
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>(std::move(error));
}

}  // namespace matriarch

// The GNU extension is wanted here; the pragma keeps -Wpedantic for everything else.
#define TRY(...)                                                                    \
    (__extension__({                                                                \
        auto try_result_ = (__VA_ARGS__);                                           \
        if (!try_result_) return ::matriarch::fail(std::move(try_result_).error()); \
        ::matriarch::detail::take(std::move(try_result_));                          \
    }))

namespace matriarch::detail {

template <class T>
T take(Result<T>&& result) {
    return std::move(*result);
}
inline void take(Result<void>&&) {}

}  // namespace matriarch::detail
