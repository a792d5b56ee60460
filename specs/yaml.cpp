// The only file that includes yaml-cpp. It asks for events, never for yaml-cpp's own tree: that one
// follows aliases, so that 14 bytes make a cycle and one kilobyte a billion nodes.
//
// Before the library sees a byte, a scan refuses what would make it recurse or slow: it scans a
// whole flow collection ahead, and recurses once per level.
#include "specs/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <map>
#include <sstream>
#include <vector>

#include "specs/text_rules.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::specs {
namespace {

/// Leaves yaml-cpp from inside an event; never leaves this file.
struct Refusal {
    Error error{};
};

Error error_at(const Place& place, const std::string& why, std::string hint = {}) {
    return {ErrorKind::invalid, "cannot read YAML: " + why, std::move(hint), to_text(place)};
}

constexpr const char* anchors_refused = "anchors and aliases (& and *) are not allowed";
constexpr const char* anchors_hint =
    "Write the value out, put it into defaults.yaml, or quote text that starts so.";

/// Builds the tree from events and counts while it does.
class TreeBuilder : public YAML::EventHandler {
 public:
    explicit TreeBuilder(std::string_view file) : file_(file) { root_ = at_start({}); }

    Node take_root() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ > 1) {
            refuse(mark, "a second document starts here",
                   "Write one instance in each file, and remove the line '---'.");
        }
    }
    void OnDocumentEnd() override {}
    void OnAnchor(const YAML::Mark& mark, const std::string&) override { refuse_anchor(mark); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark); }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add(mark, anchor, Node{.kind = Node::Kind::nothing});
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        // yaml-cpp marks plain scalars with "?" and quoted or block scalars with "!".
        if (tag != "?" && tag != "!" && !tag.empty()) refuse_tag(mark);
        if (const auto bad = find_bad_text(value)) {
            refuse(mark, std::string("this text contains ") + bad->what);
        }
        add(mark, anchor, Node{.kind = Node::Kind::scalar, .text = value, .is_quoted = tag == "!"});
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Node::Kind::sequence);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, Node::Kind::map);
    }
    void OnMapEnd() override { close(); }

 private:
    struct Level {
        Node node{};
        std::map<std::string, Place> keys{};
        bool awaits_value{false};
        std::string key{};
        Place key_place{};
    };

    /// Nodes without a place of their own, and without a key, count as the start of the file.
    [[nodiscard]] Node at_start(Node node) const {
        node.place = node.key_place = {file_, 1, 1};
        return node;
    }
    [[nodiscard]] Place place(const YAML::Mark& mark) const {
        return {file_, mark.line + 1, mark.column + 1};
    }
    [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& why,
                             std::string hint = {}) const {
        throw Refusal{error_at(place(mark), why, std::move(hint))};
    }
    [[noreturn]] void refuse_anchor(const YAML::Mark& mark) const {
        refuse(mark, anchors_refused, anchors_hint);
    }
    [[noreturn]] void refuse_tag(const YAML::Mark& mark) const {
        refuse(mark, "tags (!) are not allowed", "Remove the tag, or quote text that starts so.");
    }

    void count(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) refuse_anchor(mark);
        if (++nodes_ > NodeLimits::nodes) {
            refuse(mark, "there are more than " + std::to_string(NodeLimits::nodes) + " nodes");
        }
    }

    void add(const YAML::Mark& mark, YAML::anchor_t anchor, Node node) {
        count(mark, anchor);
        node = at_start(std::move(node));
        node.place = place(mark);
        attach(mark, std::move(node));
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
              Node::Kind kind) {
        if (tag != "?" && !tag.empty()) refuse_tag(mark);
        count(mark, anchor);
        if (levels_.size() >= NodeLimits::depth) {
            refuse(mark, "it is nested more than " + std::to_string(NodeLimits::depth) + " deep");
        }
        if (is_key_next()) refuse(mark, "a key must be plain text");
        Level level{};
        level.node = at_start({.kind = kind});
        level.node.place = place(mark);
        levels_.push_back(std::move(level));
    }

    void close() {
        Node node = std::move(levels_.back().node);
        levels_.pop_back();
        attach({}, std::move(node));
    }

    [[nodiscard]] bool is_key_next() const {
        return !levels_.empty() && levels_.back().node.is_map() && !levels_.back().awaits_value;
    }

    void attach(const YAML::Mark& mark, Node node) {
        if (levels_.empty()) {
            root_ = std::move(node);
            return;
        }
        if (is_key_next()) {
            take_key(mark, node);
            return;
        }
        Level& level = levels_.back();
        if (level.node.is_map()) {
            node.key = std::move(level.key);
            node.key_place = level.key_place;
            level.awaits_value = false;
        }
        level.node.items.push_back(std::move(node));
    }

    void take_key(const YAML::Mark& mark, const Node& key) {
        Level& level = levels_.back();
        if (!key.is_scalar() || key.text.empty()) refuse(mark, "a key must be plain text");
        if (key.text == "<<" && !key.is_quoted) {
            refuse(mark, "merge keys (<<) are not allowed",
                   "Put what instances share into defaults.yaml.");
        }
        const auto [at, is_new] = level.keys.emplace(key.text, key.place);
        if (!is_new) {
            refuse(mark, "the key '" + shown(key.text, shown_bytes) +
                             "' is given twice, first at " + to_text(at->second));
        }
        level.key = key.text;
        level.key_place = key.place;
        level.awaits_value = true;
    }

    std::string file_{};
    Node root_{};
    std::vector<Level> levels_{};
    std::size_t nodes_{0};
    int documents_{0};
};

