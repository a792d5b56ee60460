// The tree: lookup and merging. Its form for a pipe is in node_codec.cpp.
#include "specs/node.hpp"

#include <algorithm>

namespace matriarch::specs {

std::string to_text(const Place& place) {
    return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

const Node* Node::find(std::string_view name) const {
    if (!is_map()) return nullptr;
    const auto at = std::find_if(items.begin(), items.end(),
                                 [&](const Node& item) { return item.key == name; });
    return at == items.end() ? nullptr : &*at;
}

const char* kind_in_words(const Node& node) {
    switch (node.kind) {
        case Node::Kind::nothing:
            return "nothing";
        case Node::Kind::scalar:
            return node.is_quoted ? "text in quotes" : "text";
        case Node::Kind::sequence:
            return "a list";
        case Node::Kind::map:
            return "a map";
    }
    return "nothing";
}

Node merge(const Node& base, const Node& over) {
    if (!base.is_map() || !over.is_map()) return over;
    Node merged = over;
    merged.items.clear();
    for (const Node& below : base.items) {
        const Node* above = over.find(below.key);
        if (above == nullptr) {
            merged.items.push_back(below);
        } else if (!above->is_nothing()) {
            merged.items.push_back(merge(below, *above));
        }
    }
    for (const Node& above : over.items) {
        if (base.find(above.key) == nullptr) merged.items.push_back(above);
    }
    return merged;
}

}  // namespace matriarch::specs
