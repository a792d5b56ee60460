// What a message repeats of a file is one line, whole characters, and short.
#include "specs/values/shown.hpp"

#include <gtest/gtest.h>

#include "specs/image.hpp"
#include "specs/policy.hpp"
#include "specs/schedule.hpp"
#include "tests/unit/specs/instance_text.hpp"

namespace matriarch {
namespace {

TEST(Shown, MakesVisibleWhatIsNot) {
    EXPECT_EQ(shown("a\nb\r\tc\x1B[2J\x7F"), "a\\nb\\r\\tc\\u001b[2J\\u007f");
    EXPECT_EQ(shown("\xC3\xA4 stays, \xE2\x80\xAE and \xE2\x80\x8B do not"),
              "\xC3\xA4 stays, \\u202e and \\u200b do not");
    EXPECT_EQ(shown("\xF6 \xC3"), "\\xf6 \\xc3");
}

TEST(Shown, CutsBetweenCharacters) {
    EXPECT_EQ(shown("0123456789", 10), "0123456789");
    EXPECT_EQ(shown("0123456789x", 10), "0123456...");
    EXPECT_EQ(shown("012345\xC3\xA4xyz", 10), "012345...");
}

TEST(Shown, MessagesOfAFileForgeNoLines) {
    using specs::problems;
    using specs::shortest;
    EXPECT_EQ(problems(shortest("\"x\\nforged: line\": 1\n")),
              "a.yaml:5:1: cannot read the file: the key 'x\\nforged: line' is not known\n");
    EXPECT_EQ(problems(shortest("web: {replicas: \"\\t2\\n\"}\n")),
              "a.yaml:5:17: cannot read web.replicas: '\\t2\\n' in quotes is not a whole number "
              "from 1 to 16\n");
    EXPECT_EQ(specs::parse_cron("0 0 0 0 \n\t").error().message.find('\n'), std::string::npos);
    const auto policy = specs::parse_yaml("\"a\\nb\": []\n", "policy.yaml");
    ASSERT_TRUE(policy);
    EXPECT_EQ(specs::parse_policy(*policy).error().message, "unknown key 'a\\nb' in the policy");
}

TEST(Shown, MessagesNeverEndInHalfACharacter) {
    const std::string umlauts = [] {
        std::string text = "x";
        for (int i = 0; i < 100; ++i) text += "\xC3\xA4";
        return text;
    }();
    for (const std::string& message :
         {specs::parse_image(umlauts).error().message, specs::parse_cron(umlauts).error().message,
          specs::parse_window(umlauts).error().message,
          specs::parse_version(umlauts).error().message}) {
        EXPECT_NE(message.find("\xC3\xA4...'"), std::string::npos) << message;
    }
}

}  // namespace
}  // namespace matriarch
