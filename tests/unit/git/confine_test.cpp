// The fences hold: tried from inside a child of the test, which reports by its exit code.
#include "controller/git/confine.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "fleet_repository.hpp"

namespace matriarch::git {
namespace {

/// What a child says after it has set its limits and raised its fences.
int answer_inside(const Openings& openings, const std::function<int()>& question) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        if (!set_limits() || !raise_fences(openings)) ::_exit(99);
        ::_exit(question());
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

bool has_landlock() {
    return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) > 0;
}

TEST(GitConfine, RunsNoProgram) {
    EXPECT_EQ(answer_inside({.readable = {"/"}},
                            [] {
                                ::execl("/bin/true", "true", nullptr);
                                return errno == EACCES ? 7 : 8;
                            }),
              7);
}

TEST(GitConfine, OpensNoUnixSocketButAnInternetOne) {
    EXPECT_EQ(answer_inside({},
                            [] {
                                const bool is_refused =
                                    ::socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == EACCES;
                                return is_refused && ::socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 7 : 8;
                            }),
              7);
}

TEST(GitConfine, ReadsAndWritesOnlyWhatIsOpen) {
    if (!has_landlock()) GTEST_SKIP() << "the kernel has no Landlock";
    const TemporaryFolder open;
    const TemporaryFolder closed;
    write_file(open.path() + "/file", "text");
    write_file(closed.path() + "/file", "text");
    const std::string inside = open.path() + "/file";
    const std::string outside = closed.path() + "/file";
    const std::string beside = closed.path() + "/new";
    const auto opens = [](const std::string& path, int flags) {
        return ::open(path.c_str(), flags, 0600) >= 0;
    };
    EXPECT_EQ(answer_inside({.writable = {open.path()}},
                            [&] {
                                return opens(inside, O_RDWR) && !opens(outside, O_RDONLY) &&
                                               !opens(beside, O_WRONLY | O_CREAT) &&
                                               !opens("/etc/passwd", O_RDONLY)
                                           ? 7
                                           : 8;
                            }),
              7);
    EXPECT_EQ(
        answer_inside({.readable = {open.path()}},
                      [&] { return opens(inside, O_RDONLY) && !opens(inside, O_WRONLY) ? 7 : 8; }),
        7);
}

TEST(GitConfine, InheritsNoDescriptorAndLeavesNoCore) {
    const int inherited = ::open("/dev/null", O_RDONLY);
    EXPECT_EQ(answer_inside({},
                            [inherited] {
                                rlimit core{};
                                ::getrlimit(RLIMIT_CORE, &core);
                                return ::fcntl(inherited, F_GETFD) < 0 && core.rlim_max == 0 ? 7
                                                                                             : 8;
                            }),
              7);
    ::close(inherited);
}

}  // namespace
}  // namespace matriarch::git
