// What can be asked, by whom, with which verb, and under which name.
// No socket: a request is a value.
#include "controller/http/routes.hpp"

#include <gmock/gmock.h>

namespace matriarch::controller {
namespace {

using testing::HasSubstr;

Request get(const std::string& target, const std::string& token = "") {
    Request request{.verb = "GET", .target = target, .headers = {{"host", "localhost:8080"}}};
    if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
    return request;
}

struct RoutesTest : testing::Test {
    Pages pages{.readiness = [] { return Readiness{.is_ready = true}; },
                .status_json = [] { return "{\"status\":1}"; },
                .instance_status_json = [](const std::string& name) -> std::optional<std::string> {
                    if (name != "e") return std::nullopt;
                    return "{\"name\":\"e\"}";
                },
                .events_json = [](std::int64_t since) { return std::to_string(since); },
                .drift_json = [] { return "{\"items\":[]}"; },
                .plan_json = [] { return "{\"plan\":1}"; },
                .metrics_text = [] { return "m 1\n"; },
                .overview = [] { return Overview{}; },
                .instance = [](const std::string& name) -> std::optional<Overview> {
                    if (name != "e") return std::nullopt;
                    return Overview{};
                }};
    ServerOptions options{.token = Secret("a-long-token-for-the-api"),
                          .webhook_secret = Secret("hook"),
                          .host_names = {"Herd.Example"}};

    Answer answer(const Request& request) const { return Routes(options, pages).answer(request); }
    int status(const Request& request) const { return answer(request).status; }
};

constexpr const char* token = "a-long-token-for-the-api";

TEST_F(RoutesTest, AnswerWhatIsListedAndNothingElse) {
    EXPECT_EQ(answer(get("/healthz")).body, "ok\n");
    EXPECT_EQ(answer(get("/readyz")).body, "ready\n");
    EXPECT_EQ(answer(get("/metrics")).body, "m 1\n");
    EXPECT_EQ(answer(get("/")).type, "text/html; charset=utf-8");
    EXPECT_EQ(answer(get("/instances/e")).type, "text/html; charset=utf-8");
    EXPECT_EQ(status(get("/instances/f")), 404);
    EXPECT_EQ(answer(get("/api/v1/status", token)).body, "{\"status\":1}");
    EXPECT_EQ(answer(get("/api/v1/drift", token)).body, "{\"items\":[]}");
    EXPECT_EQ(answer(get("/api/v1/plan", token)).body, "{\"plan\":1}");
    EXPECT_EQ(answer(get("/api/v1/instances/e/status", token)).body, "{\"name\":\"e\"}");
    for (const char* target : {"/x", "/healthz/", "/index.html", "", "http://localhost/", "*"}) {
        EXPECT_EQ(status(get(target)), 404) << target;
    }
    for (const char* target :
         {"/api/v1/x", "/api/v1/instances/f/status", "/api/v1/instances/status",
          "/api/v1/instances//status", "/api/v1/instances/e"}) {
        EXPECT_EQ(status(get(target, token)), 404) << target;
    }
}

TEST_F(RoutesTest, SayWhyTheyAreNotReady) {
    pages.readiness = [] { return Readiness{.is_ready = false, .why = "no pass\nyet"}; };
    EXPECT_EQ(status(get("/readyz")), 503);
    EXPECT_EQ(answer(get("/readyz")).body, "not ready: no pass\\nyet\n");
    EXPECT_EQ(status(get("/healthz")), 200);
}

TEST_F(RoutesTest, AskForTheTokenBeforeTheApi) {
    for (const char* target : {"/api/v1/status", "/api/v1/plan", "/api/v1/events", "/api/v1/x"}) {
        EXPECT_EQ(status(get(target)), 401) << target;
        EXPECT_EQ(status(get(target, "wrong")), 401);
        EXPECT_EQ(status(get(target, "a-long-token-for-the-apj")), 401);
        EXPECT_EQ(status(get(std::string(target) + "?token=" + token)), 401);
    }
    EXPECT_EQ(answer(get("/api/v1/status")).headers.at("WWW-Authenticate"), "Bearer");
    Request twice = get("/api/v1/status", token);
    twice.headers.emplace_back("authorization", std::string("Bearer ") + token);
    EXPECT_EQ(status(twice), 401);
    options.token = Secret();
    EXPECT_EQ(status(get("/api/v1/status", " ")), 401);
}

TEST_F(RoutesTest, GiveEventsSinceANumber) {
    EXPECT_EQ(answer(get("/api/v1/events", token)).body, "0");
    EXPECT_EQ(answer(get("/api/v1/events?since=42", token)).body, "42");
    for (const char* query : {"?since=", "?since=x", "?since=-1", "?since=1x", "?other=1",
                              "?since=99999999999999999999"}) {
        EXPECT_EQ(status(get(std::string("/api/v1/events") + query, token)), 400) << query;
    }
}

TEST_F(RoutesTest, RefuseOtherVerbsAndNameTheRightOne) {
    for (const char* verb : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}) {
        Request request = get("/api/v1/status", token);
        request.verb = verb;
        EXPECT_EQ(answer(request).status, 405) << verb;
        EXPECT_EQ(answer(request).headers.at("Allow"), "GET, HEAD");
    }
    EXPECT_EQ(answer(get("/webhook")).headers.at("Allow"), "POST");
    Request head = get("/healthz");
    head.verb = "HEAD";
    EXPECT_EQ(status(head), 200);
}

TEST_F(RoutesTest, AnswerOnlyForTheirOwnNames) {
    const auto asked_as = [this](const std::string& host) {
        Request request = get("/healthz");
        request.headers = {{"host", host}};
        return status(request);
    };
    for (const char* host : {"localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]", "[::1]:80",
                             "herd.example", "herd.example.:443"}) {
        EXPECT_EQ(asked_as(host), 200) << host;
    }
    for (const char* host : {"evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "",
                             "evil.example:80@localhost", "localhost, evil.example", "::1"}) {
        EXPECT_EQ(asked_as(host), 421) << host;
    }
    Request none = get("/healthz");
    none.headers.clear();
    EXPECT_EQ(status(none), 421);
    Request twice = get("/healthz");
    twice.headers.emplace_back("host", "localhost");
    EXPECT_EQ(status(twice), 421);
    options.address = "10.1.2.3";
    EXPECT_EQ(asked_as("10.1.2.3:8080"), 200);
}

TEST_F(RoutesTest, ForbidCachingSniffingAndFraming) {
    for (const Request& request : {get("/"), get("/x"), get("/api/v1/status"), get("/metrics")}) {
        const Answer given = answer(request);
        EXPECT_EQ(given.headers.at("Cache-Control"), "no-store");
        EXPECT_EQ(given.headers.at("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(given.headers.at("X-Frame-Options"), "DENY");
        EXPECT_THAT(given.headers.at("Content-Security-Policy"), HasSubstr("default-src 'none'"));
        EXPECT_FALSE(given.headers.contains("Access-Control-Allow-Origin"));
    }
}

TEST_F(RoutesTest, HaveNoPageThatWasNotGiven) {
    pages = {};
    EXPECT_EQ(status(get("/healthz")), 200);
    for (const char* target : {"/", "/readyz", "/metrics", "/api/v1/status", "/api/v1/plan",
                               "/api/v1/events", "/api/v1/instances/e/status"}) {
        EXPECT_EQ(status(get(target, token)), 404) << target;
    }
}

}  // namespace
}  // namespace matriarch::controller