Place place_at(std::string_view text, std::string_view file, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const auto line = std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0: the first line
    return {std::string(file), static_cast<int>(line) + 1, static_cast<int>(offset - start) + 1};
}

/// Nesting that no file of ours needs, counted without knowing YAML: brackets in comments and text
/// count too, so the bound is generous; TreeBuilder knows the real depth.
constexpr int open_brackets_max = 200;
constexpr int block_marks_max = 32;

Result<void> scan(std::string_view text, std::string_view file) {
    const auto refuse = [&](std::size_t offset, const std::string& why, std::string hint = {}) {
        return fail(error_at(place_at(text, file, offset), why, std::move(hint)));
    };
    if (text.size() > NodeLimits::text_bytes) {
        return refuse(0, "the file has " + std::to_string(text.size()) + " bytes, more than " +
                             std::to_string(NodeLimits::text_bytes));
    }
    if (const auto bad = find_bad_text(text)) {
        return refuse(bad->offset, std::string("there is ") + bad->what + " here");
    }
    int open_brackets = 0;
    int block_marks = 0;
    bool is_indentation = true;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char letter = text[at];
        const bool starts_line = at == 0 || text[at - 1] == '\n';
        if (starts_line && letter == '%') return refuse(at, "directives (%) are not allowed");
        if (letter == '\n') {
            is_indentation = true;
            block_marks = 0;
            continue;
        }
        if (letter == '\t' && is_indentation) {
            return refuse(at, "a tab is used as indentation", "Indent with spaces.");
        }
        if (letter != ' ') is_indentation = false;
        if (letter == '[' || letter == '{') ++open_brackets;
        if ((letter == ']' || letter == '}') && open_brackets > 0) --open_brackets;
        const bool is_mark = letter == '-' || letter == '?' || letter == ':';
        const bool is_alone = at + 1 == text.size() || text[at + 1] == ' ' || text[at + 1] == '\t';
        if (is_mark && is_alone) ++block_marks;
        if (open_brackets > open_brackets_max || block_marks > block_marks_max) {
            return refuse(at, "it is nested too deeply");
        }
    }
    return {};
}

}  // namespace

Result<Node> parse_yaml(std::string_view text, std::string_view file) {
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);  // a byte order mark some editors add
    TRY(scan(text, file));
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        TreeBuilder builder(file);
        while (parser.HandleNextDocument(builder)) {
        }
        return builder.take_root();
    } catch (const Refusal& refusal) {
        return fail(refusal.error);
    } catch (const YAML::Exception& exception) {
        const Place place{std::string(file), std::max(exception.mark.line, 0) + 1,
                          std::max(exception.mark.column, 0) + 1};
        if (exception.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR) {
            return fail(error_at(place, anchors_refused, anchors_hint));
        }
        return fail(error_at(place, shown(exception.msg)));
    } catch (const std::exception&) {
        return fail(error_at({std::string(file), 1, 1}, "the YAML library gave up"));
    }
}

}  // namespace matriarch::specs
