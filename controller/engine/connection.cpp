// Connection: with talk.hpp the only file with Asio and Beast. Straight coroutines on a context of
// its own, run by the calling thread until they are done, the deadline has passed, or stop is
// asked.
//
// Rules that keep g++ 12 honest (styles.md, 2.7): coroutines are plain functions, their parameters
// are pointers and values, every argument of a co_await call is a named variable.
#include "controller/engine/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <optional>

#include "controller/engine/ssh_child.hpp"
#include "controller/engine/talk.hpp"

namespace matriarch::controller {
namespace {

namespace ssl = boost::asio::ssl;
using Socket = asio::generic::stream_protocol::socket;

std::string in_words(const beast::error_code& code) {
    static const auto& http_category = make_error_code(http::error::end_of_stream).category();
    if (code == http::error::partial_message) return "the answer was cut short";
    if (code == http::error::end_of_stream) return "it hung up without an answer";
    if (code.category() == http_category) return "the answer is not HTTP (" + code.message() + ")";
    return code.message();
}

bool is_hang_up(const beast::error_code& code) {
    return code == http::error::end_of_stream || code == asio::error::eof ||
           code == asio::error::connection_reset || code == asio::error::broken_pipe;
}

tl::unexpected<Error> bad_certificate(const std::string& file, const beast::error_code& code) {
    return fail(ErrorKind::invalid, "cannot read " + file + ": " + code.message(),
                "Put ca.pem, cert.pem and key.pem into the folder that DOCKER_CERT_PATH names.");
}

Result<void> load_certificates(ssl::context& settings, const std::string& folder) {
    beast::error_code code;
    settings.load_verify_file(folder + "/ca.pem", code);
    if (code) return bad_certificate(folder + "/ca.pem", code);
    settings.use_certificate_chain_file(folder + "/cert.pem", code);
    if (code) return bad_certificate(folder + "/cert.pem", code);
    settings.use_private_key_file(folder + "/key.pem", ssl::context::pem, code);
    if (code) return bad_certificate(folder + "/key.pem", code);
    SSL_CTX_set_min_proto_version(settings.native_handle(), TLS1_2_VERSION);
    settings.set_verify_mode(ssl::verify_peer);
    return {};
}

}  // namespace

// Destroyed from the bottom up: streams, then the context with what is left of coroutines, then
// what those point at.
struct Connection::Parts {
    Endpoint endpoint{};
    std::unique_ptr<SshChild> ssh{};
    std::unique_ptr<Talk> talk{};
    beast::flat_buffer buffer{};
    beast::error_code code{};
    bool is_done{false};
    bool is_good{false};
    bool was_hung_up{false};
    asio::io_context context{1};
    std::optional<ssl::context> tls_settings{};
    Socket socket{context};
    std::optional<ssl::stream<Socket&>> tls{};

