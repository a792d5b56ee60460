// An Engine that is mute, cut off, too talkative or no Engine at all: always an error, never a
// default, never late, and never asked twice for a change.
#include <gtest/gtest.h>

#include "controller/engine/connect.hpp"
#include "controller/engine/http_engine.hpp"
#include "tests/contract/engine_contract.hpp"
#include "tests/contract/scripted_server.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;

const Scripted ping{.answer = http_answer("OK")};

// What an inspection gives after a good ping and this answer.
Result<std::optional<reconcilers::ObservedContainer>> inspect_answered(const std::string& answer) {
    ScriptedServer server({ping, {.answer = answer}});
    HttpEngine engine(server.endpoint());
    return engine.inspect_container("a", {.within = 5s});
}

TEST(FaultyPeer, ThatIsMuteIsGivenUpAtTheDeadline) {
    ScriptedServer server({});
    const auto begin = std::chrono::steady_clock::now();
    const auto engine = connect(server.endpoint(), {.within = 700ms});
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_KIND(engine, unavailable);
    EXPECT_GE(took, 690ms);
    EXPECT_LT(took, 2s);
    EXPECT_NE(engine.error().message.find("no answer within 7"), std::string::npos)
        << engine.error().message;
}

TEST(FaultyPeer, ThatIsMuteIsLeftWhenStopIsAsked) {
    ScriptedServer server({ping});
    HttpEngine engine(server.endpoint());
    std::stop_source stop;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(200ms);
        stop.request_stop();
    });
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_KIND(engine.facts({.within = 30s, .stop = stop.get_token()}), stopped);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST(FaultyPeer, ThatIsNotThereIsUnavailableWithAHint) {
    const auto engine = connect({.path = "/nonexistent/engine.sock"}, {});
    EXPECT_KIND(engine, unavailable);
    EXPECT_EQ(engine.error().message,
              "cannot talk to the Engine: cannot reach the Engine at "
              "unix:///nonexistent/engine.sock: No such file or directory");
    EXPECT_FALSE(engine.error().hint.empty());
    EXPECT_KIND(connect({.kind = Endpoint::Kind::tcp, .host = "127.0.0.1", .port = "1"}, {}),
                unavailable);
}

TEST(FaultyPeer, ThatIsTooOldIsRefusedWithWords) {
    ScriptedServer server({{.answer = "HTTP/1.1 200 OK\r\nApi-Version: 1.38\r\n"
                                      "Content-Length: 2\r\n\r\nOK"}});
    const auto engine = connect(server.endpoint(), {});
    EXPECT_KIND(engine, invalid);
    EXPECT_NE(engine.error().message.find("1.38 is older than 1.41"), std::string::npos);
}

TEST(FaultyPeer, WithGarbageInPlaceOfHttpIsUnavailable) {
    for (const char* garbage :
         {"", "garbage\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        EXPECT_KIND(inspect_answered(garbage), unavailable);
    }
}

TEST(FaultyPeer, WithAnAnswerCutAnywhereIsUnavailable) {
    const std::string whole = http_answer(R"({"Id":"a","Name":"/a"})");
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        EXPECT_KIND(inspect_answered(whole.substr(0, size)), unavailable);
    }
    EXPECT_KIND(inspect_answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a"),
                unavailable);
}

TEST(FaultyPeer, WithJsonThatIsNotWhatWasAskedForIsUnavailable) {
    for (const char* body : {"", "{}", "[]", "null", "{\"Id\":\"a\"", "\xff\xfe", "<html/>"}) {
        EXPECT_KIND(inspect_answered(http_answer(body)), unavailable);
    }
    EXPECT_KIND(inspect_answered(http_answer(std::string(1'000'000, '['))), unavailable);
}

TEST(FaultyPeer, WithAHugeAnswerIsUnavailable) {
    EXPECT_KIND(inspect_answered(http_answer(std::string(9 * 1024 * 1024, ' '))), unavailable);
    EXPECT_KIND(inspect_answered("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"),
                unavailable);
    EXPECT_KIND(inspect_answered(http_answer(std::string(9 * 1024 * 1024, ' '), "500 Oops")),
                unavailable);
}

