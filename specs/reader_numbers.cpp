// Fields that are numbers, with units or without, and truth values.
#include <charconv>
#include <optional>

#include "specs/reader.hpp"

namespace matriarch::specs {
namespace {

std::optional<std::int64_t> whole_number(const Node& node) {
    std::int64_t value = 0;
    const char* end = node.text.data() + node.text.size();
    const auto [stopped, error] = std::from_chars(node.text.data(), end, value);
    if (node.is_quoted || error != std::errc{} || stopped != end) return std::nullopt;
    return value;
}

/// Numbers with units are short; more is not worth reading, or repeating in a message.
bool is_short(const Node& node) {
    return node.text.size() <= 40;
}

}  // namespace

void Reader::field(std::string_view key, std::int64_t& value, std::string_view, Range range) {
    const std::string expected =
        "a whole number from " + std::to_string(range.first) + " to " + std::to_string(range.last);
    const Node* node = scalar(key, expected);
    if (node == nullptr) return;
    const auto number = whole_number(*node);
    if (!number || *number < range.first || *number > range.last) {
        refuse(key, *node, expected, node->is_quoted ? "Take the quotes away." : "");
        return;
    }
    value = *number;
}

void Reader::field(std::string_view key, int& value, std::string_view sentence, Range range) {
    std::int64_t wide = value;
    field(key, wide, sentence, range);
    value = static_cast<int>(wide);  // every range in fields.hpp fits an int
}

void Reader::field(std::string_view key, bool& value, std::string_view) {
    const Node* node = scalar(key, "true or false");
    if (node == nullptr) return;
    const bool is_true = node->text == "true";
    if (node->is_quoted || (!is_true && node->text != "false")) {
        refuse(key, *node, "true or false");
        return;
    }
    value = is_true;
}

void Reader::field(std::string_view key, Bytes& value, std::string_view, Sizes sizes) {
    const std::string expected =
        "a size from " + to_text(sizes.first) + " to " + to_text(sizes.last);
    const Node* node = scalar(key, expected);
    if (node == nullptr) return;
    const auto bytes = is_short(*node) ? parse_bytes(node->text) : Result<Bytes>(Bytes{-1});
    if (!bytes) {
        refuse(key, *node, expected, bytes.error().hint);
        return;
    }
    if (*bytes < sizes.first || *bytes > sizes.last) {
        refuse(key, *node, expected);
        return;
    }
    value = *bytes;
}

void Reader::field(std::string_view key, Cpus& value, std::string_view) {
    const std::string expected = "a number of processors such as 0.5 or 2";
    const Node* node = scalar(key, expected);
    if (node == nullptr) return;
    const auto cpus = parse_cpus(is_short(*node) ? node->text : "");
    if (!cpus) {
        refuse(key, *node, expected);
        return;
    }
    value = *cpus;
}

void Reader::field(std::string_view key, Duration& value, std::string_view, Spans spans) {
    const std::string expected = "a duration from " + matriarch::to_text(spans.first) + " to " +
                                 matriarch::to_text(spans.last);
    const Node* node = scalar(key, expected);
    if (node == nullptr) return;
    const auto duration = parse_duration(is_short(*node) ? node->text : "");
    if (!duration || *duration < spans.first || *duration > spans.last) {
        refuse(key, *node, expected, duration ? "" : duration.error().hint);
        return;
    }
    value = *duration;
}

}  // namespace matriarch::specs
