// Sizes, durations and cpus: what is printed reads back; what is not a unit is refused with words.
#include "specs/values/units.hpp"

#include <gtest/gtest.h>

namespace matriarch {
namespace {

TEST(Units, ReadsWhatPeopleWrite) {
    EXPECT_EQ(parse_bytes("768MiB")->count, 768LL * 1024 * 1024);
    EXPECT_EQ(parse_bytes("1.5GiB")->count, 1536LL * 1024 * 1024);
    EXPECT_EQ(parse_bytes("2GB")->count, 2'000'000'000);
    EXPECT_EQ(parse_duration("1h30m")->count(), 5400);
    EXPECT_EQ(parse_duration("7d")->count(), 604'800);
    EXPECT_EQ(parse_cpus("1.5")->nano, 1'500'000'000);
    EXPECT_EQ(parse_cpus("0.25")->nano, 250'000'000);
}

TEST(Units, RefusesWhatIsNotAUnit) {
    for (const char* text : {"", "1", "MiB", "-1MiB", "1 MiB", "1mib", "1e9B", "9999999999TiB"}) {
        EXPECT_FALSE(parse_bytes(text)) << text;
    }
    for (const char* text : {"", "8", "h", "-1h", "1.5h", "8 h", "99999999d"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
    for (const char* text : {"", "x", "-1", "1.2345", "99999", "1cpu"}) {
        EXPECT_FALSE(parse_cpus(text)) << text;
    }
}

TEST(Units, RefusesADurationOfMoreThanACenturyHoweverLarge) {
    EXPECT_TRUE(parse_duration("36600d"));
    for (const char* text : {"36601d", "222102622222222d", "1000000000000000w", "99y"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(Units, RefusesASizeThatItsOwnTextCouldNotSay) {
    EXPECT_TRUE(parse_bytes("1024TiB"));
    for (const char* text : {"1025TiB", "24444443GB", "1125899906842625B"}) {
        EXPECT_FALSE(parse_bytes(text)) << text;
    }
}

TEST(Units, PrintsWhatReadsBack) {
    for (const char* text : {"768MiB", "1GiB", "1536MiB", "5TiB", "100B", "0B"}) {
        EXPECT_EQ(to_text(*parse_bytes(text)), text);
    }
    for (const char* text : {"30s", "8h", "7d", "1h30m", "0s"}) {
        EXPECT_EQ(to_text(*parse_duration(text)), text);
    }
    for (const char* text : {"1.5", "2", "0.25", "0"}) EXPECT_EQ(to_text(*parse_cpus(text)), text);
}

}  // namespace
}  // namespace matriarch
