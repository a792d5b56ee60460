// Routes: from a request to its answer. Pure text in, text out; no sockets, no Beast.
//
// Every answer forbids caching, sniffing and framing. What is not listed here does not exist.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/http/pages.hpp"
#include "controller/http/server.hpp"

namespace matriarch::controller {

struct Request {
    std::string verb{};
    /// Path and query, as sent.
    std::string target{};
    /// Names in lower case, in the order they came; a name may be there twice.
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};

    /// The value of a header that is there exactly once.
    [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
    [[nodiscard]] bool has_twice(std::string_view name) const;
    /// The target without its query.
    [[nodiscard]] std::string path() const;
};

struct Answer {
    int status{200};
    std::string type{"application/json"};
    std::string body{};
    std::map<std::string, std::string> headers{};
    /// A webhook that was believed: the caller knocks.
    bool is_nudge{false};
    /// Stays open; an event is sent whenever version() changes.
    bool is_live{false};
};

class Routes {
 public:
    Routes(ServerOptions options, Pages pages);

    /// Whether the body is worth reading: only a webhook's is. Everything else is answered without.
    [[nodiscard]] bool wants_body(const Request& request) const;

    [[nodiscard]] Answer answer(const Request& request) const;

    /// See Pages::version.
    [[nodiscard]] std::uint64_t version() const;

 private:
    [[nodiscard]] bool is_host_allowed(const Request& request) const;
    [[nodiscard]] bool has_token(const Request& request) const;
    [[nodiscard]] Answer routed(const Request& request) const;
    [[nodiscard]] Answer get(const Request& request) const;
    [[nodiscard]] Answer ready() const;
    [[nodiscard]] Answer api(const Request& request) const;
    [[nodiscard]] Answer events(const Request& request) const;

    ServerOptions options_;
    Pages pages_;
};

/// ASCII letters only, as header names and hosts have.
[[nodiscard]] std::string lower_case(std::string_view text);

/// {"error":"..."} with a status.
[[nodiscard]] Answer error_answer(int status, std::string_view message);

}  // namespace matriarch::controller
