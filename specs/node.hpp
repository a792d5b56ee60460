// Node: our own tree of one YAML document, every node with its place. Values only; no YAML library.
//
// A sandboxed child reads the YAML, encodes the tree, and its parent decodes it: so the parent
// never hands a stranger's bytes to the YAML library. decode() trusts nothing that it reads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "specs/values/result.hpp"

namespace matriarch::specs {

/// What any document may have at most; parse_yaml() and decode() both keep to it.
struct NodeLimits {
    /// An instance file is about 2 KiB; the largest settings we know of are below 10 KiB.
    static constexpr std::size_t text_bytes = 64 * 1024;
    static constexpr std::size_t nodes = 2000;
    /// The deepest field of an instance file lies at depth 4.
    static constexpr std::size_t depth = 16;
};

/// Where something stands. Lines and columns count from 1; columns count bytes, as compilers do.
struct Place {
    std::string file{};
    int line{1};
    int column{1};
    friend bool operator==(const Place&, const Place&) = default;
};

/// "fleet/a.yaml:3:7".
[[nodiscard]] std::string to_text(const Place& place);

struct Node {
    enum class Kind { nothing, scalar, sequence, map };

    Kind kind{Kind::nothing};
    Place place{};
    /// A scalar as written, without its quotes.
    std::string text{};
    bool is_quoted{false};
    /// Members of a sequence, or values of a map in the order written.
    std::vector<Node> items{};
    /// Name and place of this node within the map that holds it.
    std::string key{};
    Place key_place{};

    [[nodiscard]] bool is_map() const { return kind == Kind::map; }
    [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
    [[nodiscard]] bool is_sequence() const { return kind == Kind::sequence; }
    [[nodiscard]] bool is_nothing() const { return kind == Kind::nothing; }
    /// The value of a key of this map, or nullptr.
    [[nodiscard]] const Node* find(std::string_view name) const;

    friend bool operator==(const Node&, const Node&) = default;
};

/// "a map", "a list", "text in quotes", "text", "nothing": for messages.
[[nodiscard]] const char* kind_in_words(const Node& node);

/// The tree as text for a pipe. Places keep line and column; the file is told to decode() again.
[[nodiscard]] std::string encode(const Node& node);

/// Reads what encode() wrote. Errors: invalid (anything else, or more than NodeLimits allow).
[[nodiscard]] Result<Node> decode(std::string_view text, std::string_view file);

/// Lays `over` on `base`: maps merge key by key, everything else replaces, and a key with nothing
/// takes away what `base` says. Every value keeps the place that it came from.
[[nodiscard]] Node merge(const Node& base, const Node& over);

}  // namespace matriarch::specs
