// Connection: one connection to the Engine (socket, TLS or an ssh child) and one exchange at a
// time.
//
// Only transport.cpp uses it. The header is free of Asio and Beast, which live in connection.cpp.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include "controller/engine/transport.hpp"

namespace matriarch::controller {

/// When a call is over, and what ends it before that.
struct Deadline {
    std::chrono::steady_clock::time_point at{};
    std::stop_token stop{};
};

/// One request and what becomes of its answer.
struct Exchange {
    Request request{};
    /// Set: takes the body of an answer below 300.
    const BodyPiece* piece{nullptr};
    StreamEnd end{StreamEnd::by_deadline};
};

class Connection {
 public:
    /// Connects, with the TLS handshake where there is one. Errors: unavailable, stopped, invalid
    /// (TLS files that cannot be read).
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const Endpoint& endpoint,
                                                                  const Deadline& deadline);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Errors: unavailable, stopped, and those of the piece's taker. After one, it is of no more
    /// use.
    [[nodiscard]] Result<Response> exchange(const Exchange& exchange, const Deadline& deadline);

    /// The last exchange ended well, and the other side has not hung up since.
    [[nodiscard]] bool is_reusable() const;

    /// The last exchange failed because the other side hung up before the first byte of an answer.
    [[nodiscard]] bool was_hung_up() const;

 private:
    struct Parts;
    explicit Connection(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace matriarch::controller
