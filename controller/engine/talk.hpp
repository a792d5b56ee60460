// Talk: one request written, one answer read, on any Asio stream. Only for connection.cpp.
//
// It bounds what it keeps: 32 KiB of header, 8 MiB of body. What is handed on piece by piece has no
// bound of its own.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

#include "controller/engine/transport.hpp"

namespace matriarch::controller {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t body_max = 8UL * 1024 * 1024;  // 300 containers' list has 0.4 MB (measured)
constexpr std::uint32_t header_max = 32 * 1024;
constexpr std::size_t chunk_size = 8UL * 1024;

// All that one exchange needs. It outlives the coroutine that points at it.
struct Talk {
    http::request<http::string_body> request{};
    http::response_parser<http::buffer_body> parser{};
    std::array<char, chunk_size> chunk{};
    const BodyPiece* piece{nullptr};
    Response response{};
    /// The network's or the parser's word on what went wrong; ours, where it is our own.
    beast::error_code code{};
    std::optional<Error> error{};
    bool is_answered{false};
    bool is_done{false};

    void begin_answer() {
        const auto& answer = parser.get();
        response.status = static_cast<int>(answer.result_int());
        const auto version = answer.find("Api-Version");
        if (version != answer.end()) response.api_version = std::string(version->value());
        is_answered = true;
    }
    void offer_room() {
        auto& room = parser.get().body();
        room.data = chunk.data();
        room.size = chunk.size();
    }
    // False: the call ends here.
    bool take_room() {
        const std::size_t size = chunk.size() - parser.get().body().size;
        const std::string_view bytes(chunk.data(), size);
        if (size > 0 && piece != nullptr && response.status < 300) {
            Result<void> taken = (*piece)(bytes);
            if (!taken) error = std::move(taken).error();
            return taken.has_value();
        }
        response.body += bytes;
        if (response.body.size() <= body_max) return true;
        error = Error{.kind = ErrorKind::unavailable, .message = "the answer is larger than 8 MiB"};
        return false;
    }
};

template <class Stream>
asio::awaitable<void> converse(Stream* stream, beast::flat_buffer* buffer, Talk* talk) {
    auto token = asio::redirect_error(asio::use_awaitable, talk->code);
    co_await http::async_write(*stream, talk->request, token);
    if (talk->code) co_return;
    co_await http::async_read_header(*stream, *buffer, talk->parser, token);
    if (talk->code) co_return;
    talk->begin_answer();
    while (!talk->parser.is_done()) {
        talk->offer_room();
        co_await http::async_read_some(*stream, *buffer, talk->parser, token);
        if (talk->code == http::error::need_buffer) talk->code = {};
        if (talk->code || !talk->take_room()) co_return;
    }
}

}  // namespace matriarch::controller
