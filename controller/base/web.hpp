// Web: one request to a server by curl, a program of its own: what a stranger answers is parsed
// outside of ours. Address, token and body go through its standard input, where nobody sees them.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "specs/values/result.hpp"
#include "specs/values/secret.hpp"

namespace matriarch::controller {

struct WebRequest {
    std::string method{"GET"};
    Secret url{};
    /// "Name: value"; any of them may be secret.
    std::vector<Secret> headers{};
    /// Empty: none.
    std::string body{};
    std::chrono::milliseconds within{std::chrono::seconds(25)};
    std::stop_token stop{};
};

struct WebAnswer {
    int status{0};
    /// Names in lower case, in the order received.
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};

    /// The value of the first header of that name (lower case); empty: there is none.
    [[nodiscard]] std::string header(const std::string& name) const;
};

/// Asks and waits for the answer, whatever its status. Redirects are not followed.
///
/// Errors: unavailable (not reached, no answer in time, more than 8 MiB), stopped.
[[nodiscard]] Result<WebAnswer> ask_web(const WebRequest& request);

/// As one part of a path, or a value of a query.
[[nodiscard]] std::string percent_encoded(const std::string& text);

/// Inside a quoted value of curl's configuration.
[[nodiscard]] std::string in_curl_quotes(const std::string& text);

/// Whether an address is of this host, where no TLS is needed.
[[nodiscard]] bool is_local_url(const std::string& url, const std::string& scheme);

/// What curl --include printed, as an answer. Errors: unavailable (not an answer of HTTP).
[[nodiscard]] Result<WebAnswer> parse_web_answer(const std::string& text);

}  // namespace matriarch::controller
