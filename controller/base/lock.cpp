// flock, and the line that says who holds it.
// It never waits, and never removes the file: a removed lock file locks nobody out.
#include "controller/base/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "controller/base/clock.hpp"
#include "controller/base/text.hpp"

namespace matriarch::controller {
namespace {

auto cannot_lock(const std::string& what, int error) {
    return fail(ErrorKind::unavailable,
                "cannot lock " + what + ": " + std::generic_category().message(error));
}

/// "pid 4711 since 2026-11-22T10:04:07.113Z", as the holder wrote it.
std::string holder(int descriptor) {
    char text[128];
    const ssize_t got = ::pread(descriptor, text, sizeof text, 0);
    if (got <= 0) return "another controller";
    std::string line(text, static_cast<std::size_t>(got));
    line.resize(std::min(line.find('\n'), line.size()));
    return line.empty() ? "another controller" : printable(line);
}

}  // namespace

Result<Lock> Lock::take(const std::filesystem::path& path, const std::string& what) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return cannot_lock(what, errno);
    while (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) return cannot_lock(what, errno);
        return fail(ErrorKind::held,
                    "cannot lock " + what + ": " + holder(file.number()) + " holds it",
                    "Stop the other controller, or let it do the work.");
    }
    const SystemClock clock;
    const std::string line =
        "pid " + std::to_string(::getpid()) + " since " + to_text(clock.now()) + "\n";
    if (::ftruncate(file.number(), 0) != 0 ||
        ::pwrite(file.number(), line.data(), line.size(), 0) != static_cast<ssize_t>(line.size())) {
        return cannot_lock(what, errno);
    }
    return Lock(std::move(file));
}

bool Lock::is_held(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file.is_open()) return false;
    const bool is_free = ::flock(file.number(), LOCK_SH | LOCK_NB) == 0;
    return !is_free && errno == EWOULDBLOCK;
}

}  // namespace matriarch::controller
