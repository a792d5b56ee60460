// https against a real git server with a certificate authority of its own, on loopback.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>

#include "controller/git/writer.hpp"
#include "fleet_repository.hpp"
#include "local_server.hpp"

namespace matriarch::git {
namespace {

constexpr const char* token = "tok-4f1e2d3c";

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> server_arguments(const std::string& at, const std::string& log,
                                          const std::string& moved_to) {
    return {"python3",
            std::string(TEST_SOURCE_FOLDER) + "/serve_https.py",
            at,
            at + "/server.pem",
            at + "/server.key",
            token,
            at + "/" + log,
            moved_to};
}

/// An authority, a certificate for localhost, a fleet, and two servers for it: made once.
struct Scene {
    Scene() {
        const std::string at = fleet.root() + "/";
        const std::string curve = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";
        run("openssl req -x509 -days 2 -subj /CN=test-authority" + curve + "-keyout " + at +
            "ca.key -out " + at + "ca.pem");
        run("openssl req -subj /CN=localhost" + curve + "-keyout " + at + "server.key -out " + at +
            "server.csr");
        write_file(at + "names", "subjectAltName=DNS:localhost\n");
        run("openssl x509 -req -days 2 -in " + at + "server.csr -CA " + at + "ca.pem -CAkey " + at +
            "ca.key -CAcreateserial -extfile " + at + "names -out " + at + "server.pem");
        fleet.write("fleet/one.yaml", "instance: one\n");
        id = fleet.commit("Add one");
        second = std::make_unique<LocalServer>(server_arguments(fleet.root(), "second.log", ""));
        // The same machine, but by another name: to a client, another host.
        const std::string elsewhere = "https://127.0.0.1:" + second->first_line();
        first =
            std::make_unique<LocalServer>(server_arguments(fleet.root(), "first.log", elsewhere));
        port = first->first_line();
    }

    FleetRepository fleet{};
    std::string id{};
    std::string port{};
    std::unique_ptr<LocalServer> first{};
    std::unique_ptr<LocalServer> second{};
};

class GitHttps : public testing::Test {
 protected:
    static void SetUpTestSuite() { scene = std::make_unique<Scene>(); }
    static void TearDownTestSuite() { scene.reset(); }

    void SetUp() override {
        for (const char* log : {"first.log", "second.log"}) write_file(file(log), "");
        write_file(file("token"), std::string(token) + "\n");
        std::filesystem::remove_all(scene->fleet.state_folder());
    }

    [[nodiscard]] static std::string file(const std::string& name) {
        return scene->fleet.root() + "/" + name;
    }

    [[nodiscard]] static Source source(const std::string& zone) {
        Source source = scene->fleet.source();
        source.url = "https://localhost:" + scene->port + "/" + zone + "/work/.git";
        source.ca_file = file("ca.pem");
        return source;
    }

    static inline std::unique_ptr<Scene> scene{};
};

TEST_F(GitHttps, FetchesWithAnAuthorityOfOnesOwn) {
    const Result<Revision> revision = read(source("open"));
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->id, scene->id);
    EXPECT_EQ(revision->files.size(), 1U);
    Source again = source("open");
    again.known_commit = scene->id;
    EXPECT_TRUE(read(again)->unchanged);
}

TEST_F(GitHttps, RefusesACertificateThatNobodyVouchesFor) {
    Source stranger = source("open");
    stranger.ca_file = "";
    const Result<Revision> revision = read(stranger);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::refused) << words_of(revision);
    EXPECT_EQ(text_of(file("first.log")), "");
}

TEST_F(GitHttps, RefusesACertificateOfAnotherName) {
    Source other = source("open");
    other.url = "https://127.0.0.1:" + scene->port + "/open/work/.git";
    const Result<Revision> revision = read(other);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::refused) << words_of(revision);
}

TEST_F(GitHttps, SendsTheTokenOfAFile) {
    Source with_token = source("token");
    with_token.token_file = file("token");
    const Result<Revision> revision = read(with_token);
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->id, scene->id);
}

TEST_F(GitHttps, PushesABranchWithTheToken) {
    Source branch = source("token");
    branch.token_file = file("token");
    branch.branch = "matriarch/drift";
    branch.state_folder = file("reports");
    // As people's servers do, it takes no push before it is told to.
    const Writing writing{.files = {{"reports/one.md", "a"}}, .subject = "Drift"};
    const auto refused = write_branch(branch, writing, patience, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::refused) << words_of(refused);
    scene->fleet.git("config http.receivepack true");
    const auto commit = write_branch(branch, writing, patience, {});
    ASSERT_TRUE(commit) << words_of(commit);
    EXPECT_EQ(scene->fleet.git("rev-parse matriarch/drift"), *commit);
}

TEST_F(GitHttps, SendsTheTokenOfAVariable) {
    ::setenv("MATRIARCH_TEST_TOKEN", token, 1);
    Source with_token = source("token");
    with_token.token_variable = "MATRIARCH_TEST_TOKEN";
    const Result<Revision> revision = read(with_token);
    EXPECT_TRUE(revision) << words_of(revision);
    ::unsetenv("MATRIARCH_TEST_TOKEN");
    EXPECT_EQ(read(with_token).error().kind, ErrorKind::refused);
}

TEST_F(GitHttps, SaysThatTheTokenIsMissingOrWrongWithoutShowingIt) {
    const Result<Revision> without = read(source("token"));
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().kind, ErrorKind::refused) << words_of(without);
    write_file(file("token"), "tok-wrong-one\n");
    Source wrong = source("token");
    wrong.token_file = file("token");
    const Result<Revision> revision = read(wrong);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::refused) << words_of(revision);
    EXPECT_NE(revision.error().message.find("does not accept the token"), std::string::npos)
        << words_of(revision);
    EXPECT_EQ(words_of(revision).find("tok-wrong"), std::string::npos);
}

TEST_F(GitHttps, RefusesATokenFileThatOthersCanRead) {
    Source with_token = source("token");
    with_token.token_file = file("token");
    std::filesystem::permissions(with_token.token_file, std::filesystem::perms{0644});
    const Result<Revision> revision = read(with_token);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::refused);
    EXPECT_NE(revision.error().hint.find("chmod 600"), std::string::npos);
}

TEST_F(GitHttps, NeverFollowsARedirectToAnotherHost) {
    Source moved = source("moved");
    moved.token_file = file("token");
    const Result<Revision> revision = read(moved);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::invalid) << words_of(revision);
    EXPECT_NE(text_of(file("first.log")), "");
    EXPECT_EQ(text_of(file("second.log")), "");
}

TEST_F(GitHttps, SaysThatThereIsNoSuchRepository) {
    const Result<Revision> revision = read(source("nowhere"));
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::invalid) << words_of(revision);
}

}  // namespace
}  // namespace matriarch::git