    /// Runs until `done`; the deadline counts as long as `open` is not true.
    Result<void> run(const bool& done, const bool& open, const Deadline& deadline);
    Result<void> dial(const Deadline& deadline);
    [[nodiscard]] std::string host_header() const;
};

namespace {

asio::awaitable<void> dial_unix(Socket* socket, std::string path, beast::error_code* code) {
    auto token = asio::redirect_error(asio::use_awaitable, *code);
    const asio::local::stream_protocol::endpoint local(path);
    const Socket::endpoint_type where(local);
    co_await socket->async_connect(where, token);
}

asio::awaitable<void> dial_tcp(Socket* socket, Endpoint endpoint, beast::error_code* code) {
    auto token = asio::redirect_error(asio::use_awaitable, *code);
    asio::ip::tcp::resolver resolver(socket->get_executor());
    const auto found = co_await resolver.async_resolve(endpoint.host, endpoint.port, token);
    if (*code) co_return;
    for (const auto& entry : found) {
        beast::error_code ignored;
        socket->close(ignored);
        const Socket::endpoint_type where(entry.endpoint());
        co_await socket->async_connect(where, token);
        if (!*code) break;
    }
}

asio::awaitable<void> shake_hands(ssl::stream<Socket&>* tls, beast::error_code* code) {
    auto token = asio::redirect_error(asio::use_awaitable, *code);
    const auto side = ssl::stream_base::client;
    co_await tls->async_handshake(side, token);
}

}  // namespace

Result<void> Connection::Parts::run(const bool& done, const bool& open, const Deadline& deadline) {
    const auto begin = std::chrono::steady_clock::now();
    context.restart();
    bool is_over = false;
    {
        const std::stop_callback stopper(deadline.stop, [this] { context.stop(); });
        while (!done && !is_over) {
            is_over = (open ? context.run_one() : context.run_one_until(deadline.at)) == 0;
        }
    }
    if (!is_over) return {};
    // What is under way is aborted and runs to its end, so that nothing points here afterwards.
    beast::error_code ignored;
    socket.close(ignored);
    context.restart();
    context.poll();
    if (deadline.stop.stop_requested()) return fail(ErrorKind::stopped, "stopped");
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    return fail(ErrorKind::unavailable,
                "no answer within " + std::to_string(waited.count()) + " ms");
}

Result<void> Connection::Parts::dial(const Deadline& deadline) {
    const bool never = false;
    const auto finish = [this](const std::exception_ptr&) { is_done = true; };
    if (endpoint.kind == Endpoint::Kind::ssh) {
        ssh = TRY(SshChild::start(endpoint));
        const asio::generic::stream_protocol protocol(AF_UNIX, 0);
        socket.assign(protocol, ssh->take_socket(), code);
    } else if (endpoint.kind == Endpoint::Kind::unix_socket) {
        asio::co_spawn(context, dial_unix(&socket, endpoint.path, &code), finish);
        TRY(run(is_done, never, deadline));
    } else {
        asio::co_spawn(context, dial_tcp(&socket, endpoint, &code), finish);
        TRY(run(is_done, never, deadline));
    }
    if (code) return fail(ErrorKind::unavailable, code.message());
    if (endpoint.kind != Endpoint::Kind::tls) return {};

    tls_settings.emplace(ssl::context::tls_client);
    TRY(load_certificates(*tls_settings, endpoint.certificates));
    tls.emplace(socket, *tls_settings);
    tls->set_verify_callback(ssl::host_name_verification(endpoint.host));
    SSL_set_tlsext_host_name(tls->native_handle(), endpoint.host.c_str());
    is_done = false;
    asio::co_spawn(context, shake_hands(&*tls, &code), finish);
    TRY(run(is_done, never, deadline));
    if (code) {
        return fail(ErrorKind::unavailable, "no trusted connection: " + code.message(),
                    "Check ca.pem in DOCKER_CERT_PATH, and the host's name in DOCKER_HOST.");
    }
    return {};
}

std::string Connection::Parts::host_header() const {
    const bool is_local =
        endpoint.kind == Endpoint::Kind::unix_socket || endpoint.kind == Endpoint::Kind::ssh;
    if (is_local) return "docker";
    const bool is_v6 = endpoint.host.find(':') != std::string::npos;
    return (is_v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + endpoint.port;
}

Connection::Connection(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::open(const Endpoint& endpoint,
                                                     const Deadline& deadline) {
    auto parts = std::make_unique<Parts>();
    parts->endpoint = endpoint;
    // Beast reads half a kilobyte at a time where there is no room for more.
    parts->buffer.reserve(2 * chunk_size);
    Result<void> dialled = parts->dial(deadline);
    if (!dialled) {
        Error error = std::move(dialled).error();
        if (error.kind == ErrorKind::unavailable) {
            error.message =
                "cannot reach the Engine at " + to_text(endpoint) + ": " + error.message;
            if (error.hint.empty()) error.hint = "Start the Docker Engine, or set DOCKER_HOST.";
        }
        return fail(std::move(error));
    }
    return std::unique_ptr<Connection>(new Connection(std::move(parts)));
}

Result<Response> Connection::exchange(const Exchange& exchange, const Deadline& deadline) {
    Parts& parts = *parts_;
    parts.is_good = false;
    parts.was_hung_up = false;
    parts.talk = std::make_unique<Talk>();
    Talk& talk = *parts.talk;
    talk.piece = exchange.piece;
    talk.request.method_string(exchange.request.method);
    talk.request.target(exchange.request.target);
    talk.request.set(http::field::host, parts.host_header());
    talk.request.set(http::field::user_agent, "matriarch");
    if (!exchange.request.body.empty())
        talk.request.set(http::field::content_type, "application/json");
    talk.request.body() = exchange.request.body;
    talk.request.prepare_payload();
    talk.parser.header_limit(header_max);
    talk.parser.body_limit(boost::none);  // counted in take_room, and streams have no end

    const auto finish = [&talk](const std::exception_ptr&) { talk.is_done = true; };
    if (parts.tls) {
        asio::co_spawn(parts.context, converse(&*parts.tls, &parts.buffer, &talk), finish);
    } else {
        asio::co_spawn(parts.context, converse(&parts.socket, &parts.buffer, &talk), finish);
    }
    const bool never = false;
    TRY(parts.run(talk.is_done, exchange.end == StreamEnd::open ? talk.is_answered : never,
                  deadline));
    if (talk.error) return fail(std::move(*talk.error));
    if (talk.code) {
        parts.was_hung_up = !talk.is_answered && is_hang_up(talk.code);
        const std::string complaint = parts.ssh ? parts.ssh->complaint() : "";
        return fail(ErrorKind::unavailable,
                    in_words(talk.code) + (complaint.empty() ? "" : ": " + complaint));
    }
    parts.is_good = talk.parser.keep_alive() && parts.buffer.size() == 0;
    Response response = std::move(talk.response);
    parts.talk.reset();
    return response;
}

bool Connection::is_reusable() const {
    if (!parts_->is_good) return false;
    // Nothing may come unasked: neither an end nor bytes.
    char byte = 0;
    const auto seen = ::recv(parts_->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

bool Connection::was_hung_up() const {
    return parts_->was_hung_up;
}

}  // namespace matriarch::controller
