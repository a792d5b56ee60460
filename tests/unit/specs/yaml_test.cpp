// YAML: what we take of it, and a hostile corpus of what we do not, refused with a place and at
// once.
#include "specs/yaml.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace matriarch::specs {
namespace {

std::string refusal(const std::string& text) {
    const auto tree = parse_yaml(text, "a.yaml");
    return tree ? "accepted" : tree.error().where + ": " + tree.error().message;
}

std::string repeated(std::string_view piece, std::size_t bytes) {
    std::string text;
    while (text.size() + piece.size() <= bytes) text += piece;
    return text;
}

TEST(Yaml, GivesScalarsListsAndMapsWithTheirPlaces) {
    const auto tree = parse_yaml("a: 1\nb:\n  - x\n  - 'y'\nc: {d: }\n", "f.yaml");
    ASSERT_TRUE(tree) << tree.error().message;
    ASSERT_TRUE(tree->is_map());
    EXPECT_EQ(tree->find("a")->text, "1");
    EXPECT_FALSE(tree->find("a")->is_quoted);
    EXPECT_EQ(to_text(tree->find("a")->place), "f.yaml:1:4");
    const Node& list = *tree->find("b");
    ASSERT_EQ(list.items.size(), 2U);
    EXPECT_EQ(to_text(list.items[1].place), "f.yaml:4:5");
    EXPECT_TRUE(list.items[1].is_quoted);
    EXPECT_EQ(to_text(tree->find("c")->key_place), "f.yaml:5:1");
    EXPECT_TRUE(tree->find("c")->find("d")->is_nothing());
    EXPECT_EQ(tree->find("z"), nullptr);
}

TEST(Yaml, TakesWhatEditorsWrite) {
    EXPECT_EQ(refusal("\xEF\xBB\xBF"
                      "a: 1\r\nb: 2\r\n"),
              "accepted");
    EXPECT_EQ(refusal("---\na: 1\n...\n"), "accepted");
    EXPECT_EQ(refusal("# only a comment\n"), "accepted");
    EXPECT_EQ(refusal("a: \"\xC3\xA4 \xE6\x9D\xB1\xE4\xBA\xAC\"  # [ { \n"), "accepted");
    EXPECT_TRUE(parse_yaml("", "a.yaml")->is_nothing());
}

TEST(Yaml, RefusesEveryWayToShareNodes) {
    EXPECT_EQ(refusal("a: &a [1, *a]"),
              "a.yaml:1:4: cannot read YAML: anchors and aliases (& and *) are not allowed");
    EXPECT_NE(refusal("a: *b").find("a.yaml:1:4: cannot read YAML: anchors"), std::string::npos);
    EXPECT_NE(refusal("a: &x 1").find("anchors"), std::string::npos);
    EXPECT_NE(refusal("&k a: 1").find("anchors"), std::string::npos);
    EXPECT_NE(refusal("a: {<<: {b: 1}}").find("1:5: cannot read YAML: merge keys"),
              std::string::npos);
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        const std::string name = "a" + std::to_string(i);
        bomb += name + ": &" + name + " [" + before + ", " + before + ", " + before + "]\n";
    }
    EXPECT_NE(refusal(bomb).find("a.yaml:1:5: cannot read YAML: anchors"), std::string::npos);
}

TEST(Yaml, RefusesTagsDirectivesAndSecondDocuments) {
    EXPECT_EQ(refusal("a: !!binary aGk="),
              "a.yaml:1:4: cannot read YAML: tags (!) are not allowed");
    EXPECT_NE(refusal("a: !x {b: 1}").find("tags"), std::string::npos);
    EXPECT_NE(refusal("%YAML 1.2\n---\na: 1").find("1:1: cannot read YAML: directives"),
              std::string::npos);
    EXPECT_NE(refusal("a: 1\n---\nb: 1\n").find("a.yaml:2:1: cannot read YAML: a second document"),
              std::string::npos);
}

TEST(Yaml, NamesBothPlacesOfADuplicateKey) {
    EXPECT_EQ(refusal("a:\n  x: 1\n  y: 2\n  \"x\": 3\n"),
              "a.yaml:4:3: cannot read YAML: the key 'x' is given twice, first at a.yaml:2:3");
}

TEST(Yaml, RefusesKeysThatAreNotText) {
    for (const char* text : {"? [a]\n: b", "? {a: b}\n: c", "{[a]: b}", "~: 1", "\"\": 1", ": 1"}) {
        EXPECT_NE(refusal(text).find("a key must be plain text"), std::string::npos) << text;
    }
}

