// Error as text and as exit code. The one place that maps kinds to codes.
#include "specs/values/error.hpp"

namespace matriarch {

std::string to_text(const Error& error) {
    std::string text = error.where.empty() ? error.message : error.where + ": " + error.message;
    if (!error.hint.empty()) text += "\n  HINT: " + error.hint;
    return text;
}

const char* to_text(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return "invalid";
        case ErrorKind::refused:
            return "refused";
        case ErrorKind::failed:
            return "failed";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::conflict:
            return "conflict";
        case ErrorKind::held:
            return "held";
        case ErrorKind::stopped:
            return "stopped";
    }
    return "failed";
}

int exit_code(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return 1;
        case ErrorKind::refused:
            return 3;
        case ErrorKind::failed:
            return 4;
        case ErrorKind::unavailable:
            return 5;
        case ErrorKind::conflict:
            return 5;
        case ErrorKind::held:
            return 6;
        case ErrorKind::stopped:
            return 130;
    }
    return 1;
}

}  // namespace matriarch
