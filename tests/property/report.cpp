// Figures are written when the program ends, whatever became of the tests.
#include "tests/property/report.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace matriarch::property {

namespace {

class Figures final : public testing::Environment {
 public:
    void TearDown() override {
        const std::string path = setting("MATRIARCH_FIGURES", "");
        if (path.empty()) return;
        std::ofstream out(path);
        out << "{";
        bool is_first = true;
        for (const auto& [name, value] : values) {
            out << (is_first ? "" : ", ") << '"' << name << "\": " << value;
            is_first = false;
        }
        out << "}\n";
    }
    std::map<std::string, double> values{};
};

Figures& figures() {
    static auto* const kept = static_cast<Figures*>(
        testing::AddGlobalTestEnvironment(new Figures));  // GoogleTest owns it
    return *kept;
}

// Before main, so that it is there when the tests begin.
[[maybe_unused]] const Figures& registered = figures();

Extent chosen() {
    Extent extent;
    extent.seed = std::stoull(setting("MATRIARCH_SEED", "1"));
    extent.is_whole = !setting("MATRIARCH_PROOF", "").empty();
    if (!extent.is_whole) return extent;
    extent.single_stride = 1;
    extent.pair_stride = 1;
    extent.every_victim = !setting("MATRIARCH_NIGHTLY", "").empty();
    extent.random_schedules = extent.every_victim ? 1'000'000 : 30'000;
    if (!setting("MATRIARCH_SHARE", "").empty()) {
        extent.single_stride = Extent{}.single_stride;
        extent.pair_stride = Extent{}.pair_stride;
        extent.random_schedules = Extent{}.random_schedules;
    }
    return extent;
}

}  // namespace

std::string setting(const char* name, const std::string& otherwise) {
    const char* const value = std::getenv(name);
    return value == nullptr || *value == '\0' ? otherwise : value;
}

const Extent& extent() {
    static const Extent made = chosen();
    return made;
}

void report(const std::string& figure, double value) {
    figures().values[figure] = value;
}

void report(const std::string& part, const Tally& tally) {
    report(part + "_tried", static_cast<double>(tally.tried));
    report(part + "_total", static_cast<double>(tally.total));
    report(part + "_passes_p50", tally.percentile(0.5));
    report(part + "_passes_p99", tally.percentile(0.99));
    report(part + "_passes_max", tally.percentile(1));
    report(part + "_writes_after", static_cast<double>(tally.writes_after));
    report(part + "_hints_followed", static_cast<double>(tally.hints_followed));
    std::set<std::string> broken;
    for (const auto& [key, count] : tally.broken) broken.insert(key.substr(key.find(' ') + 1));
    report(part + "_properties_broken", static_cast<double>(broken.size()));
}

void expect_none(const Tally& tally) {
    for (const Failure& failure : tally.failures) {
        const std::string key = failure.workload + " " + failure.violation.property;
        ADD_FAILURE() << to_text(failure) << "\n  in " << tally.broken.at(key) << " of "
                      << tally.tried << " runs (seed " << extent().seed << ")";
    }
    EXPECT_EQ(tally.writes_after, 0U);
}

}  // namespace matriarch::property
