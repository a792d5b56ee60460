// Servers that do not answer: every call ends at its deadline, or at once when asked to stop.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "controller/git/reader.hpp"
#include "fleet_repository.hpp"

namespace matriarch::git {
namespace {

/// Listens on loopback and never answers.
class BlackHole {
 public:
    BlackHole() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
        ::listen(socket_, 8);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    ~BlackHole() { ::close(socket_); }
    BlackHole(const BlackHole&) = delete;
    BlackHole& operator=(const BlackHole&) = delete;
    [[nodiscard]] std::string port() const { return std::to_string(port_); }

 private:
    int socket_{-1};
    int port_{0};
};

TEST(GitSilence, GivesUpOnAServerThatNeverAnswers) {
    const BlackHole hole;
    std::vector<std::jthread> threads;
    for (const std::string scheme : {"https", "http", "git", "ssh"}) {
        threads.emplace_back([scheme, &hole] {
            const TemporaryFolder state;
            const Source source{.url = scheme + "://127.0.0.1:" + hole.port() + "/fleet.git",
                                .branch = "main",
                                .state_folder = state.path()};
            const Result<Revision> revision = read_revision(source, std::chrono::seconds(1), {});
            ASSERT_FALSE(revision) << scheme;
            EXPECT_EQ(revision.error().kind, ErrorKind::unavailable) << words_of(revision);
            EXPECT_NE(revision.error().message.find("within 1 s"), std::string::npos)
                << words_of(revision);
        });
    }
}

TEST(GitSilence, StopsAtOnceWhenAsked) {
    const BlackHole hole;
    const TemporaryFolder state;
    std::stop_source stop;
    const Source source{.url = "https://127.0.0.1:" + hole.port() + "/fleet.git",
                        .branch = "main",
                        .state_folder = state.path()};
    std::jthread later([&stop] {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        stop.request_stop();
    });
    const Result<Revision> revision =
        read_revision(source, std::chrono::hours(1), stop.get_token());
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::stopped);
}

TEST(GitSilence, SaysThatNobodyListens) {
    const TemporaryFolder state;
    std::string port;
    { port = BlackHole().port(); }
    const Source source{.url = "https://127.0.0.1:" + port + "/fleet.git",
                        .branch = "main",
                        .state_folder = state.path()};
    const Result<Revision> revision = read(source);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::unavailable) << words_of(revision);
}

}  // namespace
}  // namespace matriarch::git
