// One deliberate bug is compiled in (see tests/proof): does the property that is named find it?
// Asked for by name only, with MATRIARCH_EXPECT, the property's number.
#include <gtest/gtest.h>

#include "tests/property/report.hpp"

namespace matriarch::property {
namespace {

/// Rarer and rarer: most mutants die of the first look, none is let go before the last.
constexpr std::size_t strides[] = {101, 29};

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
    Universe universe(scratch());
    for (const auto& [name, schedule] : read_regressions(MATRIARCH_REGRESSIONS)) {
        for (const auto& violation : universe.run(workloads().named(name), schedule).violations) {
            if (violation.property == expected) return;
            others += " " + name + " " + violation.property;
        }
    }
    for (const std::size_t stride : strides) {
        const Tally tally = try_singles(stride, expected);
        if (tally.has_broken(expected)) return;
        others += list_of(tally);
    }
    const Tally tally = try_random(400, extent().seed, expected);
    if (tally.has_broken(expected)) return;
    FAIL() << "it lives; broken were only:" << others << list_of(tally);
}

}  // namespace
}  // namespace matriarch::property
