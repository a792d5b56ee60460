// The tree that the git child hands to its parent; the child may have been taken over by what it
// read.
#include "specs/parse_instance.hpp"
#include "specs/values/check.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

std::size_t nodes_of(const specs::Node& node, std::size_t depth) {
    CHECK(depth <= specs::NodeLimits::depth, "a tree is no deeper than the limit");
    std::size_t count = 1;
    for (const specs::Node& item : node.items) count += nodes_of(item, depth + 1);
    return count;
}

}  // namespace

void try_input(std::string_view input) {
    const auto tree = specs::decode(input, "a.yaml");
    if (!tree) return check_error(tree.error());
    CHECK(nodes_of(*tree, 1) <= specs::NodeLimits::nodes, "it has no more nodes than the limit");
    const auto again = specs::decode(specs::encode(*tree), "a.yaml");
    CHECK(again && *again == *tree, "what was decoded encodes to the same");
    CHECK(specs::merge(*tree, *tree).kind == tree->kind, "a tree laid on itself keeps its kind");
    const specs::ParsedInstance parsed = specs::parse_instance(*tree);
    for (const Error& error : parsed.findings.errors()) check_error(error);
}

}  // namespace matriarch::fuzz
