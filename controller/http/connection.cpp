// Header first, the body only where it is wanted, the answer, then a short wait for the client's
// end.
//
// The client is cut off when its time is over, however it spends it: one deadline covers header and
// body together, one the answer, one the end.
#include "controller/http/connection.hpp"

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <memory>

#include "controller/base/log.hpp"

namespace matriarch::controller {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using namespace std::chrono_literals;

// A client that still sends would get a reset, and might never see our answer.
constexpr auto end_within = 1s;
constexpr std::size_t drained_bytes_max = 262'144;
constexpr std::uint32_t header_bytes_max = 8'192;
constexpr std::uint64_t body_bytes_max = 65'536;

// Open pages of a few people; all other connections stay free for scrapers and forges.
constexpr int live_max = 16;
constexpr auto look_again = 1s;
// So often at least something is sent: a client that is gone is noticed by that.
constexpr auto quiet_max = 15s;
// Then the browser connects anew.
constexpr auto live_for = 10min;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
    Connection(boost::asio::ip::tcp::socket socket, const ConnectionHost& host)
        : stream_(std::move(socket)), host_(host) {
        parser_.header_limit(header_bytes_max);
        parser_.body_limit(body_bytes_max);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() {
        if (is_live_) --*host_.live;
        host_.on_end();
    }

    void read_header() {
        stream_.expires_after(host_.within);
        http::async_read_header(stream_, buffer_, parser_,
                                [self = shared_from_this()](beast::error_code error, std::size_t) {
                                    self->after_header(error);
                                });
    }

 private:
    void after_header(beast::error_code error) {
        if (error) return answer_bad_request(error);
        take_header();
        if (!host_.routes->wants_body(request_)) return answer();
        http::async_read(stream_, buffer_, parser_,
                         [self = shared_from_this()](beast::error_code failed, std::size_t) {
                             if (failed) return self->answer_bad_request(failed);
                             self->request_.body = std::move(self->parser_.get().body());
                             self->answer();
                         });
    }

    void take_header() {
        const auto& message = parser_.get();
        request_.verb = std::string(message.method_string());
        request_.target = std::string(message.target());
        for (const auto& field : message) {
            request_.headers.emplace_back(lower_case(field.name_string()),
                                          std::string(field.value()));
        }
    }

    void answer_bad_request(beast::error_code error) {
        if (error == http::error::body_limit)
            return send(error_answer(413, "the body is too large"));
        if (error == http::error::header_limit) {
            return send(error_answer(431, "the header is too large"));
        }
        if (error.category() != http::make_error_code(http::error::bad_method).category()) return;
        if (error == http::error::end_of_stream || error == http::error::partial_message) return;
        send(error_answer(400, "this is not a request"));
    }

    void answer() {
        Answer answer = error_answer(500, "this page is broken");
        try {
            answer = host_.routes->answer(request_);
        } catch (const std::exception&) {
            log::error("failed to answer a request", {{"target", request_.target}});
        }
        if (answer.is_nudge) host_.on_nudge();
        if (answer.is_live && *host_.live >= live_max) {
            answer = error_answer(503, "too many pages are open");
        }
        if (answer.is_live) return begin_live(answer);
        send(std::move(answer));
    }

    void begin_live(const Answer& answer) {
        is_live_ = true;
        ++*host_.live;
        began_ = std::chrono::steady_clock::now();
        std::string head =
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: " + answer.type + "\r\n";
        for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
        version_ = host_.routes->version();
        tell(head + "\r\nretry: 2000\n\n");
    }

    void tell(std::string text) {
        told_ = std::move(text);
        told_at_ = std::chrono::steady_clock::now();
        stream_.expires_after(host_.within);
        boost::asio::async_write(stream_, boost::asio::buffer(told_),
                                 [self = shared_from_this()](beast::error_code error, std::size_t) {
                                     if (!error) self->look_later();
                                 });
    }

    void look_later() {
        stream_.expires_never();
        timer_.expires_after(look_again);
        timer_.async_wait([self = shared_from_this()](beast::error_code error) {
            if (!error) self->look();
        });
    }

    void look() {
        const auto now = std::chrono::steady_clock::now();
        if (now - began_ > live_for) return end();
        const std::uint64_t version = host_.routes->version();
        if (version != version_) {
            version_ = version;
            return tell("data: " + std::to_string(version) + "\n\n");
        }
        if (now - told_at_ > quiet_max) return tell(":\n\n");
        look_later();
    }

    void send(Answer answer) {
        response_.result(static_cast<unsigned>(answer.status));
        response_.set(http::field::content_type, answer.type);
        for (const auto& [name, value] : answer.headers) response_.set(name, value);
        response_.keep_alive(false);
        response_.content_length(answer.body.size());
        if (request_.verb != "HEAD") response_.body() = std::move(answer.body);
        stream_.expires_after(host_.within);
        http::async_write(stream_, response_,
                          [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (!error) self->end();
                          });
    }

    void end() {
        beast::error_code unused;
        stream_.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, unused);
        stream_.expires_after(end_within);
        drain();
    }

    void drain() {
        stream_.async_read_some(
            boost::asio::buffer(drained_),
            [self = shared_from_this()](beast::error_code error, std::size_t bytes) {
                self->drained_bytes_ += bytes;
                if (!error && self->drained_bytes_ < drained_bytes_max) self->drain();
            });
    }

    beast::tcp_stream stream_;
    const ConnectionHost& host_;
    beast::flat_buffer buffer_{header_bytes_max + body_bytes_max};
    http::request_parser<http::string_body> parser_{};
    http::response<http::string_body> response_{};
    Request request_{};
    bool is_live_{false};
    std::uint64_t version_{0};
    std::string told_{};
    std::chrono::steady_clock::time_point began_{};
    std::chrono::steady_clock::time_point told_at_{};
    boost::asio::steady_timer timer_{stream_.get_executor()};
    std::array<char, 4'096> drained_{};
    std::size_t drained_bytes_{0};
};

}  // namespace

void serve_connection(boost::asio::ip::tcp::socket socket, const ConnectionHost& host) {
    std::make_shared<Connection>(std::move(socket), host)->read_header();
}

}  // namespace matriarch::controller
