// One connection to our HTTP server: the bytes of a client, head and body, through the same code
// that serves the port, on a pair of sockets. "@sha256@" becomes the right signature of the body.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>

#include "controller/base/encoding.hpp"
#include "controller/base/log.hpp"
#include "controller/http/connection.hpp"
#include "specs/values/check.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace matriarch::fuzz {
namespace {

using controller::Routes;

const Secret webhook_secret("webhook-secret");
const Secret token("token-0123456789abcdef");
constexpr std::string_view placeholder = "@sha256@";
constexpr std::size_t request_bytes_max = 80'000;  // over both limits, and within a socket's buffer

Routes make_routes() {
    controller::Pages pages{
        .readiness = [] { return controller::Readiness{.why = "no pass yet"}; },
        .status_json = [] { return "{\"status\":1}"; },
        .instance_status_json = [](const std::string& name) -> std::optional<std::string> {
            return name == "a" ? std::optional<std::string>("{\"name\":\"a\"}") : std::nullopt;
        },
        .events_json = [](std::int64_t since) { return std::to_string(since); },
        .plan_json = [] { return "{}"; },
        .metrics_text = [] { return "up 1\n"; },
        .overview = [] { return controller::Overview{}; }};
    return {{.token = token, .webhook_secret = webhook_secret}, std::move(pages)};
}

std::string body_of(const std::string& request) {
    const std::size_t head = request.find("\r\n\r\n");
    return head == std::string::npos ? "" : request.substr(head + 4);
}

/// The input with right signatures where it asks for them.
std::string signed_request(std::string_view input) {
    std::string request(input.substr(0, request_bytes_max));
    const std::string signature = controller::hmac_sha256(webhook_secret, body_of(request));
    for (std::size_t at = 0; (at = request.find(placeholder, at)) != std::string::npos;) {
        if (at > request.find("\r\n\r\n")) break;
        request.replace(at, placeholder.size(), signature);
    }
    return request;
}

struct Served {
    std::string answer{};
    int nudges{0};
    int ends{0};
};

Served serve(const std::string& request) {
    static const Routes routes = make_routes();
    Served served;
    std::array<int, 2> pair{};
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) == 0, "there is a pair of sockets");
    const auto [ours, theirs] = pair;
    CHECK(::send(theirs, request.data(), request.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(request.size()),
          "a request fits the socket");
    ::shutdown(theirs, SHUT_WR);
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket socket(context, boost::asio::ip::tcp::v4(), ours);
    const controller::ConnectionHost host{.routes = &routes,
                                          .within = std::chrono::seconds(5),
                                          .on_nudge = [&served] { ++served.nudges; },
                                          .on_end = [&served] { ++served.ends; }};
    controller::serve_connection(std::move(socket), host);
    context.run();
    std::array<char, 65'536> bytes{};
    for (ssize_t count = 0; (count = ::recv(theirs, bytes.data(), bytes.size(), 0)) > 0;) {
        served.answer.append(bytes.data(), static_cast<std::size_t>(count));
    }
    ::close(theirs);
    return served;
}

void check_answer(const std::string& request, const Served& served) {
    CHECK(served.ends == 1, "a connection ends once");
    if (served.answer.empty()) return;
    const std::string& answer = served.answer;
    CHECK(answer.starts_with("HTTP/1."), "an answer is HTTP");
    const std::size_t head = answer.find("\r\n\r\n");
    CHECK(head != std::string::npos, "an answer has a head and an end of it");
    for (std::size_t at = 0; at < head; ++at) {
        const bool is_line_end = answer.compare(at, 2, "\r\n") == 0;
        if (!is_line_end) check_shown({&answer[at], 1});
        if (is_line_end) ++at;
    }
    for (const Secret* secret : {&webhook_secret, &token}) {
        CHECK(answer.find(secret->reveal()) == std::string::npos, "no secret is in an answer");
    }
    const bool is_api = answer.find("{\"status\":1}") != std::string::npos;
    CHECK(!is_api || request.find(token.reveal()) != std::string::npos, "the API asks for a token");
}

void check_nudge(const std::string& request, const Served& served) {
    CHECK(served.nudges <= 1, "a request knocks once");
    if (served.nudges == 0) return;
    CHECK(served.answer.find(" 202 ") != std::string::npos, "whoever knocks is told so");
    const std::string head = request.substr(0, request.find("\r\n\r\n"));
    const bool knows_secret = head.find(webhook_secret.reveal()) != std::string::npos;
    const bool is_chunked = controller::lower_case(head).find("chunked") != std::string::npos;
    // Of a body in chunks, or one with more after its end, only the server knows what was signed.
    bool is_signed = knows_secret || is_chunked;
    const std::string body = body_of(request);
    for (std::size_t length = 0; length <= body.size() && !is_signed; ++length) {
        const std::string digest =
            controller::hmac_sha256(webhook_secret, body.substr(0, body.size() - length));
        is_signed = head.find(digest) != std::string::npos;
    }
    CHECK(is_signed, "only who knows the secret may knock");
}

}  // namespace

void try_input(std::string_view input) {
    const std::string request = signed_request(input);
    const Served served = serve(request);
    check_answer(request, served);
    check_nudge(request, served);
}

}  // namespace matriarch::fuzz
