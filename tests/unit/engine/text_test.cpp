// Escaping for request lines, and what must never leave an Engine's message.
#include "controller/engine/text.hpp"

#include <gtest/gtest.h>

namespace matriarch::controller {
namespace {

TEST(EngineText, EscapesAllButUnreservedCharacters) {
    EXPECT_EQ(escape("example-web_1.x~"), "example-web_1.x~");
    EXPECT_EQ(escape("../a?b&c d"), "..%2Fa%3Fb%26c%20d");
    EXPECT_EQ(escape("docker.io/a:1@sha256", "/:@"), "docker.io/a:1@sha256");
    EXPECT_EQ(escape(std::string("\0\xff", 2)), "%00%FF");
}

TEST(EngineText, TakesCredentialsAndQueriesOutOfUrls) {
    EXPECT_EQ(redact_urls("Get https://me:pw@ghcr.io/v2/: denied"),
              "Get https://[redacted]@ghcr.io/v2/: denied");
    EXPECT_EQ(redact_urls("\"https://s3/x?Signature=abc\" and http://a:b@c@d/"),
              "\"https://s3/x?[redacted]\" and http://[redacted]@d/");
    EXPECT_EQ(redact_urls("https://ghcr.io/v2/"), "https://ghcr.io/v2/");
    EXPECT_EQ(redact_urls("no url: a@b"), "no url: a@b");
    EXPECT_EQ(redact_urls("://"), "://");
}

TEST(EngineText, MakesOneLineOfManyAndBoundsIt) {
    EXPECT_EQ(one_line(" a\n\tb\x1b[0m \n"), "a b [0m");
    EXPECT_EQ(one_line("abcdefgh", 6), "abc...");
}

TEST(EngineText, MakesALineThatCanBeShownAnywhere) {
    EXPECT_EQ(one_line("alread\xF4y \xE2\x80\xAE x"), "alread\\xf4y \\u202e x");
    EXPECT_EQ(one_line("12345\xC3\xA4\xC3\xA4", 8), "12345...");
}

}  // namespace
}  // namespace matriarch::controller