TEST(FaultyPeer, ThatHangsUpIsAskedAgainOnlyForWhatChangesNothing) {
    // The ping's connection is kept; then it is cut without an answer.
    ScriptedServer reads({{.answer = http_answer("OK"), .hangs_up = false},
                          {.answer = "", .hangs_up = true},
                          {.answer = http_answer("[]")}});
    HttpEngine reader(reads.endpoint());
    EXPECT_OK(reader.list_containers("", {.within = 5s}));
    EXPECT_EQ(reads.requests().size(), 3U);

    ScriptedServer changes({{.answer = http_answer("OK"), .hangs_up = false},
                            {.answer = "", .hangs_up = true},
                            {.answer = http_answer("", "204 No Content")}});
    HttpEngine changer(changes.endpoint());
    EXPECT_KIND(changer.start_container("a", {.within = 5s}), unavailable);
    EXPECT_EQ(changes.requests().size(), 2U);
}

TEST(FaultyPeer, ThatCameBackAsAnotherVersionIsAskedForItAnew) {
    ScriptedServer server({ping,
                           {.answer = ""},
                           {.answer = "HTTP/1.1 200 OK\r\nApi-Version: 1.45\r\n"
                                      "Content-Length: 2\r\n\r\nOK"},
                           {.answer = http_answer("[]")}});
    HttpEngine engine(server.endpoint());
    EXPECT_KIND(engine.list_containers("", {.within = 5s}), unavailable);
    EXPECT_OK(engine.list_containers("", {.within = 5s}));
    EXPECT_EQ(server.requests().back(), "GET /v1.45/containers/json?all=1 HTTP/1.1");
}

TEST(FaultyPeer, ThatHidesAPullsErrorInsideA200IsNotBelieved) {
    const auto pull = [](const std::string& body) {
        ScriptedServer server({ping, {.answer = http_answer(body)}});
        HttpEngine engine(server.endpoint());
        return engine.pull_image({.registry = "r", .repository = "a", .tag = "1"}, nullptr,
                                 {.within = 5s});
    };
    EXPECT_OK(pull("{\"status\":\"Pulling fs layer\",\"id\":\"a\"}\r\n{\"status\":\"done\"}\r\n"));
    const auto corrupt = pull(
        "{\"status\":\"Downloading\"}\r\n{\"errorDetail\":{\"message\":"
        "\"filesystem layer verification failed\"},\"error\":\"x\"}\r\n");
    EXPECT_KIND(corrupt, unavailable);
    EXPECT_NE(corrupt.error().message.find("verification failed"), std::string::npos);
    EXPECT_KIND(pull("{\"errorDetail\":{\"message\":\"manifest unknown\"}}"), invalid);
    EXPECT_KIND(pull("{\"errorDetail\":{\"message\":\"unauthorized\"}}"), refused);
    EXPECT_KIND(pull("{\"status\":\"Downloading\"}\r\n{\"sta"), unavailable);
}

TEST(FaultyPeer, WithTwoNetworksOfOneNameIsAConflict) {
    const std::string words =
        R"({"message":"2 matches found based on name: network a is ambiguous"})";
    ScriptedServer server({ping, {.answer = http_answer(words, "400 Bad Request")}});
    HttpEngine engine(server.endpoint());
    EXPECT_KIND(engine.inspect_network("a", {}), conflict);
}

TEST(FaultyPeer, ThatEndsItsEventsIsUnavailable) {
    ScriptedServer server(
        {ping, {.answer = http_answer("{\"Type\":\"container\",\"Action\":\"die\"}\n")}});
    HttpEngine engine(server.endpoint());
    int count = 0;
    EXPECT_KIND(engine.watch_events([&](const Event&) { ++count; }, {.within = 1s}), unavailable);
    EXPECT_EQ(count, 1);
}

TEST(FaultyPeer, SeesIdsOnlyEscaped) {
    ScriptedServer server({ping, {.answer = http_answer("", "204 No Content")}});
    HttpEngine engine(server.endpoint());
    EXPECT_OK(engine.remove_container("../networks/x?force=1", {}));
    EXPECT_EQ(server.requests().back(),
              "DELETE /v1.41/containers/..%2Fnetworks%2Fx%3Fforce%3D1?v=0&force=0 HTTP/1.1");
}

}  // namespace
}  // namespace matriarch::controller
