// Log: what changed in the world, one line each, on standard error.
//
//     log::info("stopped container", {{key::instance, name}, {key::took_ms, 812}});
//
// The message is a constant: lower-case, past tense, no full stop. Data goes in key=value and is
// escaped: what comes from outside cannot forge a line or drive a terminal. A Secret has no way in:
// it does not compile. `error` a human is needed; `warn` we are retrying; `info` we changed
// something; `debug` each Engine call.
#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "specs/values/error.hpp"
#include "specs/values/result.hpp"

namespace matriarch::controller::log {

enum class Level { debug, info, warn, error, off };
enum class Format { text, json };
enum class Colour { automatic, never, always };

/// The keys that many lines share. Others are written at the place of use.
namespace key {
inline constexpr std::string_view instance = "instance";
inline constexpr std::string_view revision = "revision";
inline constexpr std::string_view resource = "resource";
inline constexpr std::string_view step = "step";
inline constexpr std::string_view reason = "reason";
inline constexpr std::string_view took_ms = "took_ms";
inline constexpr std::string_view error = "error";
inline constexpr std::string_view kind = "kind";
inline constexpr std::string_view hint = "hint";
inline constexpr std::string_view path = "path";
}  // namespace key

/// A value of a log line: text, a whole number, or yes/no.
class Value {
 public:
    Value(std::string text) : text_(std::move(text)) {}
    Value(std::string_view text) : text_(text) {}
    Value(const char* text) : text_(text) {}
    Value(bool is_true) : text_(is_true ? "true" : "false"), is_bare_(true) {}
    template <std::integral Number>
    Value(Number number) : text_(std::to_string(number)), is_bare_(true) {}

    [[nodiscard]] const std::string& text() const { return text_; }
    /// Stands without quotes in JSON.
    [[nodiscard]] bool is_bare() const { return is_bare_; }

 private:
    std::string text_{};
    bool is_bare_{false};
};

struct Field {
    std::string_view key{};
    Value value{""};
};

struct Options {
    Level level{Level::info};
    Format format{Format::text};
    /// Automatic: only on a terminal, and not where NO_COLOR is set (no-color.org) or TERM is dumb.
    Colour colour{Colour::automatic};
};

/// Sets level and form for the whole program. Before it is called: info, text.
void configure(const Options& options);

/// Every value passes through `filter` before it is written (the Redactor); nothing: none.
void set_filter(std::function<std::string(std::string)> filter);

/// "debug", "info", "warn", "error", "off". Errors: invalid.
[[nodiscard]] Result<Level> parse_level(std::string_view text);

void debug(std::string_view message, std::initializer_list<Field> fields = {});
void info(std::string_view message, std::initializer_list<Field> fields = {});
void warn(std::string_view message, std::initializer_list<Field> fields = {});
void error(std::string_view message, std::initializer_list<Field> fields = {});

}  // namespace matriarch::controller::log
