// Waves: read strictly, and who is in which.
#include "specs/waves.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specs/specs.hpp"
#include "specs/yaml.hpp"

namespace matriarch::specs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::vector<Wave> waves(const std::string& text, Findings& findings) {
    const auto tree = parse_yaml("waves: " + text + "\n", "defaults.yaml");
    EXPECT_TRUE(tree);
    return parse_waves(*tree->find("waves"), findings);
}

std::vector<Wave> good(const std::string& text) {
    Findings findings;
    auto read = waves(text, findings);
    EXPECT_TRUE(findings.errors().empty()) << to_text(findings.errors().front());
    return read;
}

TEST(Waves, AreInstancesNumbersAndShares) {
    EXPECT_THAT(good("[[a, b], 10, 25%]"),
                ElementsAre(Wave{.names = {"a", "b"}}, Wave{.count = 10}, Wave{.percent = 25}));
    EXPECT_THAT(good("[]"), ElementsAre());
}

TEST(Waves, AreReadStrictly) {
    for (const char* text : {"3", "{a: b}", "[0]", "[-1]", "[101%]", "[0%]", "[1.5]", "[ten]",
                             "['10']", "[[]]", "[[[a]]]", "[{a: 1}]", "[10 %]"}) {
        Findings findings;
        static_cast<void>(waves(text, findings));
        EXPECT_FALSE(findings.errors().empty()) << text;
    }
}

TEST(Waves, NamedOnesFirstThenByNumberThenByShareThenTheRest) {
    const auto places = wave_of_each(good("[[d], 1, 40%]"), {"a", "b", "c", "d", "e"});
    EXPECT_THAT(places,
                ElementsAre(Pair("a", 2), Pair("b", 3), Pair("c", 3), Pair("d", 1), Pair("e", 4)));
    EXPECT_THAT(wave_of_each(good("[[gone], 1]"), {"a"}), ElementsAre(Pair("a", 2)));
    EXPECT_THAT(wave_of_each({}, {"a"}), ElementsAre(Pair("a", 1)));
    // A share is never nobody.
    EXPECT_THAT(wave_of_each(good("[1%]"), {"a", "b"}), ElementsAre(Pair("a", 1), Pair("b", 2)));
}

FleetFile file(const std::string& path, const std::string& text) {
    return {.path = path, .tree = *parse_yaml(text, path)};
}

TEST(Waves, AreTheFleetsAndNoInstances) {
    const auto one = file("a.yaml",
                          "instance: a\ndomain: a.example\nmastodon: v4.7.5\n"
                          "backups: {repository: /b}\n");
    const Fleet fleet = parse_fleet({file("defaults.yaml", "waves: [[a], 1]\n"), one});
    ASSERT_TRUE(fleet.problems.empty()) << to_text(fleet.problems.front());
    EXPECT_EQ(fleet.waves.size(), 2U);
    const Fleet odd = parse_fleet({file("defaults.yaml", "waves: [[a, b], [a]]\n"), one});
    ASSERT_EQ(odd.problems.size(), 2U);
    EXPECT_THAT(to_text(odd.problems.front()),
                HasSubstr("defaults.yaml:1:13: cannot use waves: there is no instance 'b'"));
    EXPECT_THAT(odd.problems.back().message, HasSubstr("'a' is in them twice"));
}

}  // namespace
}  // namespace matriarch::specs