TEST(Yaml, RefusesTextThatAReviewerCannotSee) {
    EXPECT_EQ(refusal("a: 1\nb: \xFF\n"),
              "a.yaml:2:4: cannot read YAML: there is invalid UTF-8 here");
    EXPECT_NE(refusal("\xC0\x80").find("invalid UTF-8"), std::string::npos);          // overlong
    EXPECT_NE(refusal("\xED\xA0\x80").find("invalid UTF-8"), std::string::npos);      // surrogate
    EXPECT_NE(refusal("\xF4\x90\x80\x80").find("invalid UTF-8"), std::string::npos);  // beyond
    EXPECT_NE(refusal("a: \xE2\x82").find("invalid UTF-8"), std::string::npos);       // cut off
    EXPECT_NE(refusal(std::string("a: \0b", 5)).find("control character"), std::string::npos);
    EXPECT_NE(refusal("a: \x1B[31m").find("control character"), std::string::npos);
    EXPECT_NE(refusal("a: \"\\0\"").find("control character"), std::string::npos);
    EXPECT_NE(refusal("a: \"\\u202e\"").find("reordering"), std::string::npos);
    EXPECT_NE(refusal("a: \xE2\x80\xAE x").find("reordering"), std::string::npos);
    EXPECT_NE(refusal("a: \xEF\xBB\xBF x").find("invisible"), std::string::npos);
    EXPECT_NE(refusal("a:\n\tb: 1").find("2:1: cannot read YAML: a tab"), std::string::npos);
}

TEST(Yaml, NamesAnEscapeThatIsNoneInValidUtf8) {
    EXPECT_EQ(refusal("a: \"\\\xC3\xA4\""),
              "a.yaml:1:7: cannot read YAML: unknown escape character: \\xc3");
}

TEST(Yaml, KeepsToItsLimits) {
    EXPECT_NE(refusal(std::string(NodeLimits::text_bytes + 1, '#')).find("65537 bytes"),
              std::string::npos);
    EXPECT_EQ(refusal(std::string(NodeLimits::text_bytes, '#')), "accepted");
    EXPECT_EQ(refusal("[" + repeated("1,", 2 * (NodeLimits::nodes - 1)) + "]"), "accepted");
    EXPECT_NE(
        refusal("[" + repeated("1,", 2 * NodeLimits::nodes) + "]").find("more than 2000 nodes"),
        std::string::npos);
    const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    EXPECT_EQ(refusal(nested(NodeLimits::depth)), "accepted");
    EXPECT_NE(refusal(nested(NodeLimits::depth + 1)).find("nested more than 16 deep"),
              std::string::npos);
}

TEST(Yaml, AnswersAtOnceWhateverItIsGiven) {
    constexpr std::size_t full = NodeLimits::text_bytes - 8;
    std::string staircase;
    for (std::size_t i = 0; staircase.size() + i + 4 < full; ++i) {
        staircase += std::string(i, ' ') + "a:\n";
    }
    const std::vector<std::string> corpus{
        repeated("[", full),
        repeated("{", full),
        repeated("- ", full),
        repeated("? ", full),
        repeated(": ", full),
        repeated("a: ", full),
        repeated("[a: ", full),
        repeated("{a: [", full),
        repeated("{? ", full),
        repeated("-\n", full),
        repeated("a\n", full),
        repeated("]", full),
        repeated("[{", full),
        repeated("[]", full),
        repeated("\"", full),
        repeated("'", full),
        repeated("|\n", full),
        repeated("a: |\n", full),
        repeated("!", full),
        repeated("&a ", full),
        repeated("*a ", full),
        repeated("#\n", full),
        repeated("---\n", full),
        repeated("...\n", full),
        repeated("\\", full),
        repeated(",", full),
        repeated("a,", full),
        repeated("[a,\n", full),
        repeated(" ", full),
        repeated("\n", full),
        "\"" + repeated("a ", full),
        "a: >\n" + repeated(" b\n", full),
        staircase,
        repeated("[ #\n", full),
        "[" + repeated("a: b, ", full),
        "a" + repeated(" a", full),
        "{" + repeated("a\n", full),
        repeated("a: \"", full),
        repeated("[a]: ", full),
    };
    for (const std::string& text : corpus) {
        const auto start = std::chrono::steady_clock::now();
        const auto tree = parse_yaml(text, "a.yaml");
        const auto spent = std::chrono::steady_clock::now() - start;
        // Generous: the slowest takes some 20 ms. What this catches is the square and worse.
        EXPECT_LT(spent, std::chrono::seconds(2)) << text.substr(0, 20);
        if (tree) continue;
        EXPECT_EQ(tree.error().where.substr(0, 7), "a.yaml:") << text.substr(0, 20);
    }
}

TEST(Yaml, SurvivesRandomTextOfItsOwnAlphabet) {
    std::mt19937 random(42);
    const std::string alphabet = "[]{}:,-?!&*|>'\"#%@` \n\nab01\\<~.\xC3\xA4";
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        const std::size_t length = random() % 60;
        for (std::size_t i = 0; i < length; ++i) text += alphabet[random() % alphabet.size()];
        if (const auto tree = parse_yaml(text, "a.yaml")) {
            const auto again = decode(encode(*tree), "a.yaml");
            ASSERT_TRUE(again) << again.error().message << "\n" << text;
            EXPECT_EQ(*again, *tree);
        }
    }
}

}  // namespace
}  // namespace matriarch::specs
