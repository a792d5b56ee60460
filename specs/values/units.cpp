// Parsing and printing of sizes, durations and cpus. Exact: what is printed parses to the same
// value.
#include "specs/values/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "specs/values/shown.hpp"

namespace matriarch {
namespace {

struct Unit {
    std::string_view name{};
    std::int64_t factor{};
};

constexpr std::array<Unit, 9> byte_units{{{"TiB", 1LL << 40},
                                          {"GiB", 1LL << 30},
                                          {"MiB", 1LL << 20},
                                          {"KiB", 1LL << 10},
                                          {"TB", 1'000'000'000'000},
                                          {"GB", 1'000'000'000},
                                          {"MB", 1'000'000},
                                          {"kB", 1'000},
                                          {"B", 1}}};

constexpr std::array<Unit, 5> time_units{
    {{"w", 7 * 86'400}, {"d", 86'400}, {"h", 3'600}, {"m", 60}, {"s", 1}}};

/// Of thousandths it still fits 64 bits. In bytes a PiB, more than any host has.
constexpr std::int64_t number_max = 1LL << 50;
constexpr std::int64_t duration_seconds_max = 100LL * 366 * 86'400;

/// A decimal number at the start of the text, as thousandths. Empty result: no number there.
struct Decimal {
    std::int64_t thousandths{0};
    std::size_t length{0};
};

Decimal leading_decimal(std::string_view text) {
    Decimal number{};
    std::int64_t whole = 0;
    const auto* begin = text.data();
    const auto [end, error] = std::from_chars(begin, begin + text.size(), whole);
    if (error != std::errc{} || whole < 0 || whole > number_max) return {};
    number.length = static_cast<std::size_t>(end - begin);
    if (text.front() == '-' || text.front() == '+') return {};
    number.thousandths = whole * 1000;
    if (number.length < text.size() && text[number.length] == '.') {
        std::size_t at = number.length + 1;
        std::int64_t scale = 100;
        const std::size_t first = at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10) {
            if (scale == 0) return {};
            number.thousandths += (text[at] - '0') * scale;
        }
        if (at == first) return {};
        number.length = at;
    }
    return number;
}

}  // namespace

Result<Bytes> parse_bytes(std::string_view text) {
    const auto refuse = [&](const char* why) {
        return fail(ErrorKind::invalid, "'" + shown(text, shown_bytes) + "' is not a size: " + why,
                    "Write a number and a unit, such as 512MiB or 2GiB.");
    };
    const Decimal number = leading_decimal(text);
    if (number.length == 0) return refuse("it does not start with a positive number");
    const std::string_view rest = text.substr(number.length);
    for (const Unit& unit : byte_units) {
        if (rest != unit.name) continue;
        const long double exact = static_cast<long double>(number.thousandths) *
                                  static_cast<long double>(unit.factor) / 1000.0L;
        if (exact > static_cast<long double>(number_max)) return refuse("it is too large");
        return Bytes{static_cast<std::int64_t>(std::llround(exact))};
    }
    return refuse(rest.empty() ? "the unit is missing" : "the unit is not known");
}

Result<Duration> parse_duration(std::string_view text) {
    const auto refuse = [&] {
        return fail(ErrorKind::invalid, "'" + shown(text, shown_bytes) + "' is not a duration",
                    "Write numbers with units, such as 30s, 90m, 8h, 7d or 1h30m.");
    };
    std::int64_t total = 0;
    std::string_view rest = text;
    while (!rest.empty()) {
        const Decimal number = leading_decimal(rest);
        if (number.length == 0 || number.thousandths % 1000 != 0) return refuse();
        rest.remove_prefix(number.length);
        const auto* unit = time_units.data();
        while (unit != time_units.data() + time_units.size() && !rest.starts_with(unit->name))
            ++unit;
        if (unit == time_units.data() + time_units.size()) return refuse();
        rest.remove_prefix(unit->name.size());
        const std::int64_t count = number.thousandths / 1000;
        if (count > duration_seconds_max / unit->factor) return refuse();
        total += count * unit->factor;
        if (total > duration_seconds_max) return refuse();
    }
    if (text.empty()) return refuse();
    return Duration{total};
}

Result<Cpus> parse_cpus(std::string_view text) {
    const Decimal number = leading_decimal(text);
    if (number.length == 0 || number.length != text.size() || number.thousandths > 1'024'000) {
        return fail(ErrorKind::invalid,
                    "'" + shown(text, shown_bytes) + "' is not a number of cpus",
                    "Write a number such as 0.5, 1 or 1.5.");
    }
    return Cpus{number.thousandths * 1'000'000};
}

std::string to_text(Bytes bytes) {
    for (std::size_t i = 0; i < 4; ++i) {
        const Unit& unit = byte_units[i];
        if (bytes.count >= unit.factor && bytes.count % unit.factor == 0) {
            return std::to_string(bytes.count / unit.factor) + std::string(unit.name);
        }
    }
    return std::to_string(bytes.count) + "B";
}

std::string to_text(Duration duration) {
    std::string text;
    std::int64_t left = duration.count();
    if (left <= 0) return "0s";
    for (const Unit& unit : time_units) {
        if (unit.name == "w") continue;
        if (left >= unit.factor) {
            text += std::to_string(left / unit.factor) + std::string(unit.name);
            left %= unit.factor;
        }
    }
    return text;
}

std::string to_text(Cpus cpus) {
    std::string text = std::to_string(cpus.nano / 1'000'000'000);
    std::int64_t thousandths = cpus.nano % 1'000'000'000 / 1'000'000;
    if (thousandths == 0) return text;
    std::string decimals = std::to_string(1000 + thousandths).substr(1);
    while (decimals.back() == '0') decimals.pop_back();
    return text + "." + decimals;
}

}  // namespace matriarch
