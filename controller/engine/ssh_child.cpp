// SshChild: posix_spawn with a socket pair. All descriptors are close-on-exec, so no other child of
// this program inherits one and keeps the connection open.
#include "controller/engine/ssh_child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "controller/engine/text.hpp"

extern char** environ;

namespace matriarch::controller {
namespace {

std::vector<std::string> command_line(const Endpoint& endpoint) {
    std::vector<std::string> words{"ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"};
    if (!endpoint.user.empty()) words.insert(words.end(), {"-l", endpoint.user});
    if (!endpoint.port.empty()) words.insert(words.end(), {"-p", endpoint.port});
    words.insert(words.end(), {"--", endpoint.host, "docker", "system", "dial-stdio"});
    return words;
}

// Returns 0 or the error's number.
int spawn(const Endpoint& endpoint, int socket, int errors, pid_t& id) {
    std::vector<std::string> words = command_line(endpoint);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);

    // This program blocks the signals it waits for; a child that inherits that could not be ended.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    const int number = posix_spawnp(&id, "ssh", &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

}  // namespace

Result<std::unique_ptr<SshChild>> SshChild::start(const Endpoint& endpoint) {
    int sockets[2] = {-1, -1};
    int errors[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
        return fail(ErrorKind::unavailable,
                    std::string("cannot start ssh: ") + std::strerror(errno));
    }
    if (pipe2(errors, O_CLOEXEC | O_NONBLOCK) != 0) {
        const std::string why = std::strerror(errno);
        close(sockets[0]);
        close(sockets[1]);
        return fail(ErrorKind::unavailable, "cannot start ssh: " + why);
    }
    pid_t id = 0;
    const int number = spawn(endpoint, sockets[1], errors[1], id);
    close(sockets[1]);
    close(errors[1]);
    if (number != 0) {
        close(sockets[0]);
        close(errors[0]);
        return fail(ErrorKind::unavailable,
                    std::string("cannot start ssh: ") + std::strerror(number),
                    "Install openssh-client, or use unix:// or tcp://.");
    }
    return std::unique_ptr<SshChild>(new SshChild(id, sockets[0], errors[0]));
}

SshChild::~SshChild() {
    if (socket_ >= 0) close(socket_);
    close(errors_);
    kill(id_, SIGTERM);
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
}

int SshChild::take_socket() {
    return std::exchange(socket_, -1);
}

std::string SshChild::complaint() const {
    char text[512];
    const ssize_t size = read(errors_, text, sizeof text);
    return size <= 0 ? std::string()
                     : one_line(std::string_view(text, static_cast<std::size_t>(size)));
}

}  // namespace matriarch::controller
