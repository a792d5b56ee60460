// An instance file as a stranger pushes it: YAML text -> tree -> instance -> canonical text.
#include "specs/parse_instance.hpp"
#include "specs/specs.hpp"
#include "specs/values/check.hpp"
#include "specs/yaml.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

void check_round_trip(const specs::Instance& instance) {
    const std::string text = specs::canonical_text(instance);
    const auto again = specs::parse_instance_text(text, "canonical.yaml");
    CHECK(again.has_value(), "the canonical text can be read");
    CHECK(*again == instance, "the canonical text reads back to the same instance");
    CHECK(specs::canonical_text(*again) == text, "the canonical text of it is the same");
    CHECK(specs::digest(*again) == specs::digest(instance), "its digest is the same");
}

}  // namespace

void try_input(std::string_view input) {
    const auto tree = specs::parse_yaml(input, "a.yaml");
    if (!tree) return check_error(tree.error());

    const auto carried = specs::decode(specs::encode(*tree), "a.yaml");
    CHECK(carried && *carried == *tree, "the tree survives the pipe");

    const specs::ParsedInstance parsed = specs::parse_instance(*tree);
    for (const Error& error : parsed.findings.errors()) check_error(error);
    if (parsed.findings.errors().empty()) check_round_trip(parsed.instance);
}

}  // namespace matriarch::fuzz
