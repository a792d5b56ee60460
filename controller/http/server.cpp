// The listener: accepts, bounds, passes nudges on, and stops at once.
// It never waits for a client, and knows nothing of what is served.
#include "controller/http/server.hpp"

#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <thread>

#include "controller/base/log.hpp"
#include "controller/base/text.hpp"
#include "controller/http/connection.hpp"
#include "controller/http/webhook.hpp"

namespace matriarch::controller {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

// Far more than a person, a scraper and a forge need; far less than the descriptors we have.
constexpr int connections_max = 64;
// When there are no descriptors left, trying again at once would only burn time.
constexpr auto accept_again = 100ms;

}  // namespace

class Server::Listener {
 public:
    Listener(ServerOptions options, Pages pages, std::function<void()> nudge)
        : gate_(options.nudge_quiet), nudge_(std::move(nudge)) {
        host_.within = options.request_within;
        routes_.emplace(std::move(options), std::move(pages));
        host_.routes = &*routes_;
        host_.live = &live_;
        host_.on_nudge = [this] { knock(); };
        host_.on_end = [this] { connection_ended(); };
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() {
        context_.stop();
        if (thread_.joinable()) thread_.join();
    }

    /// Binds and listens. Errors: invalid, unavailable.
    Result<void> listen(const std::string& address, int port) {
        boost::system::error_code error;
        const auto ip = asio::ip::make_address(address, error);
        if (error || port < 0 || port > 65'535) {
            return fail(
                ErrorKind::invalid,
                "cannot listen on '" + printable(address) + "' port " + std::to_string(port),
                "Give an IP address such as 127.0.0.1 and a port up to 65535.");
        }
        const tcp::endpoint endpoint(ip, static_cast<std::uint16_t>(port));
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error) {
            return fail(ErrorKind::unavailable,
                        "cannot listen on " + address + " port " + std::to_string(port) + ": " +
                            error.message(),
                        "Choose another address or port, or stop the program that has it.");
        }
        port_ = acceptor_.local_endpoint(error).port();
        return {};
    }

    void run() {
        accept();
        thread_ = std::thread([this] {
            // Signals are the main thread's.
            sigset_t all{};
            ::sigfillset(&all);
            ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
            run_until_stopped();
        });
    }

    [[nodiscard]] int port() const { return port_; }

 private:
    void run_until_stopped() {
        while (!context_.stopped()) {
            try {
                context_.run();
            } catch (const std::exception& error) {
                log::error("failed to serve a connection", {{log::key::error, error.what()}});
            }
        }
    }

    void accept() {
        is_accepting_ = true;
        acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
            is_accepting_ = false;
            if (error) return accept_later();
            ++connections_;
            serve_connection(std::move(socket), host_);
            if (connections_ < connections_max) accept();
        });
    }

    void accept_later() {
        is_accepting_ = true;
        accept_timer_.expires_after(accept_again);
        accept_timer_.async_wait([this](boost::system::error_code error) {
            if (!error) accept();
        });
    }

    /// Those that wait to be accepted wait in the kernel.
    void connection_ended() {
        --connections_;
        if (!context_.stopped() && !is_accepting_) accept();
    }

    void knock() {
        const auto verdict = gate_.knock(std::chrono::steady_clock::now());
        if (verdict == NudgeGate::Verdict::now) nudge_();
        if (verdict != NudgeGate::Verdict::later) return;
        nudge_timer_.expires_at(gate_.due());
        nudge_timer_.async_wait([this](boost::system::error_code error) {
            if (error) return;
            gate_.open(std::chrono::steady_clock::now());
            nudge_();
        });
    }

    // The context is destroyed first, and with it the connections, which use what stands above it.
    NudgeGate gate_;
    std::function<void()> nudge_;
    std::optional<Routes> routes_{};
    ConnectionHost host_{};
    int connections_{0};
    int live_{0};
    bool is_accepting_{false};
    int port_{0};
    asio::io_context context_{1};
    tcp::acceptor acceptor_{context_};
    asio::steady_timer accept_timer_{context_};
    asio::steady_timer nudge_timer_{context_};
    std::thread thread_{};
};

Server::Server(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
Server::~Server() = default;

int Server::port() const {
    return listener_->port();
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Pages pages,
                                              std::function<void()> nudge) {
    const std::string address = options.address;
    const int port = options.port;
    auto listener =
        std::make_unique<Listener>(std::move(options), std::move(pages), std::move(nudge));
    TRY(listener->listen(address, port));
    listener->run();
    return std::unique_ptr<Server>(new Server(std::move(listener)));
}

}  // namespace matriarch::controller
