// Spawning, feeding, listening, killing, reaping. posix_spawn, because the program has threads.
#include "controller/git/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>

#include "controller/base/descriptor.hpp"
#include "controller/git/reader.hpp"
#include "controller/git/worker.hpp"

namespace matriarch::git {
namespace {

using Clock = std::chrono::steady_clock;
using controller::Descriptor;

constexpr std::size_t complaint_bytes_max = 4096;

std::mutex program_lock;  // and the spare child's
std::string program_for_tests;

std::string worker_program() {
    const std::lock_guard guard(program_lock);
    return program_for_tests.empty() ? "/proc/self/exe" : program_for_tests;
}

struct Ends {
    Descriptor ours{};
    Descriptor theirs{};
};

/// A pair of sockets: unlike a pipe, writing to one whose reader is gone need not raise SIGPIPE.
Result<Ends> connected_pair() {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
        return fail(ErrorKind::unavailable,
                    std::string("cannot start the git reader: ") + std::strerror(errno));
    }
    ::fcntl(pair[0], F_SETFL, O_NONBLOCK);
    return Ends{.ours = Descriptor(pair[0]), .theirs = Descriptor(pair[1])};
}

/// The running child with our ends of its standard streams; killed and reaped when it goes.
class Worker {
 public:
    Worker() = default;
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker() {
        if (pid_ > 0) finish();
    }

    /// Loads the program anew.
    [[nodiscard]] Result<void> start();
    /// For fork_reader() alone.
    [[nodiscard]] Result<void> fork();

    /// Kills whatever is left of the group, and returns the child's wait status.
    int finish() {
        // The leader is not yet reaped, so the group's number cannot belong to anybody else.
        ::kill(-pid_, SIGKILL);
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status;
    }

    Ends input{};
    Ends output{};
    Ends complaint{};
    /// Readable once the child has ended.
    Descriptor exit_notice{};

 private:
    [[nodiscard]] Result<void> connect();
    [[nodiscard]] Result<void> watch_its_end();

