// The tree on its way through a pipe: what is encoded decodes; everything else is refused.
#include "specs/node.hpp"

#include <gtest/gtest.h>

#include <random>

#include "specs/yaml.hpp"

namespace matriarch::specs {
namespace {

Node tree_of(const char* text, const char* file = "a.yaml") {
    const auto tree = parse_yaml(text, file);
    EXPECT_TRUE(tree) << tree.error().message;
    return tree ? *tree : Node{};
}

TEST(NodeCodec, GivesBackTheSameTree) {
    const Node tree = tree_of("a: {b: [1, 'two', \"x\\ny\"], c: }\nd: \"\xC3\xA4 12:3\"\n");
    const auto again = decode(encode(tree), "a.yaml");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(*again, tree);
}

TEST(NodeCodec, RefusesWhatEncodeNeverWrites) {
    const std::string deep = [] {
        std::string text;
        for (int i = 0; i < 17; ++i) text += "lp 1 1 1 1 1 0: 0:\n";
        return text + "tp 1 1 1 1 0 0: 1:x\n";
    }();
    const std::vector<std::string> corpus{
        "",
        "t",
        "tp",
        "xp 1 1 1 1 0 0: 0:\n",
        "tz 1 1 1 1 0 0: 0:\n",
        "tp 1 1 1 1 0 0: 5:x\n",                                             // cut off
        "tp 1 1 1 1 0 0: 99999999999999999999:x\n",                          // number out of range
        "tp -1 1 1 1 0 0: 1:x\n",                                            // negative
        "tp 1 1 1 1 2 0: 1:x\n",                                             // a value with members
        "mp 1 1 1 1 0 0: 1:x\n",                                             // a map with text
        "lp 1 1 1 1 1 0: 0:\ntp 1 1 1 1 0 1:k 1:x\n",                        // a name in a list
        "mp 1 1 1 1 2 0: 0:\ntp 1 1 1 1 0 1:k 1:x\ntp 1 1 1 1 0 1:k 1:y\n",  // a key twice
        "tp 1 1 1 1 0 0: 1:x\ntp 1 1 1 1 0 0: 1:x\n",                        // more after the end
        "tp 1 1 1 1 0 0: 1:\xFF\n",                                          // invalid UTF-8
        "lp 1 1 1 1 60000 0: 0:\n",  // promises more than it has
        deep,
        std::string(1'000'000, 'l'),
    };
    for (const std::string& text : corpus) EXPECT_FALSE(decode(text, "a")) << text.substr(0, 60);
    std::string many = "lp 1 1 1 1 2000 0: 0:\n";
    for (int i = 0; i < 2000; ++i) many += "tp 1 1 1 1 0 0: 0:\n";
    EXPECT_FALSE(decode(many, "a"));
}

TEST(NodeCodec, SurvivesEveryDamagedByte) {
    const std::string good = encode(tree_of("a: {b: [1, two], c: x}\n"));
    std::mt19937 random(7);
    for (int round = 0; round < 5000; ++round) {
        std::string text = good;
        text[random() % text.size()] = static_cast<char>(random() % 256);
        if (round % 3 == 0) text.erase(random() % text.size(), random() % 9);
        if (const auto tree = decode(text, "a.yaml")) {
            EXPECT_EQ(*decode(encode(*tree), "a.yaml"), *tree);
        }
    }
}

TEST(NodeMerge, MergesMapsByKeyAndReplacesTheRest) {
    const Node base = tree_of("a: {x: 1, y: 2}\nb: [1, 2]\nc: 3\nd: 4\n", "base.yaml");
    const Node over = tree_of("a: {y: 20, z: 30}\nb: [9]\nd:\ne: 5\n", "over.yaml");
    const Node merged = merge(base, over);
    EXPECT_EQ(merged.find("a")->find("x")->text, "1");
    EXPECT_EQ(merged.find("a")->find("y")->text, "20");
    EXPECT_EQ(merged.find("a")->find("z")->text, "30");
    EXPECT_EQ(merged.find("b")->items.size(), 1U);
    EXPECT_EQ(merged.find("c")->text, "3");
    EXPECT_EQ(merged.find("d"), nullptr);
    EXPECT_EQ(merged.find("e")->text, "5");
    EXPECT_EQ(to_text(merged.find("a")->find("x")->place), "base.yaml:1:8");
    EXPECT_EQ(to_text(merged.find("a")->find("y")->place), "over.yaml:1:8");
}

}  // namespace
}  // namespace matriarch::specs
