// Who may begin with another version: the wave before must be done, and nobody waits half-way.
#include "controller/loop/waves.hpp"

#include <gtest/gtest.h>

#include <set>

namespace matriarch::controller {
namespace {

/// Canary one and two, then three, then four and five.
Fleet fleet() {
    Fleet made;
    for (const char* name : {"one", "two", "three", "four", "five"}) made.instances[name] = {};
    made.waves = {{.names = {"one", "two"}}, {.names = {"three"}}};
    return made;
}

std::string waits(const std::string& name, const std::set<std::string>& done) {
    return earlier_wave(fleet(), name, [&](const std::string& one) { return done.contains(one); });
}

TEST(Wave, WaitsForTheFirstOneThatIsNotDone) {
    EXPECT_EQ(waits("one", {}), "");
    EXPECT_EQ(waits("two", {}), "");
    EXPECT_EQ(waits("three", {}), "wave 1: one, two");
    EXPECT_EQ(waits("three", {"one"}), "wave 1: two");
    EXPECT_EQ(waits("three", {"one", "two"}), "");
    EXPECT_EQ(waits("four", {"one", "two"}), "wave 2: three");
    EXPECT_EQ(waits("four", {"two", "three"}), "wave 1: one");
    EXPECT_EQ(waits("five", {"one", "two", "three"}), "");
}

TEST(Wave, NamesAFewOfMany) {
    Fleet many;
    for (int i = 10; i < 20; ++i) many.instances["i" + std::to_string(i)] = {};
    many.waves = {{.count = 9}};
    EXPECT_EQ(earlier_wave(many, "i19", [](const std::string&) { return false; }),
              "wave 1: i10, i11, i12, i13, i14 and 4 more");
}

TEST(Wave, HoldsOnlyWhatStandsStillAtAnotherVersion) {
    EXPECT_TRUE(asks_its_wave({.settled = "v1.0.0"}, "v2.0.0"));
    EXPECT_TRUE(asks_its_wave({.settled = "v1.0.0", .let_through = "v1.0.0"}, "v2.0.0"));
    EXPECT_FALSE(asks_its_wave({}, "v2.0.0")) << "it is new";
    EXPECT_FALSE(asks_its_wave({.settled = "v2.0.0", .let_through = "v1.0.0"}, "v2.0.0"));
    EXPECT_FALSE(asks_its_wave({.settled = "v1.0.0", .let_through = "v2.0.0"}, "v2.0.0"))
        << "it has begun";
    EXPECT_FALSE(asks_its_wave({.settled = "v1.0.0", .let_through = "v2.0.0"}, "v2.0.1"))
        << "it is on its way to a release that is not wanted any more";
}

}  // namespace
}  // namespace matriarch::controller
