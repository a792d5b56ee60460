// posix_spawn, three pipes, and one poll loop until the program's end, its deadline or a stop.
// It never leaves a child behind, running or as a zombie.
#include "controller/base/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "controller/base/descriptor.hpp"
#include "specs/values/check.hpp"

namespace matriarch::controller {
namespace {

using Steady = std::chrono::steady_clock;

auto cannot_run(const Program& program, const std::string& why,
                ErrorKind kind = ErrorKind::unavailable) {
    return fail(kind, "cannot run " + program.arguments.front() + ": " + why);
}

struct Pipe {
    Descriptor from{};
    Descriptor to{};
};

Result<Pipe> make_pipe(const Program& program) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return cannot_run(program, std::generic_category().message(errno));
    }
    return Pipe{.from = Descriptor(ends[0]), .to = Descriptor(ends[1])};
}

void set_nonblocking(const Descriptor& descriptor) {
    const int flags = ::fcntl(descriptor.number(), F_GETFL);
    ::fcntl(descriptor.number(), F_SETFL, flags | O_NONBLOCK);
}

/// Writing to a program that has gone is an answer (EPIPE), not a signal that ends us.
class PipeSignalBlock {
 public:
    PipeSignalBlock() {
        ::sigemptyset(&pipe_);
        ::sigaddset(&pipe_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    PipeSignalBlock(const PipeSignalBlock&) = delete;
    PipeSignalBlock& operator=(const PipeSignalBlock&) = delete;
    ~PipeSignalBlock() {
        if (::sigismember(&before_, SIGPIPE) == 0) {
            const timespec at_once{};
            ::sigtimedwait(&pipe_, nullptr, &at_once);
            ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        }
    }

 private:
    sigset_t pipe_{};
    sigset_t before_{};
};

/// A started program. Whatever happens, its group is killed and it is reaped.
class Child {
 public:
    // By number: glibc 2.36 declares pidfd_open without C linkage.
    explicit Child(pid_t id)
        : id_(id), exited_(static_cast<int>(::syscall(SYS_pidfd_open, id, 0))) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() { end(); }

    /// Becomes readable when the program has ended.
    [[nodiscard]] int exit_descriptor() const { return exited_.number(); }

    /// Kills what is left of the group, reaps the program, and returns its exit code.
    int end() {
        if (id_ < 0) return 0;
        // It is not reaped yet, so its group's number cannot be another's.
        ::kill(-id_, SIGKILL);
        int status = 0;
        while (::waitpid(id_, &status, 0) < 0 && errno == EINTR) {
        }
        id_ = -1;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }

 private:
    pid_t id_;
    Descriptor exited_;
};

/// The null-terminated array of C strings that exec wants.
std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

Result<pid_t> spawn(const Program& program, const Pipe& in, const Pipe& out, const Pipe& err) {
    std::vector<std::string> arguments = program.arguments;
    std::vector<std::string> variables;
    for (const auto& [name, value] : program.environment) variables.push_back(name + "=" + value);

    posix_spawn_file_actions_t files{};
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, in.from.number(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, out.to.number(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, err.to.number(), STDERR_FILENO);

    posix_spawnattr_t attributes{};
    ::posix_spawnattr_init(&attributes);
    sigset_t none{};
    sigset_t all{};
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    pid_t id = -1;
    const int error = ::posix_spawnp(&id, arguments.front().c_str(), &files, &attributes,
                                     pointers(arguments).data(), pointers(variables).data());
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    if (error == ENOENT) return cannot_run(program, "not found", ErrorKind::invalid);
    if (error != 0) return cannot_run(program, std::generic_category().message(error));
    return id;
}

/// Reads what is there now. False: the other end is closed.
bool drain(const Descriptor& from, std::string& into, std::size_t bytes_max) {
    char piece[16'384];
    while (true) {
        const ssize_t got = ::read(from.number(), piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno == EAGAIN;
        if (got == 0) return false;
        const std::size_t room = bytes_max - std::min(bytes_max, into.size());
        into.append(piece, std::min(room, static_cast<std::size_t>(got)));
        if (room < static_cast<std::size_t>(got)) return true;
    }
}

/// Writes what fits now, and closes the pipe after the last byte or when nobody reads it.
void feed(Descriptor& to, std::string_view& rest) {
    while (!rest.empty()) {
        const ssize_t written = ::write(to.number(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) return;
        if (written < 0) break;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    to.close();
}

/// Our ends of the pipes, and what came through.
struct Exchange {
    Descriptor in{};
    Descriptor out{};
    Descriptor err{};
    std::string out_text{};
    std::string err_text{};
};

pollfd watch(const Descriptor& descriptor, short events) {
    return {.fd = descriptor.is_open() ? descriptor.number() : -1, .events = events, .revents = 0};
}

/// Moves bytes until the program ends. Errors: unavailable (deadline, too much output), stopped.
Result<void> converse(const Program& program, const Child& child, const Descriptor& stopping,
                      Exchange& ends) {
    const auto deadline = Steady::now() + program.within;
    std::string_view rest = program.input.reveal();
    while (true) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
        if (left <= 0) return cannot_run(program, "it took too long");
        std::array<pollfd, 5> watched{watch(ends.in, POLLOUT), watch(ends.out, POLLIN),
                                      watch(ends.err, POLLIN), watch(stopping, POLLIN),
                                      pollfd{child.exit_descriptor(), POLLIN, 0}};
        const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(left));
        if (ready < 0 && errno != EINTR) {
            return cannot_run(program, std::generic_category().message(errno));
        }
        if (ready <= 0) continue;
        if (watched[3].revents != 0) return cannot_run(program, "stopped", ErrorKind::stopped);
        if (watched[0].revents != 0) feed(ends.in, rest);
        // One byte more than allowed tells "too much" from "exactly enough".
        const bool has_out = !ends.out.is_open() || watched[1].revents == 0 ||
                             drain(ends.out, ends.out_text, program.out_bytes_max + 1);
        const bool has_err = !ends.err.is_open() || watched[2].revents == 0 ||
                             drain(ends.err, ends.err_text, program.err_bytes_max);
        if (!has_out) ends.out.close();
        if (!has_err) ends.err.close();
        if (ends.out_text.size() > program.out_bytes_max) {
            return cannot_run(
                program, "it wrote more than " + std::to_string(program.out_bytes_max) + " bytes");
        }
        if (watched[4].revents == 0) continue;
        if (ends.out.is_open()) drain(ends.out, ends.out_text, program.out_bytes_max);
        if (ends.err.is_open()) drain(ends.err, ends.err_text, program.err_bytes_max);
        return {};
    }
}

}  // namespace

Result<ProgramEnd> run_program(const Program& program) {
    CHECK(!program.arguments.empty(), "a program has a name");
    const PipeSignalBlock no_pipe_signal;
    Pipe in = TRY(make_pipe(program));
    Pipe out = TRY(make_pipe(program));
    Pipe err = TRY(make_pipe(program));
    const Descriptor stopping(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const std::stop_callback on_stop(program.stop,
                                     [&stopping] { ::eventfd_write(stopping.number(), 1); });

    Child child(TRY(spawn(program, in, out, err)));
    in.from.close();
    out.to.close();
    err.to.close();
    Exchange ends{.in = std::move(in.to), .out = std::move(out.from), .err = std::move(err.from)};
    set_nonblocking(ends.in);
    set_nonblocking(ends.out);
    set_nonblocking(ends.err);
    TRY(converse(program, child, stopping, ends));
    return ProgramEnd{.exit_code = child.end(),
                      .out = Secret(std::move(ends.out_text)),
                      .err = std::move(ends.err_text)};
}

}  // namespace matriarch::controller
