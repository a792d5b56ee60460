// Versions: their order decides what is an upgrade and what is a refused downgrade.
#include "specs/version.hpp"

#include <gtest/gtest.h>

namespace matriarch::specs {
namespace {

TEST(Version, PrintsWhatItReads) {
    for (const char* text :
         {"v4.7.5", "v0.0.0", "v4.6.0-rc.1", "v4.4.2+glitch", "v4.5.0-badmigration"}) {
        const auto version = parse_version(text);
        ASSERT_TRUE(version) << text;
        EXPECT_EQ(to_text(*version), text);
    }
}

TEST(Version, RefusesWhatNoImageIsTagged) {
    for (const char* text :
         {"", "v", "4.7.5", "v4.7", "v4", "latest", "edge", "v4.7.5.1", "v4.7.5-", "v04.7.5",
          "v4.-7.5", "v4.7.99999", "v4.7.5 ", "v4.7.5-a/b", "V4.7.5", "v4.7.5;x", "v4.7.x"}) {
        EXPECT_FALSE(parse_version(text)) << text;
    }
    EXPECT_FALSE(parse_version("v4.7.5-" + std::string(100, 'a')));
}

TEST(Version, OrdersNumbersByValueAndSuffixesBelowTheirRelease) {
    const char* const ascending[] = {
        "v4.2.9",       "v4.2.10", "v4.3.0-alpha.1", "v4.3.0-beta.2", "v4.3.0-rc.2",
        "v4.3.0-rc.10", "v4.3.0",  "v4.3.1",         "v4.10.0",       "v5.0.0"};
    for (std::size_t i = 0; i < std::size(ascending); ++i) {
        for (std::size_t j = 0; j < std::size(ascending); ++j) {
            const auto order = *parse_version(ascending[i]) <=> *parse_version(ascending[j]);
            EXPECT_EQ(order, i <=> j) << ascending[i] << " " << ascending[j];
        }
    }
}

TEST(Version, IsEqualOnlyToTheSameText) {
    EXPECT_NE(*parse_version("v4.3.0-rc.1"), *parse_version("v4.3.0-rc.01"));
    EXPECT_NE(*parse_version("v4.3.0-rc.1") <=> *parse_version("v4.3.0-rc.01"),
              std::strong_ordering::equal);
}

}  // namespace
}  // namespace matriarch::specs
