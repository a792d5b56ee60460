// Mastodon versions. Suffixes compare piece by piece, numbers by value: rc.2 comes before rc.10.
#include "specs/version.hpp"

#include <charconv>

#include "specs/values/shown.hpp"

namespace matriarch::specs {
namespace {

constexpr std::size_t text_max = 64;  // an image tag may have 128; nobody needs half of that

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

bool is_suffix_letter(char letter) {
    return is_digit(letter) || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z') || letter == '.' || letter == '-' || letter == '+';
}

/// A number without leading zeros at the start of `rest`, which then moves on. Empty: none there.
bool take_number(std::string_view& rest, int& number) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    const auto length = static_cast<std::size_t>(end - rest.data());
    if (error != std::errc{} || number < 0 || number > 9999) return false;
    if (length > 1 && rest.front() == '0') return false;
    rest.remove_prefix(length);
    return true;
}

bool take_letter(std::string_view& rest, char letter) {
    if (rest.empty() || rest.front() != letter) return false;
    rest.remove_prefix(1);
    return true;
}

std::string_view take_run(std::string_view& rest) {
    std::size_t length = 1;
    const bool digits = is_digit(rest.front());
    while (length < rest.size() && is_digit(rest[length]) == digits) ++length;
    const std::string_view run = rest.substr(0, length);
    rest.remove_prefix(length);
    return run;
}

std::strong_ordering compare_suffixes(std::string_view left, std::string_view right) {
    const std::string_view whole_left = left;
    const std::string_view whole_right = right;
    while (!left.empty() && !right.empty()) {
        std::string_view first = take_run(left);
        std::string_view second = take_run(right);
        if (is_digit(first.front()) && is_digit(second.front())) {
            while (first.size() > 1 && first.front() == '0') first.remove_prefix(1);
            while (second.size() > 1 && second.front() == '0') second.remove_prefix(1);
            if (first.size() != second.size()) return first.size() <=> second.size();
        }
        if (const int order = first.compare(second); order != 0) return order <=> 0;
    }
    if (left.empty() != right.empty()) return right.empty() <=> left.empty();
    return whole_left.compare(whole_right) <=> 0;
}

}  // namespace

std::strong_ordering operator<=>(const Version& left, const Version& right) {
    if (const auto order = left.major <=> right.major; order != 0) return order;
    if (const auto order = left.minor <=> right.minor; order != 0) return order;
    if (const auto order = left.patch <=> right.patch; order != 0) return order;
    if (left.is_plain() || right.is_plain()) return left.is_plain() <=> right.is_plain();
    return compare_suffixes(left.suffix, right.suffix);
}

Result<Version> parse_version(std::string_view text) {
    Version version{};
    std::string_view rest = text.substr(0, text_max + 1);
    const bool has_numbers = take_letter(rest, 'v') && take_number(rest, version.major) &&
                             take_letter(rest, '.') && take_number(rest, version.minor) &&
                             take_letter(rest, '.') && take_number(rest, version.patch);
    version.suffix = std::string(rest);
    bool is_good = has_numbers && text.size() <= text_max;
    if (is_good && !rest.empty()) {
        is_good = rest.size() > 1 && (rest.front() == '-' || rest.front() == '+');
        for (const char letter : rest) is_good = is_good && is_suffix_letter(letter);
    }
    if (!is_good) {
        return fail(ErrorKind::invalid,
                    "'" + shown(text, text_max) + "' is not a version of Mastodon",
                    "Write it as its image is tagged, such as v4.7.5.");
    }
    return version;
}

std::string to_text(const Version& version) {
    return "v" + std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
           std::to_string(version.patch) + version.suffix;
}

}  // namespace matriarch::specs
