// SshChild: `ssh HOST docker system dial-stdio`, with its input and output on one socket.
//
// No shell and no password prompt; what it says on standard error is kept for the message. It is
// ended and waited for when this object goes. No Asio here.
#pragma once

#include <sys/types.h>
#include <memory>
#include <string>

#include "controller/engine/endpoint.hpp"

namespace matriarch::controller {

class SshChild {
 public:
    /// Errors: unavailable (no program called ssh, no more processes).
    [[nodiscard]] static Result<std::unique_ptr<SshChild>> start(const Endpoint& endpoint);
    ~SshChild();
    SshChild(const SshChild&) = delete;
    SshChild& operator=(const SshChild&) = delete;

    /// Our end of the socket; the caller owns it from now on. Once only.
    [[nodiscard]] int take_socket();

    /// What ssh complained of so far, on one line.
    [[nodiscard]] std::string complaint() const;

 private:
    SshChild(pid_t id, int socket, int errors) : id_(id), socket_(socket), errors_(errors) {}
    pid_t id_;
    int socket_;
    int errors_;
};

}  // namespace matriarch::controller
