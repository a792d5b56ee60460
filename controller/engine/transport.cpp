// Transport: takes an idle connection or opens one, exchanges once, keeps it if it is still good.
//
// A kept connection may have died unseen (the Engine was restarted): then, and only then, a GET is
// asked once more on a new one.
#include "controller/engine/transport.hpp"

#include "controller/engine/connection.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t idle_max = 2;  // the loop's, and one for a command beside it

}  // namespace

Transport::Transport(Endpoint endpoint, CallObserver observer)
    : endpoint_(std::move(endpoint)), observer_(std::move(observer)) {}

Transport::~Transport() = default;

Result<Response> Transport::request(const Request& request, const Call& call) {
    return exchange(request, nullptr, StreamEnd::by_deadline, call);
}

Result<Response> Transport::stream(const Request& request, const BodyPiece& piece, StreamEnd end,
                                   const Call& call) {
    return exchange(request, &piece, end, call);
}

Result<Response> Transport::exchange(const Request& request, const BodyPiece* piece, StreamEnd end,
                                     const Call& call) {
    const auto begin = std::chrono::steady_clock::now();
    const Deadline deadline{.at = begin + call.within, .stop = call.stop};
    const Exchange exchange{.request = request, .piece = piece, .end = end};

    std::unique_ptr<Connection> connection = take_idle();
    const bool is_reused = connection != nullptr;
    Result<Response> response = fail(ErrorKind::unavailable, "not asked");
    if (is_reused) response = connection->exchange(exchange, deadline);
    const bool asks_again = is_reused && request.method == "GET" && connection->was_hung_up();
    if (!is_reused || asks_again) {
        auto opened = Connection::open(endpoint_, deadline);
        if (opened) {
            connection = std::move(*opened);
            response = connection->exchange(exchange, deadline);
        } else {
            connection.reset();
            response = fail(std::move(opened).error());
        }
    }
    if (response && connection->is_reusable()) keep(std::move(connection));
    if (observer_) {
        const auto took = std::chrono::steady_clock::now() - begin;
        observer_({.method = request.method,
                   .target = request.target,
                   .status = response ? response->status : 0,
                   .took = std::chrono::duration_cast<std::chrono::milliseconds>(took)});
    }
    return response;
}

std::unique_ptr<Connection> Transport::take_idle() {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection->is_reusable()) return connection;
    }
    return nullptr;
}

void Transport::keep(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < idle_max) idle_.push_back(std::move(connection));
}

}  // namespace matriarch::controller
