// ssh against a real sshd with keys of its own, on loopback. Skipped where openssh-server is
// missing.
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "controller/git/writer.hpp"
#include "fleet_repository.hpp"
#include "local_server.hpp"

namespace matriarch::git {
namespace {

class GitSsh : public testing::Test {
 protected:
    void SetUp() override {
        if (!std::filesystem::exists("/usr/sbin/sshd")) {
            GTEST_SKIP() << "openssh-server is not installed";
        }
        if (::geteuid() == 0) std::filesystem::create_directories("/run/sshd");
        for (const char* name : {"host_ed25519", "user_ed25519", "stranger"}) {
            run("ssh-keygen -q -t ed25519 -N '' -C '' -f " + file(name));
        }
        run("ssh-keygen -q -t ecdsa -N '' -C '' -f " + file("host_ecdsa"));
        run("cp " + file("user_ed25519.pub") + " " + file("authorized"));
        port = free_port();
        write_file(file("config"),
                   "ListenAddress 127.0.0.1\nPort " + std::to_string(port) + "\nHostKey " +
                       file("host_ed25519") + "\nHostKey " + file("host_ecdsa") +
                       "\nAuthorizedKeysFile " + file("authorized") +
                       "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                       "KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
                       "PidFile none\n");
        server = std::make_unique<LocalServer>(std::vector<std::string>{
            "/usr/sbin/sshd", "-D", "-E", file("log"), "-f", file("config")});
        ASSERT_TRUE(wait_for_port(port));
        fleet.write("fleet/one.yaml", "instance: one\n");
        id = fleet.commit("Add one");
        know("host_ed25519");
    }

    /// Makes known_hosts of one public key.
    void know(const std::string& key) const {
        std::ifstream file_with_key(file(key + ".pub"));
        std::ostringstream text;
        text << "[127.0.0.1]:" << port << " " << file_with_key.rdbuf();
        write_file(file("known_hosts"), text.str());
    }

    [[nodiscard]] std::string file(const std::string& name) const {
        return fleet.root() + "/" + name;
    }

    [[nodiscard]] Source source() const {
        Source source = fleet.source();
        source.url = std::string("ssh://") + ::getpwuid(::geteuid())->pw_name +
                     "@127.0.0.1:" + std::to_string(port) + fleet.folder();
        source.ssh_key_file = file("user_ed25519");
        source.known_hosts_file = file("known_hosts");
        return source;
    }

    FleetRepository fleet{};
    std::string id{};
    int port{0};
    std::unique_ptr<LocalServer> server{};
};

TEST_F(GitSsh, FetchesWithAKeyFromAKnownHost) {
    const Result<Revision> revision = read(source());
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->id, id);
    EXPECT_EQ(revision->files.size(), 1U);
}

TEST_F(GitSsh, AsksForTheKindOfHostKeyThatIsKnown) {
    know("host_ecdsa");
    const Result<Revision> ecdsa = read(source());
    EXPECT_TRUE(ecdsa) << words_of(ecdsa);
    run("ssh-keygen -q -H -f " + file("known_hosts"));
    const Result<Revision> hashed = read(source());
    EXPECT_TRUE(hashed) << words_of(hashed);
}

TEST_F(GitSsh, RefusesAHostThatIsNotKnownAndSaysHowToAddIt) {
    write_file(file("known_hosts"), "# nobody yet\n");
    for (const bool has_file : {true, false}) {
        Source unknown = source();
        if (!has_file) unknown.known_hosts_file = "";
        const Result<Revision> revision = read(unknown);
        ASSERT_FALSE(revision);
        EXPECT_EQ(revision.error().kind, ErrorKind::refused) << words_of(revision);
        EXPECT_NE(revision.error().message.find("SHA256:"), std::string::npos);
        EXPECT_NE(revision.error().hint.find("ssh-keyscan -p " + std::to_string(port)),
                  std::string::npos);
    }
}

TEST_F(GitSsh, RefusesAHostThatShowsAnotherKey) {
    know("stranger");
    const Result<Revision> revision = read(source());
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::refused) << words_of(revision);
    EXPECT_NE(revision.error().message.find("not the one"), std::string::npos)
        << words_of(revision);
}

TEST_F(GitSsh, SaysThatTheKeyIsNotAccepted) {
    Source stranger = source();
    stranger.ssh_key_file = file("stranger");
    const Result<Revision> revision = read(stranger);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::refused) << words_of(revision);
    EXPECT_NE(revision.error().message.find("does not accept the key"), std::string::npos)
        << words_of(revision);
    stranger.ssh_key_file = "";
    EXPECT_EQ(read(stranger).error().kind, ErrorKind::refused);
}

TEST_F(GitSsh, PushesABranchAndSaysWhatTheServerRefuses) {
    Source branch = source();
    branch.branch = "matriarch/drift";
    branch.state_folder = file("reports");
    const auto begun = write_branch(
        branch, {.files = {{"reports/one.md", "a"}}, .subject = "Drift"}, patience, {});
    ASSERT_TRUE(begun) << words_of(begun);
    EXPECT_EQ(fleet.git("rev-parse matriarch/drift"), *begun);
    const std::string hook = fleet.folder() + "/.git/hooks/update";
    write_file(hook, "#!/bin/sh\nexit 1\n");
    std::filesystem::permissions(hook, std::filesystem::perms{0700});
    const auto refused = write_branch(
        branch, {.files = {{"reports/one.md", "b"}}, .subject = "Drift"}, patience, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::refused) << words_of(refused);
    EXPECT_NE(refused.error().message.find("does not take the branch matriarch/drift"),
              std::string::npos)
        << words_of(refused);
    EXPECT_EQ(fleet.git("rev-parse matriarch/drift"), *begun);
}

TEST_F(GitSsh, RefusesAKeyFileThatOthersCanRead) {
    std::filesystem::permissions(file("user_ed25519"), std::filesystem::perms{0640});
    const Result<Revision> revision = read(source());
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::refused);
}

}  // namespace
}  // namespace matriarch::git