    pid_t pid_{-1};
};

/// In the child made by fork: what a program that is loaded anew has by itself.
[[noreturn]] void begin_anew(const Ends& input, const Ends& output, const Ends& complaint) {
    ::setpgid(0, 0);
    ::dup2(input.theirs.number(), STDIN_FILENO);
    ::dup2(output.theirs.number(), STDOUT_FILENO);
    ::dup2(complaint.theirs.number(), STDERR_FILENO);
    ::closefrom(STDERR_FILENO + 1);
    for (char** variable = environ; *variable != nullptr; ++variable) {
        ::explicit_bzero(*variable, std::strlen(*variable));
    }
    ::clearenv();
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::_exit(git_worker_main());
}

Result<void> Worker::fork() {
    TRY(connect());
    pid_ = ::fork();
    if (pid_ == 0) begin_anew(input, output, complaint);
    if (pid_ < 0) return fail(ErrorKind::unavailable, "cannot fork");
    ::setpgid(pid_, pid_);  // here and there: it must be so for whoever is first
    return watch_its_end();
}

Result<void> Worker::connect() {
    input = TRY(connected_pair());
    output = TRY(connected_pair());
    complaint = TRY(connected_pair());
    return {};
}

Result<void> Worker::watch_its_end() {
    input.theirs.close();
    output.theirs.close();
    complaint.theirs.close();
    exit_notice = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (exit_notice.is_open()) return {};
    return fail(ErrorKind::unavailable,
                std::string("cannot watch the git reader: ") + std::strerror(errno));
}

Result<void> Worker::start() {
    TRY(connect());
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input.theirs.number(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, output.theirs.number(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, complaint.theirs.number(), STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const std::string program = worker_program();
    std::string name = "matriarch";
    std::string command = "git-worker";
    std::string language = "LC_ALL=C.UTF-8";
    std::array<char*, 3> arguments{name.data(), command.data(), nullptr};
    std::array<char*, 2> environment{language.data(), nullptr};
    const int error = ::posix_spawn(&pid_, program.c_str(), &files, &attributes, arguments.data(),
                                    environment.data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        pid_ = -1;
        return fail(ErrorKind::unavailable,
                    "cannot start the git reader " + program + ": " + std::strerror(error));
    }
    return watch_its_end();
}

/// Made ahead, until a question takes it.
std::unique_ptr<Worker> spare;

std::unique_ptr<Worker> take_spare() {
    const std::lock_guard guard(program_lock);
    return std::move(spare);
}

/// Sends what fits; closes the child's input when all of it is sent or nobody reads it.
void feed(Descriptor& socket, std::string_view& left) {
    const ssize_t sent = ::send(socket.number(), left.data(), left.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent > 0) left.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 || left.empty()) socket.close();
}

/// Appends what is there, up to a limit; closes at the end. False: the limit is exceeded.
bool listen(Descriptor& socket, std::string& text, std::size_t bytes_max) {
    std::array<char, 65536> buffer{};
    const ssize_t count = ::recv(socket.number(), buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (count <= 0) {
        socket.close();
        return true;
    }
    const std::size_t room = bytes_max - text.size();
    text.append(buffer.data(), std::min(room, static_cast<std::size_t>(count)));
    return static_cast<std::size_t>(count) <= room;
}

int milliseconds_until(Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 60'000));
}

pollfd watch(const Descriptor& descriptor, short events) {
    return {.fd = descriptor.number(), .events = events, .revents = 0};
}

/// Feeds and listens until the child has ended (exited), or a reason to end it is found.
Ending converse(Worker& worker, std::string_view input, std::size_t output_bytes_max,
                Clock::time_point deadline, const Descriptor& stop_notice, ChildRun& run) {
    bool has_ended = false;
    // What the child said is read to its end even after it has ended; a closed socket is not
    // polled.
    while (!has_ended || worker.output.ours.is_open()) {
        std::array<pollfd, 5> watched{watch(worker.input.ours, POLLOUT),
                                      watch(worker.output.ours, POLLIN),
                                      watch(worker.complaint.ours, POLLIN),
                                      has_ended ? pollfd{.fd = -1, .events = 0, .revents = 0}
                                                : watch(worker.exit_notice, POLLIN),
                                      watch(stop_notice, POLLIN)};
        const int ready = ::poll(watched.data(), watched.size(), milliseconds_until(deadline));
        if (ready == 0 && Clock::now() >= deadline) return Ending::too_late;
        if (ready <= 0) continue;
        if (watched[4].revents != 0) return Ending::stopped;
        if (watched[0].revents != 0) feed(worker.input.ours, input);
        if (watched[1].revents != 0 && !listen(worker.output.ours, run.output, output_bytes_max)) {
            return Ending::too_much;
        }
        // What exceeds the limit of complaints is read and dropped, so that the child never blocks.
        if (watched[2].revents != 0) {
            static_cast<void>(listen(worker.complaint.ours, run.complaint, complaint_bytes_max));
        }
        has_ended = has_ended || watched[3].revents != 0;
    }
    return Ending::exited;
}

}  // namespace

void fork_reader() {
    auto worker = std::make_unique<Worker>();
    if (!worker->fork()) return;
    const std::lock_guard guard(program_lock);
    spare = std::move(worker);
}

void set_worker_program(std::string program) {
    const std::lock_guard guard(program_lock);
    program_for_tests = std::move(program);
}

Result<ChildRun> run_worker(const std::string& input, std::size_t output_bytes_max,
                            std::chrono::milliseconds within, std::stop_token stop) {
    const Clock::time_point deadline = Clock::now() + within;
    const Descriptor stop_notice(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const std::stop_callback wake(
        stop, [&stop_notice] { static_cast<void>(::eventfd_write(stop_notice.number(), 1)); });
    std::unique_ptr<Worker> worker = take_spare();
    if (worker == nullptr) {
        worker = std::make_unique<Worker>();
        TRY(worker->start());
    }
    ChildRun run;
    run.ending = converse(*worker, input, output_bytes_max, deadline, stop_notice, run);
    const int status = worker->finish();
    if (run.ending == Ending::exited) {
        run.ending = WIFSIGNALED(status) ? Ending::killed_by_signal : Ending::exited;
        run.code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    }
    return run;
}

}  // namespace matriarch::git
