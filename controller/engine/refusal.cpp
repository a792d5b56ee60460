// Refusal: the table of statuses. Where the Engine's status says less than its words (20.10 answers
// 500 or 403 to what merely came too late), the words decide.
#include "controller/engine/refusal.hpp"

#include <charconv>
#include <initializer_list>

#include "controller/engine/wire.hpp"

namespace matriarch::controller {
namespace {

constexpr int minor_min = 41;  // Debian 12's engine, 20.10
constexpr int minor_max = 47;  // the newest whose changes were read; newer engines still speak it

bool says_one_of(std::string_view words, std::initializer_list<std::string_view> phrases) {
    for (const std::string_view phrase : phrases) {
        if (words.find(phrase) != std::string_view::npos) return true;
    }
    return false;
}

ErrorKind kind_of(int status, std::string_view words) {
    if (status == 404 || status == 409) return ErrorKind::conflict;
    // Words of moby 20.10: container/unpause, libnetwork endpoints, network lookup.
    if (says_one_of(words, {"is not paused", "is not connected to", "already exists in network",
                            "is ambiguous", "is not running", "has active endpoints"})) {
        return ErrorKind::conflict;
    }
    return status >= 400 && status < 500 ? ErrorKind::invalid : ErrorKind::unavailable;
}

}  // namespace

Error refusal(const std::string& purpose, int status, std::string_view body) {
    const std::string words = wire::read_message(body);
    return {.kind = kind_of(status, words), .message = purpose + ": " + words};
}

Error pull_refusal(const std::string& purpose, int status, const std::string& words) {
    Error error{.kind = ErrorKind::unavailable, .message = purpose + ": " + words};
    if (says_one_of(words,
                    {"unauthorized", "authentication required", "denied", "no basic auth"})) {
        error.kind = ErrorKind::refused;
        error.hint = "Check that the image exists and that the Engine may read it.";
    } else if (status == 400 || status == 404 ||
               says_one_of(words, {"manifest unknown", "no matching manifest", "not found"})) {
        error.kind = ErrorKind::invalid;
        error.hint = "Check the image's name and tag.";
    }
    return error;
}

Error led_by(const std::string& purpose, Error error) {
    error.message = purpose + ": " + error.message;
    return error;
}

Result<std::string> choose_version(const std::string& offered) {
    int minor = 0;
    const char* end = offered.data() + offered.size();
    const bool is_version = offered.starts_with("1.") && offered.size() <= 6 &&
                            std::from_chars(offered.data() + 2, end, minor).ptr == end;
    if (!is_version) {
        return fail(ErrorKind::unavailable,
                    "cannot talk to the Engine: it names no API version that is known");
    }
    if (minor < minor_min) {
        return fail(ErrorKind::invalid,
                    "cannot talk to the Engine: its API " + offered + " is older than 1.41",
                    "Upgrade the Docker Engine to 20.10 or later.");
    }
    return "1." + std::to_string(std::min(minor, minor_max));
}

}  // namespace matriarch::controller
