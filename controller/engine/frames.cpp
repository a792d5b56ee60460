// Frames: the two stream cutters. State is what is left over from the last piece, nothing else.
#include "controller/engine/frames.hpp"

#include <algorithm>

namespace matriarch::controller {
namespace {

constexpr std::size_t header_size = 8;
constexpr std::size_t line_max =
    1024 * 1024;  // an event or a progress line has a few hundred bytes

std::uint32_t length_of(const std::string& header) {
    std::uint32_t length = 0;
    for (std::size_t i = 4; i < header_size; ++i) {
        length = (length << 8U) | static_cast<unsigned char>(header[i]);
    }
    return length;
}

bool is_header(const std::string& header) {
    return header[0] >= 0 && header[0] <= 2 && header[1] == 0 && header[2] == 0 && header[3] == 0;
}

}  // namespace

Result<void> FrameReader::take(std::string_view bytes) {
    while (!bytes.empty()) {
        if (left_ == 0) {
            const std::size_t missing = std::min(header_size - header_.size(), bytes.size());
            header_ += bytes.substr(0, missing);
            bytes.remove_prefix(missing);
            if (header_.size() < header_size) return {};
            if (!is_header(header_)) {
                return fail(ErrorKind::unavailable, "the output is not a stream of frames");
            }
            is_error_ = header_[0] == 2;
            left_ = length_of(header_);
            header_.clear();
            continue;
        }
        const std::size_t size = std::min<std::size_t>(left_, bytes.size());
        piece_(is_error_, bytes.substr(0, size));
        left_ -= static_cast<std::uint32_t>(size);
        bytes.remove_prefix(size);
    }
    return {};
}

Result<void> FrameReader::end() const {
    if (left_ == 0 && header_.empty()) return {};
    return fail(ErrorKind::unavailable, "the output was cut short");
}

Result<void> LineReader::take(std::string_view bytes) {
    while (true) {
        const std::size_t end = bytes.find('\n');
        if (end == std::string_view::npos) break;
        if (rest_.empty()) {
            TRY(line_(bytes.substr(0, end)));
        } else {
            rest_ += bytes.substr(0, end);
            TRY(line_(rest_));
            rest_.clear();
        }
        bytes.remove_prefix(end + 1);
    }
    rest_ += bytes;
    if (rest_.size() > line_max) return fail(ErrorKind::unavailable, "a line has no end");
    return {};
}

Result<void> LineReader::end() {
    if (rest_.empty()) return {};
    const std::string last = std::move(rest_);
    rest_.clear();
    return line_(last);
}

}  // namespace matriarch::controller
