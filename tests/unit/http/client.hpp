// Client: a plain socket to the server under test, so that it can be rude.
// It never parses: tests look at what came over the wire.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <string>

#include "controller/base/descriptor.hpp"

namespace matriarch::controller {

class Client {
 public:
    explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        // So that a server that never answers fails a test instead of hanging it.
        const timeval patience{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        is_connected_ = ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address),
                                  sizeof address) == 0;
    }

    [[nodiscard]] bool is_connected() const { return is_connected_; }

    bool send(const std::string& bytes) const {
        return ::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(bytes.size());
    }

    /// Everything until the server closes.
    [[nodiscard]] std::string receive() const {
        std::string text;
        char piece[4'096];
        for (ssize_t got = 0; (got = ::recv(socket_.number(), piece, sizeof piece, 0)) > 0;) {
            text.append(piece, static_cast<std::size_t>(got));
        }
        return text;
    }

    /// Everything up to the first time that this comes, or until the server closes.
    [[nodiscard]] std::string receive_until(const std::string& end) const {
        std::string text;
        char letter = 0;
        while (!text.ends_with(end) && ::recv(socket_.number(), &letter, 1, 0) == 1) text += letter;
        return text;
    }

    [[nodiscard]] std::string ask(const std::string& bytes) const {
        send(bytes);
        return receive();
    }

 private:
    Descriptor socket_;
    bool is_connected_{false};
};

}  // namespace matriarch::controller
