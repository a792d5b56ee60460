// Server: health, metrics, API, page and webhook on one small HTTP server with a thread of its own.
//
// Loopback unless told otherwise. One request a connection, 64 connections, 5 s a request, 8 KiB of
// header, 64 KiB of body. It reads snapshots and knocks; it cannot change anything.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "controller/http/pages.hpp"
#include "specs/values/result.hpp"
#include "specs/values/secret.hpp"

namespace matriarch::controller {

struct ServerOptions {
    /// IPv4 or IPv6; never a name.
    std::string address{"127.0.0.1"};
    /// 0: any free one.
    int port{0};
    /// What /api/v1 asks for; empty: nobody gets in.
    Secret token{};
    /// Empty: /webhook does not exist.
    Secret webhook_secret{};
    /// Names that requests may use in Host besides localhost, 127.0.0.1, [::1] and `address`.
    std::vector<std::string> host_names{};
    /// From the first byte awaited to the last one read; also for writing the answer.
    std::chrono::milliseconds request_within{std::chrono::seconds(5)};
    /// At most one nudge in this time.
    std::chrono::milliseconds nudge_quiet{std::chrono::seconds(1)};
};

class Server {
 public:
    /// Listens when it returns. `nudge` is called on the server's thread, at most once a second; a
    /// knock in between is kept and passed on at the end of that second.
    ///
    /// Errors: invalid (not an address or port), unavailable (it is taken, or not ours to take).
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerOptions options, Pages pages,
                                                               std::function<void()> nudge);

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    /// Stops at once: open connections are closed, not waited for.
    ~Server();

    /// The port it listens on.
    [[nodiscard]] int port() const;

 private:
    class Listener;
    explicit Server(std::unique_ptr<Listener> listener);

    std::unique_ptr<Listener> listener_;
};

}  // namespace matriarch::controller
