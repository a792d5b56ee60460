// Connection: one client, one request, one answer, and its end. Private to server.cpp.
//
// It includes Beast; nothing else may include it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>

#include "controller/http/routes.hpp"

namespace matriarch::controller {

/// What a connection needs of the server; all of it outlives every connection.
struct ConnectionHost {
    const Routes* routes{nullptr};
    std::chrono::milliseconds within{};
    /// How many connections are live; of those there may be few.
    int* live{nullptr};
    /// A webhook was believed.
    std::function<void()> on_nudge{};
    /// A connection has ended.
    std::function<void()> on_end{};
};

/// Serves the socket, which then belongs to the connection.
void serve_connection(boost::asio::ip::tcp::socket socket, const ConnectionHost& host);

}  // namespace matriarch::controller
