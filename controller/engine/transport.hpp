// Transport: one HTTP request to the Engine, as a blocking call with a deadline and a stop token.
//
// Keeps at most two idle connections for the next call. Never repeats a request that changes
// something: whether it arrived is then unknown, and only looking again tells. No JSON here.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "controller/engine/endpoint.hpp"
#include "controller/engine/engine.hpp"

namespace matriarch::controller {

class Connection;

struct Request {
    std::string method{"GET"};
    /// Path and query, escaped.
    std::string target{};
    /// JSON, or empty.
    std::string body{};
};

struct Response {
    int status{0};
    /// The Api-Version header.
    std::string api_version{};
    /// Whole body; of a stream only that of an answer from 300 on.
    std::string body{};
};

/// Takes each piece of a body as it comes. An error ends the call and is its result.
using BodyPiece = std::function<Result<void>(std::string_view)>;

/// One line of the debug log: what was asked, what came of it. Status 0: no answer.
struct CallRecord {
    std::string method{};
    std::string target{};
    int status{0};
    std::chrono::milliseconds took{0};
};
using CallObserver = std::function<void(const CallRecord&)>;

/// What bounds a stream in time.
enum class StreamEnd {
    /// The call's deadline holds for all of it.
    by_deadline,
    /// The deadline holds until the answer begins; then only the stop token ends it.
    open,
};

/// May be used by several threads at once. Errors of both calls: unavailable (not reached, no
/// answer in time, cut short, not HTTP, larger than 8 MiB), stopped.
class Transport {
 public:
    explicit Transport(Endpoint endpoint, CallObserver observer = {});
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    [[nodiscard]] Result<Response> request(const Request& request, const Call& call);

    [[nodiscard]] Result<Response> stream(const Request& request, const BodyPiece& piece,
                                          StreamEnd end, const Call& call);

    [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
    Result<Response> exchange(const Request& request, const BodyPiece* piece, StreamEnd end,
                              const Call& call);
    std::unique_ptr<Connection> take_idle();
    void keep(std::unique_ptr<Connection> connection);

    Endpoint endpoint_;
    CallObserver observer_;
    std::mutex mutex_{};
    std::vector<std::unique_ptr<Connection>> idle_{};
};

}  // namespace matriarch::controller
