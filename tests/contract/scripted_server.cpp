// ScriptedServer: plain blocking sockets on a thread of its own, one connection after the other.
#include "tests/contract/scripted_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

namespace matriarch::controller {
namespace {

// Reads to the end of the header (and whatever of the body came along). Empty: the other side left.
std::string read_request(int connection, const std::atomic<bool>& ends) {
    std::string text;
    while (text.find("\r\n\r\n") == std::string::npos) {
        pollfd readable{.fd = connection, .events = POLLIN, .revents = 0};
        if (ends) return {};
        if (poll(&readable, 1, 20) == 0) continue;
        char bytes[4096];
        const ssize_t size = recv(connection, bytes, sizeof bytes, 0);
        if (size <= 0) return {};
        text.append(bytes, static_cast<std::size_t>(size));
    }
    return text;
}

}  // namespace

std::string http_answer(const std::string& body, const std::string& status) {
    return "HTTP/1.1 " + status +
           "\r\nApi-Version: 1.41\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

ScriptedServer::ScriptedServer(std::vector<Scripted> script)
    : script_(std::move(script)), is_said_(script_.size()) {
    static std::atomic<int> count{0};
    path_ = "/tmp/scripted-" + std::to_string(getpid()) + "-" + std::to_string(++count) + ".sock";
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 8) != 0) {
        std::perror("scripted server");
        std::abort();
    }
    thread_ = std::jthread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
    ends_ = true;
    thread_.join();
    close(listener_);
    unlink(path_.c_str());
}

std::vector<std::string> ScriptedServer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void ScriptedServer::serve() {
    while (!ends_) {
        pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
        if (poll(&waiting, 1, 20) <= 0) continue;
        const int connection = accept(listener_, nullptr, nullptr);
        if (connection < 0) continue;
        ++connections_;
        serve_one(connection);
        close(connection);
    }
}

const Scripted* ScriptedServer::answer_to(const std::string& request) {
    for (std::size_t i = 0; i < script_.size(); ++i) {
        if (is_said_[i] || request.find(script_[i].of) == std::string::npos) continue;
        is_said_[i] = true;
        return &script_[i];
    }
    return nullptr;
}

void ScriptedServer::serve_one(int connection) {
    while (true) {
        const std::string request = read_request(connection, ends_);
        if (request.empty()) return;
        {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request.substr(0, request.find('\r')));
        }
        const Scripted* const step = answer_to(request.substr(0, request.find('\r')));
        if (step == nullptr) {
            read_request(connection, ends_);  // mute until the other side leaves
            return;
        }
        std::string_view rest = step->answer;
        while (!rest.empty()) {
            const ssize_t sent = send(connection, rest.data(), rest.size(), MSG_NOSIGNAL);
            if (sent <= 0) return;
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
        if (step->hangs_up) return;
    }
}

}  // namespace matriarch::controller
