// What comes from outside is shown without doing anything to who reads it.
// Attacks are bytes written out, not strings from a library.
#include "controller/base/text.hpp"

#include <gtest/gtest.h>

namespace matriarch::controller {
namespace {

TEST(Text, KeepsWordsOfAnyLanguage) {
    EXPECT_EQ(printable("象 éléphant 🐘"), "象 éléphant 🐘");
    EXPECT_EQ(json_string("象"), "\"象\"");
    EXPECT_EQ(html_text("象"), "象");
}

TEST(Text, ShowsControlCharactersInsteadOfObeyingThem) {
    EXPECT_EQ(printable("a\nb\tc\rd"), "a\\nb\\tc\\rd");
    EXPECT_EQ(printable("\033[31mred"), "\\u001b[31mred");
    EXPECT_EQ(printable("\xC2\x9B"
                        "31m"),
              "\\u009b31m");  // CSI as one C1 character
    EXPECT_EQ(printable("\xE2\x80\xAE"
                        "gpj"),
              "\\u202egpj");  // right-to-left override
    EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\u0000b");
}

TEST(Text, ShowsBytesThatAreNotUtf8) {
    EXPECT_EQ(printable("\xFF"
                        "a"),
              "\\xffa");
    EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf");           // overlong slash
    EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");  // surrogate
    EXPECT_EQ(printable("\xE2\x82"), "\\xe2\\x82");           // cut short
    EXPECT_EQ(json_string("\xFF"), "\"\\ufffd\"");
    EXPECT_EQ(html_text("\xFF"), "&#xfffd;");
}

TEST(Text, EscapesQuotesInJson) {
    EXPECT_EQ(json_string("a\"b\\c\n"), "\"a\\\"b\\\\c\\n\"");
}

TEST(Text, EscapesMarkupInHtml) {
    EXPECT_EQ(html_text("<img src=\"x\" onerror='a&b'>"),
              "&lt;img src=&quot;x&quot; onerror=&#39;a&amp;b&#39;&gt;");
}

TEST(Text, IsShortenedBetweenCharacters) {
    EXPECT_EQ(shortened("short", 5), "short");
    EXPECT_EQ(shortened("longer text", 8), "longe...");
    EXPECT_EQ(shortened("象象象象", 8), "象...");
}

}  // namespace
}  // namespace matriarch::controller
