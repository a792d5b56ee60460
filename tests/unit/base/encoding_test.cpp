// Encodings against the vectors of their standards; random text by its alphabet and length.
// Random text is judged by its form and by never coming twice.
#include "controller/base/encoding.hpp"

#include <gtest/gtest.h>

#include <set>

#include "controller/base/random.hpp"

namespace matriarch::controller {
namespace {

TEST(Encoding, AgreesWithTheVectorsOfRfc4648) {
    EXPECT_EQ(to_base64(""), "");
    EXPECT_EQ(to_base64("f"), "Zg==");
    EXPECT_EQ(to_base64("fo"), "Zm8=");
    EXPECT_EQ(to_base64("foo"), "Zm9v");
    EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(to_base64_url("\xFB\xFF"), "-_8=");
    EXPECT_EQ(to_hex(std::string_view("\x00\x7F\xFF", 3)), "007fff");
}

TEST(Encoding, ReadsBothBase64AlphabetsBack) {
    for (const char* text : {"", "f", "fo", "foo", "\xFB\xFF\xFE"}) {
        EXPECT_EQ(from_base64(to_base64(text)), text);
        EXPECT_EQ(from_base64(to_base64_url(text)), text);
    }
    EXPECT_EQ(from_base64("Zm8"), "fo");
    EXPECT_EQ(from_base64("Zm9v!"), "");
    EXPECT_EQ(from_base64("Z"), "");
}

TEST(Encoding, AgreesWithTestCase2OfRfc4231) {
    EXPECT_EQ(hmac_sha256(Secret("Jefe"), "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Random, HasTheLengthAndTheAlphabetAskedFor) {
    std::set<std::string> seen;
    std::set<char> characters;
    for (int i = 0; i < 200; ++i) {
        const std::string text = random_alphanumeric(32).reveal();
        EXPECT_EQ(text.size(), 32U);
        seen.insert(text);
        characters.insert(text.begin(), text.end());
    }
    EXPECT_EQ(seen.size(), 200U);
    EXPECT_EQ(characters.size(), 62U);  // 6400 draws: each of 62 is there but once in 10^43
    EXPECT_EQ(random_hex(127).reveal().size(), 127U);
    EXPECT_EQ(random_hex(128).reveal().find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(Random, MakesUuidsOfVersion4) {
    const std::string uuid = random_uuid();
    ASSERT_EQ(uuid.size(), 36U);
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    EXPECT_NE(uuid, random_uuid());
}

}  // namespace
}  // namespace matriarch::controller
