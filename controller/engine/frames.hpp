// Frames: cuts the Engine's streams into pieces, whatever way the network cut them.
//
// FrameReader: output of exec and logs without a terminal, 8 bytes of header before each piece.
// LineReader: events and pull progress, one JSON text a line. Pure; both refuse what is too long.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "specs/values/result.hpp"

namespace matriarch::controller {

/// Source: Engine API v1.41, ContainerAttach, "Stream format".
class FrameReader {
 public:
    using Piece = std::function<void(bool is_error, std::string_view)>;
    explicit FrameReader(Piece piece) : piece_(std::move(piece)) {}

    /// Errors: unavailable (not such a stream).
    [[nodiscard]] Result<void> take(std::string_view bytes);

    /// Errors: unavailable (the stream ended inside a frame).
    [[nodiscard]] Result<void> end() const;

 private:
    Piece piece_;
    std::string header_{};
    std::uint32_t left_{0};
    bool is_error_{false};
};

class LineReader {
 public:
    using Line = std::function<Result<void>(std::string_view)>;
    explicit LineReader(Line line) : line_(std::move(line)) {}

    /// Errors: unavailable (a line longer than 1 MiB), and those of the callback.
    [[nodiscard]] Result<void> take(std::string_view bytes);

    /// The last line, where it has no end of its own. Errors: those of the callback.
    [[nodiscard]] Result<void> end();

 private:
    Line line_;
    std::string rest_{};
};

}  // namespace matriarch::controller
