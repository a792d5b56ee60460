// The tree as text for a pipe, and back. One node after the other, parents first:
//
//     <kind><quoted> <line> <column> <key line> <key column> <items> <key bytes>:<key>
//     <bytes>:<text>\n
//
// decode() reads from a child that may have been taken over: every number is bounded before use.
#include <charconv>
#include <set>

#include "specs/node.hpp"
#include "specs/text_rules.hpp"

namespace matriarch::specs {
namespace {

constexpr std::string_view kind_letters = "-tlm";

void append(std::string& out, const Node& node) {
    out += kind_letters[static_cast<std::size_t>(node.kind)];
    out += node.is_quoted ? 'q' : 'p';
    for (const int number : {node.place.line, node.place.column, node.key_place.line,
                             node.key_place.column, static_cast<int>(node.items.size())}) {
        out += ' ' + std::to_string(number);
    }
    out += ' ' + std::to_string(node.key.size()) + ':' + node.key;
    out += ' ' + std::to_string(node.text.size()) + ':' + node.text + '\n';
    for (const Node& item : node.items) append(out, item);
}

class Decoder {
 public:
    Decoder(std::string_view text, std::string_view file) : rest_(text), file_(file) {}

    Result<Node> whole() {
        Node root = TRY(node(1, false));
        if (!rest_.empty()) return refuse("more follows after its end");
        return root;
    }

 private:
    [[nodiscard]] tl::unexpected<Error> refuse(const char* why) const {
        return fail(ErrorKind::invalid, "cannot decode the tree of " + file_ + ": " + why);
    }

    Result<void> expect(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) return refuse("it is malformed");
        rest_.remove_prefix(1);
        return {};
    }

    Result<std::size_t> number() {
        std::size_t value = 0;
        const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (error != std::errc{} || value > NodeLimits::text_bytes + 1) {
            return refuse("a number is out of range");
        }
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return value;
    }

    Result<int> next_number() {
        TRY(expect(' '));
        return static_cast<int>(TRY(number()));
    }

    Result<std::string> next_text() {
        TRY(expect(' '));
        const std::size_t length = TRY(number());
        TRY(expect(':'));
        if (length > rest_.size()) return refuse("a text is cut off");
        std::string text(rest_.substr(0, length));
        if (find_bad_text(text)) return refuse("a text has characters that are not allowed");
        rest_.remove_prefix(length);
        return text;
    }

    Result<Node> node(std::size_t depth, bool is_in_map) {
        if (depth > NodeLimits::depth) return refuse("it is nested too deeply");
        if (++nodes_ > NodeLimits::nodes) return refuse("it has too many nodes");
        if (rest_.size() < 2) return refuse("it is cut off");
        const std::size_t kind = kind_letters.find(rest_[0]);
        if (kind == std::string_view::npos) return refuse("a kind is not known");
        if (rest_[1] != 'q' && rest_[1] != 'p') return refuse("it is malformed");
        Node result{};
        result.kind = static_cast<Node::Kind>(kind);
        result.is_quoted = rest_[1] == 'q';
        rest_.remove_prefix(2);
        result.place = {file_, TRY(next_number()), TRY(next_number())};
        result.key_place = {file_, TRY(next_number()), TRY(next_number())};
        const int items = TRY(next_number());
        result.key = TRY(next_text());
        result.text = TRY(next_text());
        TRY(expect('\n'));
        const bool is_leaf = result.is_scalar() || result.is_nothing();
        if (is_leaf && items != 0) return refuse("a value has members");
        if (!result.is_scalar() && (result.is_quoted || !result.text.empty())) {
            return refuse("something that is not text has text");
        }
        if (!is_in_map && !result.key.empty()) return refuse("a name stands outside of a map");
        std::set<std::string> keys;
        for (int i = 0; i < items; ++i) {
            result.items.push_back(TRY(node(depth + 1, result.is_map())));
            if (result.is_map() && !keys.insert(result.items.back().key).second) {
                return refuse("a key is given twice");
            }
        }
        return result;
    }

    std::string_view rest_{};
    std::string file_{};
    std::size_t nodes_{0};
};

}  // namespace

std::string encode(const Node& node) {
    std::string out;
    append(out, node);
    return out;
}

Result<Node> decode(std::string_view text, std::string_view file) {
    // Every node costs at most 60 bytes beside its texts.
    if (text.size() > NodeLimits::text_bytes * 2 + NodeLimits::nodes * 60) {
        return fail(ErrorKind::invalid,
                    "cannot decode the tree of " + std::string(file) + ": it is too large");
    }
    return Decoder(text, file).whole();
}

}  // namespace matriarch::specs
