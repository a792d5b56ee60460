// The server on a real socket: it answers, and neither slow nor large nor many clients hurt it.
// Deadlines are shortened by option; nothing waits for the real five seconds.
#include "controller/http/server.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "client.hpp"
#include "controller/base/encoding.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Steady = std::chrono::steady_clock;

struct ServerTest : testing::Test {
    mutable std::mutex mutex{};
    std::vector<Steady::time_point> nudged{};
    std::unique_ptr<Server> server{};

    std::atomic<std::uint64_t> version{1};

    void start(ServerOptions options = {}) {
        options.webhook_secret = Secret("hook");
        auto started = Server::start(
            std::move(options),
            {.status_json = []() -> std::string { throw std::runtime_error("broken"); },
             .version = [this] { return version.load(); }},
            [this] {
                const std::lock_guard lock(mutex);
                nudged.push_back(Steady::now());
            });
        ASSERT_TRUE(started) << to_text(started.error());
        server = std::move(*started);
    }
    std::string ask(const std::string& bytes) const { return Client(server->port()).ask(bytes); }
    std::string push(const std::string& body, const std::string& secret = "hook") const {
        return ask("POST /webhook HTTP/1.1\r\nHost: localhost\r\nX-Gitea-Signature: " +
                   hmac_sha256(Secret(secret), body) +
                   "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    std::vector<Steady::time_point> nudges() const {
        const std::lock_guard lock(mutex);
        return nudged;
    }
};

constexpr const char* healthz = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(ServerTest, TellsOfEachNewVersionWhileItIsAsked) {
    start();
    Client client(server->port());
    client.send("GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const std::string head = client.receive_until("retry: 2000\n\n");
    EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream\r\n"));
    EXPECT_THAT(head, HasSubstr("Content-Security-Policy: default-src 'none'"));
    version = 7;
    EXPECT_THAT(client.receive_until("\n\n"), HasSubstr("data: 7\n\n"));
    EXPECT_THAT(ask(healthz), EndsWith("ok\n"));
    std::vector<std::unique_ptr<Client>> many;
    for (int i = 0; i < 15; ++i) {
        many.push_back(std::make_unique<Client>(server->port()));
        many.back()->send("GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        EXPECT_THAT(many.back()->receive_until("retry: 2000\n\n"), HasSubstr("200 OK"));
    }
    EXPECT_THAT(ask("GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n"), HasSubstr(" 503 "));
}

TEST_F(ServerTest, AnswersAndCloses) {
    start();
    const std::string answer = ask(healthz);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nok\n"));
    const std::string head = ask("HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(head, HasSubstr("Content-Length: 3\r\n"));
    EXPECT_THAT(head, EndsWith("\r\n\r\n"));
    EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
                StartsWith("HTTP/1.1 421 "));
    EXPECT_THAT(ask("DELETE /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(ServerTest, RefusesWhatIsTooLargeOrNoRequest) {
    start();
    EXPECT_THAT(ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(ask("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n"),
                StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(
        ask("POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 17179869184\r\n\r\n" +
            std::string(100'000, 'x')),
        StartsWith("HTTP/1.1 413 "));
    std::string chunks =
        "POST /webhook HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 20; ++i) chunks += "1000\r\n" + std::string(4'096, 'x') + "\r\n";
    EXPECT_THAT(ask(chunks), StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(push(std::string(65'536, 'x')), StartsWith("HTTP/1.1 202 "));
    EXPECT_THAT(ask(healthz), HasSubstr(" 200 "));
}

TEST_F(ServerTest, CutsSlowClientsOff) {
    start({.request_within = 300ms});
    const auto began = Steady::now();
    const Client silent(server->port());
    const Client dripping(server->port());
    for (int i = 0; i < 10 && dripping.send("G"); ++i) std::this_thread::sleep_for(50ms);
    EXPECT_EQ(silent.receive(), "");
    EXPECT_THAT(dripping.receive(), Not(HasSubstr("200")));
    const Client without_body(server->port());
    EXPECT_EQ(without_body.ask("POST /webhook HTTP/1.1\r\nHost: localhost\r\n"
                               "Content-Length: 10\r\n\r\nabc"),
              "");
    EXPECT_LT(Steady::now() - began, 3s);
    EXPECT_THAT(ask(healthz), HasSubstr(" 200 "));
}

TEST_F(ServerTest, ServesOnWhenManyConnectionsHang) {
    start({.request_within = 500ms});
    std::vector<std::unique_ptr<Client>> hanging;
    for (int i = 0; i < 100; ++i) hanging.push_back(std::make_unique<Client>(server->port()));
    EXPECT_THAT(ask(healthz), HasSubstr(" 200 "));  // as soon as the first are cut off
}

TEST_F(ServerTest, SurvivesAPageThatThrows) {
    start({.token = Secret("token-token-token")});
    testing::internal::CaptureStderr();
    EXPECT_THAT(ask("GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n"
                    "Authorization: Bearer token-token-token\r\n\r\n"),
                StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(ask(healthz), HasSubstr(" 200 "));
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("failed to answer a request"));
}

TEST_F(ServerTest, PassesPushesOnOnceInAWhileAndLosesNone) {
    start({.nudge_quiet = 300ms});
    EXPECT_THAT(push("{}", "wrong"), StartsWith("HTTP/1.1 401 "));
    EXPECT_TRUE(nudges().empty());
    for (int i = 0; i < 10; ++i) EXPECT_THAT(push("{}"), StartsWith("HTTP/1.1 202 "));
    EXPECT_FALSE(nudges().empty());  // the first is passed on at once
    const auto last_push = Steady::now();
    std::this_thread::sleep_for(700ms);
    const auto passed = nudges();
    EXPECT_LT(passed.size(), 10U);
    for (std::size_t i = 1; i < passed.size(); ++i) EXPECT_GE(passed[i] - passed[i - 1], 299ms);
    EXPECT_GE(passed.back() + 300ms, last_push);  // what came in the quiet time came through
    EXPECT_GE(passed.size(), 2U);
    push("{}");
    EXPECT_EQ(nudges().size(), passed.size() + 1);
}

TEST_F(ServerTest, StopsAtOnce) {
    start();
    const Client hanging(server->port());
    ASSERT_TRUE(hanging.is_connected());
    std::this_thread::sleep_for(20ms);
    const auto began = Steady::now();
    const int port = server->port();
    server.reset();
    EXPECT_LT(Steady::now() - began, 500ms);
    EXPECT_FALSE(Client(port).is_connected());
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
    start();
    const auto taken = Server::start({.port = server->port()}, {}, [] {});
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, ErrorKind::unavailable);
    EXPECT_THAT(taken.error().message, HasSubstr("Address already in use"));
    EXPECT_EQ(Server::start({.address = "localhost"}, {}, [] {}).error().kind, ErrorKind::invalid);
    EXPECT_EQ(Server::start({.port = 70'000}, {}, [] {}).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace matriarch::controller
