// A forge says in several ways that it wants to be left alone.
#include <algorithm>

#include "controller/review/forge_dialect.hpp"

namespace matriarch::controller {

Error wants_fewer_calls(std::chrono::seconds wait) {
    // The message is the same each time: it is said once.
    return {.kind = ErrorKind::unavailable,
            .message = "the forge wants fewer calls",
            .hint = "The next one is in " + std::to_string(wait.count()) + " s."};
}

Refusal refusal_of(const WebAnswer& answer, std::chrono::sys_seconds now) {
    const int status = answer.status;
    const bool is_spent = answer.header("x-ratelimit-remaining") == "0" ||
                          answer.header("ratelimit-remaining") == "0";
    if (status == 429 || (status == 403 && (is_spent || !answer.header("retry-after").empty()))) {
        const std::string reset = answer.header("x-ratelimit-reset").empty()
                                      ? answer.header("ratelimit-reset")
                                      : answer.header("x-ratelimit-reset");
        auto wait = std::chrono::seconds(number_in(answer.header("retry-after")));
        if (wait.count() == 0 && !reset.empty()) {
            wait = std::chrono::seconds(number_in(reset)) - now.time_since_epoch();
        }
        // Neither a clock that is wrong nor a server that is makes us ask without a pause.
        wait =
            std::clamp<std::chrono::seconds>(wait, std::chrono::seconds(1), std::chrono::hours(1));
        return {.error = wants_fewer_calls(wait), .wait = wait};
    }
    const std::string said = "the forge answers " + std::to_string(status);
    if (status == 401 || status == 403) {
        return {.error = {.kind = ErrorKind::refused,
                          .message = said + ": it does not take the token for this",
                          .hint = "It must be allowed to read pull requests and to write comments "
                                  "and commit statuses; to propose releases, pull requests too."}};
    }
    if (status == 404) {
        return {.error = {.kind = ErrorKind::invalid,
                          .message = said + ": there is no such repository or pull request, or the "
                                            "token may not see it",
                          .hint = "Check repository, url and token in the forge's file."}};
    }
    return {.error = {.kind = ErrorKind::unavailable, .message = said}};
}

}  // namespace matriarch::controller
