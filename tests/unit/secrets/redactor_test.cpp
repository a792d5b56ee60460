// No secret leaves in a text, in whatever clothes.
// Whole texts are compared, so that nothing more is taken out either.
#include "controller/secrets/redactor.hpp"

#include <gtest/gtest.h>

namespace matriarch::controller {
namespace {

TEST(Redactor, TakesOutEveryValueItKnows) {
    Redactor redactor;
    redactor.add(Secrets{{"A", Secret("hunter22")}, {"B", Secret("hunter22-and-more")}});
    EXPECT_EQ(redactor.redact("x hunter22 y hunter22-and-more hunter22"),
              "x [redacted] y [redacted] [redacted]");
    EXPECT_EQ(redactor.redact("nothing here"), "nothing here");
}

TEST(Redactor, LeavesShortValues) {
    Redactor redactor;
    redactor.add(Secret("true"));
    redactor.add(Secret(""));
    EXPECT_EQ(redactor.redact("true is true"), "true is true");
}

TEST(Redactor, KnowsTheValueInUrlsAndInJson) {
    Redactor redactor;
    redactor.add(Secret("p@ss/w\"rd"));
    EXPECT_EQ(redactor.redact("get p%40ss%2Fw%22rd"), "get [redacted]");
    EXPECT_EQ(redactor.redact("{\"a\":\"p@ss/w\\\"rd\"}"), "{\"a\":\"[redacted]\"}");
    redactor.add(Secret("-----BEGIN\nsecret-line\n-----END"));
    EXPECT_EQ(redactor.redact("line 2: secret-line"), "line 2: [redacted]");
}

TEST(Redactor, TakesPasswordsOutOfUrlsItHasNeverSeen) {
    const Redactor redactor;
    EXPECT_EQ(redactor.redact("cannot fetch https://user:token@git.example/x.git: 401"),
              "cannot fetch https://user:[redacted]@git.example/x.git: 401");
    EXPECT_EQ(redactor.redact("rest:http://u:p@ss@h:8000/"), "rest:http://u:[redacted]@h:8000/");
    EXPECT_EQ(redactor.redact("redis://:pw@host and https://a:b@c"),
              "redis://:[redacted]@host and https://a:[redacted]@c");
    for (const char* text :
         {"https://host:443/a@b", "see http://x/ : y@z", "://a:b@c", "ssh://git@h"}) {
        EXPECT_EQ(redactor.redact(text), text);
    }
}

}  // namespace
}  // namespace matriarch::controller
