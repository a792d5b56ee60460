// One deliberate bug is compiled in (see tests/proof): does the property that is named find it?
// Asked for by name only, with MATRIARCH_EXPECT, the property's number, and MATRIARCH_SCHEDULE,
// what found it the last time.
#include <gtest/gtest.h>

#include <functional>

#include "tests/property/report.hpp"

namespace matriarch::property {
namespace {

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
    std::vector<Kept> kept = read_regressions(MATRIARCH_REGRESSIONS);
    const std::string first = setting("MATRIARCH_SCHEDULE", "");
    if (!first.empty()) kept.insert(kept.begin(), parse_kept(first));
    Universe universe(scratch());
    for (const auto& [name, schedule] : kept) {
        for (const auto& violation : universe.run(workloads().named(name), schedule).violations) {
            if (violation.property == expected) return;
            others += " " + name + " " + violation.property;
        }
    }
    const std::vector<std::function<Tally()>> hunts{[&] { return try_singles(101, 0, expected); },
                                                    [&] { return try_cells(expected); },
                                                    [&] { return try_singles(7, 0, expected); }};
    for (const auto& hunt : hunts) {
        const Tally tally = hunt();
        for (Failure failure : tally.failures) {
            if (failure.violation.property != expected) continue;
            // Kept in tests/proof/killers.schedule, it is found at once the next time.
            failure.schedule = shortened(failure);
            std::printf("killed by: %s\n", to_text(failure).c_str());
            return;
        }
        others += list_of(tally);
    }
    FAIL() << "it lives; broken were only:" << others;
}

}  // namespace
}  // namespace matriarch::property
