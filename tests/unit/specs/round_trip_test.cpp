// What holds of every instance and its canonical text: it reads back to the same, and its digest
// changes when and only when it does.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "specs/node.hpp"
#include "specs/specs.hpp"
#include "specs/yaml.hpp"
#include "tests/unit/specs/any_instance.hpp"
#include "tests/unit/specs/instance_text.hpp"

namespace matriarch::specs {
namespace {

RC_GTEST_PROP(RoundTrip, TheCanonicalTextReadsBackToTheSame, ()) {
    const Instance instance = *any_instance();
    const std::string text = canonical_text(instance);
    const auto again = parse_instance_text(text, "canonical.yaml");
    if (!again) RC_FAIL(problems(text));
    RC_ASSERT(*again == instance);
    RC_ASSERT(canonical_text(*again) == text);
}

RC_GTEST_PROP(RoundTrip, TheDigestIsTheSameIfAndOnlyIfTheTextIs, ()) {
    const Instance one = *any_instance();
    const Instance other = *near_instance(one);
    const bool is_same = one == other;
    RC_CLASSIFY(is_same);
    RC_ASSERT((canonical_text(one) == canonical_text(other)) == is_same);
    RC_ASSERT((digest(one) == digest(other)) == is_same);
}

RC_GTEST_PROP(RoundTrip, TheOrderOfFieldsSaysNothing, (unsigned int seed)) {
    const Instance instance = *any_instance();
    auto tree = parse_yaml(canonical_text(instance), "canonical.yaml");
    RC_ASSERT(tree.has_value());
    std::shuffle(tree->items.begin(), tree->items.end(), std::mt19937(seed));
    RC_ASSERT(parse_instance(*tree).instance == instance);
}

RC_GTEST_PROP(RoundTrip, TheTreeSurvivesThePipe, ()) {
    const auto tree = parse_yaml(canonical_text(*any_instance()), "a.yaml");
    RC_ASSERT(tree.has_value());
    RC_ASSERT(decode(encode(*tree), "a.yaml") == *tree);
}

}  // namespace
}  // namespace matriarch::specs
