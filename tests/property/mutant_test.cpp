// One deliberate bug is compiled in (see tests/proof): does the property that is named find it?
// Asked for by name only, with MATRIARCH_EXPECT, the property's number.
#include <gtest/gtest.h>

#include "tests/property/report.hpp"

namespace matriarch::property {
namespace {

/// Rarer and rarer: most mutants die of the first look, none is let go before the last.
constexpr std::size_t strides[] = {97, 23, 7};

bool has_broken(const Tally& tally, const std::string& property) {
    for (const auto& [key, count] : tally.broken) {
        if (key.ends_with(" " + property)) return true;
    }
    return false;
}

std::string list_of(const Tally& tally) {
    std::string text;
    for (const auto& [key, count] : tally.broken) text += " " + key;
    return text;
}

TEST(Mutant, DISABLED_IsKilled) {
    const std::string expected = setting("MATRIARCH_EXPECT", "");
    ASSERT_FALSE(expected.empty()) << "MATRIARCH_EXPECT names no property";
    std::string others;
    for (const auto& [name, violation] : workloads().problems) {
        if (violation.property == expected) return;
        others += " " + name + " " + violation.property;
    }
    for (const std::size_t stride : strides) {
        const Tally tally = try_singles(stride);
        if (has_broken(tally, expected)) return;
        others += list_of(tally);
    }
    const Tally tally = try_random(1000, extent().seed);
    if (has_broken(tally, expected)) return;
    FAIL() << "it lives; broken were only:" << others << list_of(tally);
}

}  // namespace
}  // namespace matriarch::property
