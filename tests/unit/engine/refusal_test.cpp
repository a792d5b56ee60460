// Statuses and words become the kind that says what happens next.
#include "controller/engine/refusal.hpp"

#include <gtest/gtest.h>

namespace matriarch::controller {
namespace {

ErrorKind kind(int status, const std::string& message) {
    return refusal("cannot", status, "{\"message\":\"" + message + "\"}").kind;
}

TEST(Refusal, SaysWhatHappensNext) {
    EXPECT_EQ(kind(404, "No such container: x"), ErrorKind::conflict);
    EXPECT_EQ(kind(409, "The name is in use"), ErrorKind::conflict);
    EXPECT_EQ(kind(400, "invalid reference format"), ErrorKind::invalid);
    EXPECT_EQ(kind(500, "no space left on device"), ErrorKind::unavailable);
    EXPECT_EQ(kind(503, ""), ErrorKind::unavailable);
}

TEST(Refusal, ReadsTheWordsWhereTheStatusSaysLess) {
    EXPECT_EQ(kind(500, "Container x is not paused"), ErrorKind::conflict);
    EXPECT_EQ(kind(403, "endpoint with name x already exists in network y"), ErrorKind::conflict);
    EXPECT_EQ(kind(500, "container x is not connected to network y"), ErrorKind::conflict);
    EXPECT_EQ(kind(400, "network x is ambiguous (2 matches found on name)"), ErrorKind::conflict);
}

TEST(Refusal, CarriesTheEnginesWordsRedacted) {
    const Error error = refusal("cannot pull x", 500, R"({"message":"Get https://a:b@c/: EOF\n"})");
    EXPECT_EQ(error.message, "cannot pull x: Get https://[redacted]@c/: EOF");
    EXPECT_EQ(refusal("cannot", 500, "<html>oops</html>").message, "cannot: <html>oops</html>");
    EXPECT_EQ(refusal("cannot", 500, "").message, "cannot: the Engine gave no reason");
}

TEST(Refusal, OfAPullTellsAuthorisationFromNamesFromWeather) {
    const auto pull = [](int status, const char* words) {
        return pull_refusal("cannot pull", status, words).kind;
    };
    EXPECT_EQ(pull(404, "pull access denied for x, repository does not exist"), ErrorKind::refused);
    EXPECT_EQ(pull(500, "unauthorized: authentication required"), ErrorKind::refused);
    EXPECT_EQ(pull(404, "manifest for x:1 not found: manifest unknown"), ErrorKind::invalid);
    EXPECT_EQ(pull(500, "dial tcp: connect: connection refused"), ErrorKind::unavailable);
    EXPECT_EQ(pull(200, "filesystem layer verification failed"), ErrorKind::unavailable);
    EXPECT_EQ(pull(500, "toomanyrequests: slow down"), ErrorKind::unavailable);
}

TEST(ApiVersion, IsTheSmallerOfTheTwo) {
    EXPECT_EQ(*choose_version("1.41"), "1.41");
    EXPECT_EQ(*choose_version("1.44"), "1.44");
    EXPECT_EQ(*choose_version("1.51"), "1.47");
    EXPECT_EQ(choose_version("1.40").error().kind, ErrorKind::invalid);
    for (const char* text : {"", "1", "1.", "2.1", "1.x", "1.41x", "1.99999999999"}) {
        EXPECT_FALSE(choose_version(text)) << text;
    }
}

}  // namespace
}  // namespace matriarch::controller
