// One value of one line, and every other byte as it was.
#include "controller/git/edit.hpp"

#include <gtest/gtest.h>

namespace matriarch::git {
namespace {

const Edit edit{.path = "fleet/a.yaml", .key = "mastodon", .from = "v4.5.0", .to = "v4.5.10"};

TEST(GitEdit, KeepsEveryOtherByte) {
    const char* before =
        "# v4.5.0 is what we run\r\ninstance: a\r\nmastodon:   v4.5.0   # mastodon: v4.5.0\r\n"
        "settings: {NOTE: v4.5.0}";
    const char* after =
        "# v4.5.0 is what we run\r\ninstance: a\r\nmastodon:   v4.5.10   # mastodon: v4.5.0\r\n"
        "settings: {NOTE: v4.5.0}";
    const auto text = edited(before, edit);
    ASSERT_TRUE(text) << to_text(text.error());
    EXPECT_EQ(*text, after);
}

TEST(GitEdit, KeepsQuotesAndTheEndOfTheFile) {
    EXPECT_EQ(*edited("mastodon: \"v4.5.0\"", edit), "mastodon: \"v4.5.10\"");
    EXPECT_EQ(*edited("mastodon: 'v4.5.0' # why\n", edit), "mastodon: 'v4.5.10' # why\n");
    EXPECT_EQ(*edited("mastodon : v4.5.0\n\n", edit), "mastodon : v4.5.10\n\n");
}

TEST(GitEdit, LeavesAloneWhatIsNotPlainlyThatLine) {
    for (const char* text :
         {"", "mastodon: v4.5.1\n", "  mastodon: v4.5.0\n", "{mastodon: v4.5.0}\n",
          "mastodons: v4.5.0\n", "mastodon: v4.5.0\nmastodon: v4.5.0\n", "mastodon:\n  v4.5.0\n",
          "mastodon: &a v4.5.0\n", "# mastodon: v4.5.0\n"}) {
        const auto changed = edited(text, edit);
        ASSERT_FALSE(changed) << text;
        EXPECT_EQ(changed.error().kind, ErrorKind::invalid);
    }
}

}  // namespace
}  // namespace matriarch::git
