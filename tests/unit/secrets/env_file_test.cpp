// Environment files say what they say; what is wrong in them is named by line and never quoted.
// The canary must not be in any error.
#include "controller/secrets/env_file.hpp"

#include <gmock/gmock.h>

#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

using testing::HasSubstr;
using testing::Not;

std::map<std::string, std::string> plain(const Secrets& secrets) {
    std::map<std::string, std::string> texts;
    for (const auto& [name, value] : secrets) texts[name] = value.reveal();
    return texts;
}

TEST(EnvFile, ReadsWhatDotenvFilesHold) {
    const auto secrets = load_env_text(
        "\xEF\xBB\xBF# a comment\n\n"
        "PLAIN=value\r\n"
        "export EXPORTED = no\n",
        "x.env");
    EXPECT_FALSE(secrets);  // a space before '=' is a mistake in a shell as well
    const auto read = load_env_text(
        "# a comment\n\n"
        "PLAIN=value\r\n"
        "export EXPORTED=yes\n"
        "  INDENTED=  spaces around  \n"
        "COMMENTED=value # comment\n"
        "HASH=a#b\n"
        "EMPTY=\n"
        "NOTHING= # only a comment\n"
        "SINGLE='a \"b\" $c \\n' # comment\n"
        "DOUBLE=\"a\\n\\\"b\\\" \\$c \\d\"\n"
        "LINES=\"-----BEGIN\nMII=\n-----END\"\n"
        "EQUALS=a=b==\n"
        "restic-password=p\n"
        "LAST=$HOME",
        "x.env");
    ASSERT_TRUE(read) << to_text(read.error());
    const std::map<std::string, std::string> expected{{"PLAIN", "value"},
                                                      {"EXPORTED", "yes"},
                                                      {"INDENTED", "spaces around"},
                                                      {"COMMENTED", "value"},
                                                      {"HASH", "a#b"},
                                                      {"EMPTY", ""},
                                                      {"NOTHING", ""},
                                                      {"SINGLE", "a \"b\" $c \\n"},
                                                      {"DOUBLE", "a\n\"b\" $c \\d"},
                                                      {"LINES", "-----BEGIN\nMII=\n-----END"},
                                                      {"EQUALS", "a=b=="},
                                                      {"restic-password", "p"},
                                                      {"LAST", "$HOME"}};
    EXPECT_EQ(plain(*read), expected);
}

TEST(EnvFile, NamesTheLineAndNeverWhatStandsInIt) {
    for (const char* text :
         {"A=1\ncanary", "A=1\ncanary value", "A=1\n1canary=x", "A=1\nA=canary", "A=1\nB='canary",
          "A=1\nB=\"canary\\\"", "A=1\nB='x' canary", "A=1\n=canary", "A=1\ncan ary=x"}) {
        const auto read = load_env_text(text, "x.env");
        ASSERT_FALSE(read) << text;
        EXPECT_EQ(read.error().where, "x.env:2") << text;
        EXPECT_EQ(read.error().kind, ErrorKind::invalid);
        EXPECT_THAT(to_text(read.error()), Not(HasSubstr("canary"))) << text;
    }
    EXPECT_FALSE(load_env_text(std::string_view("A=a\0b", 5), "x"));
}

TEST(EnvFile, ReadsBackWhatItPrints) {
    const Secrets secrets{{"A", Secret("plain")},
                          {"B", Secret(" spaces \n\r\t\"quotes\" 'and' $dollar `tick` \\ # hash")},
                          {"C", Secret("")},
                          {"restic-password", Secret("象")}};
    const Secret text = print_env_text(secrets);
    const auto read = load_env_text(text.reveal(), "x");
    ASSERT_TRUE(read) << to_text(read.error());
    EXPECT_EQ(plain(*read), plain(secrets));
}

TEST(EnvFile, OnTheHostIsOurs) {
    const Scratch scratch;
    EXPECT_EQ(plain(*load_env_file(scratch.file("a.env", "A=b\n")))["A"], "b");
    EXPECT_EQ(load_env_file(scratch.file("b.env", "A=b\n", 0644)).error().kind, ErrorKind::refused);
    EXPECT_EQ(load_env_file("relative.env").error().kind, ErrorKind::invalid);
    const auto wrong = load_env_file(scratch.file("c.env", "canary"));
    EXPECT_EQ(wrong.error().where, (scratch / "c.env").string() + ":1");
}

TEST(EnvFile, GivenValuesWin) {
    const Secrets both =
        merged({{"A", Secret("generated")}, {"B", Secret("kept")}}, {{"A", Secret("given")}});
    EXPECT_EQ(both.at("A").reveal(), "given");
    EXPECT_EQ(both.at("B").reveal(), "kept");
}

}  // namespace
}  // namespace matriarch::controller
