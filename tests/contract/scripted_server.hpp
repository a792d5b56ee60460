// ScriptedServer: a peer that misbehaves as told. For each connection it reads one request, then
// sends the next answer of its script, byte for byte, and hangs up or stays mute.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "controller/engine/endpoint.hpp"

namespace matriarch::controller {

/// What it does after a request. Requests of one connection are answered in turn.
struct Scripted {
    std::string answer{};
    /// Afterwards it hangs up; else it keeps the connection, for the next request or for ever.
    bool hangs_up{true};
    /// Answers only a request that has this in its first line.
    std::string of{};
};

class ScriptedServer {
 public:
    /// Answers the n-th request (counted over all connections) with the n-th entry that fits it;
    /// after the last one it stays mute.
    explicit ScriptedServer(std::vector<Scripted> script);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    [[nodiscard]] Endpoint endpoint() const { return {.path = path_}; }
    /// First lines of the requests so far. Read it after the calls.
    [[nodiscard]] std::vector<std::string> requests() const;
    [[nodiscard]] int connections() const { return connections_; }

 private:
    void serve();
    void serve_one(int connection);
    const Scripted* answer_to(const std::string& request);

    std::vector<Scripted> script_;
    std::string path_{};
    int listener_{-1};
    std::atomic<bool> ends_{false};
    std::atomic<int> connections_{0};
    std::vector<bool> is_said_{};
    mutable std::mutex mutex_{};
    std::vector<std::string> requests_{};
    std::jthread thread_{};
};

/// A whole answer with this body.
[[nodiscard]] std::string http_answer(const std::string& body,
                                      const std::string& status = "200 OK");

}  // namespace matriarch::controller
