// URLs, watched paths and branches: what is understood, what is refused, and that nothing is shown.
#include "controller/git/address.hpp"

#include <gtest/gtest.h>

namespace matriarch::git {
namespace {

TEST(GitAddress, TakesEveryTransportApart) {
    const Result<Address> https = parse_address("https://me@Git.Example:8443/a/b.git", false);
    ASSERT_TRUE(https);
    EXPECT_EQ(https->transport, Transport::https);
    EXPECT_EQ(https->user, "me");
    EXPECT_EQ(https->host, "git.example");
    EXPECT_EQ(https->port, 8443);
    EXPECT_EQ(https->path, "/a/b.git");
    const Result<Address> ssh = parse_address("ssh://git@host/~me/fleet", false);
    ASSERT_TRUE(ssh);
    EXPECT_EQ(ssh->transport, Transport::ssh);
    EXPECT_EQ(ssh->port, 22);
    const Result<Address> scp = parse_address("git@host:me/fleet.git", false);
    ASSERT_TRUE(scp);
    EXPECT_EQ(scp->transport, Transport::ssh);
    EXPECT_EQ(scp->host, "host");
    EXPECT_EQ(scp->path, "me/fleet.git");
    EXPECT_EQ(parse_address("file:///srv/my%20fleet/", false)->path, "/srv/my fleet");
    EXPECT_EQ(parse_address("/srv/fleet.git", false)->url, "/srv/fleet.git");
    EXPECT_EQ(parse_address("https://[::1]:8443/a", false)->host, "::1");
}

TEST(GitAddress, RefusesWhatIsNotAnAddress) {
    for (const char* url : {"",
                            "fleet",
                            "../fleet",
                            "./fleet",
                            "https://host",
                            "https://host/",
                            "https:///a",
                            "https://host:0/a",
                            "https://host:99999/a",
                            "https://ho st/a",
                            "ftp://host/a",
                            "file://host/a",
                            "file:///a%0ab",
                            "file:///a%zz",
                            "https://host/a\nb",
                            "ssh://-oProxy/a",
                            "ssh://host/a';id;'",
                            "host:a b",
                            "git@host:",
                            "https://me@/a",
                            "https://[::1/a"}) {
        const Result<Address> address = parse_address(url, false);
        ASSERT_FALSE(address) << url;
        EXPECT_EQ(address.error().kind, ErrorKind::invalid) << url;
    }
}

TEST(GitAddress, RefusesAPasswordWithoutRepeatingIt) {
    for (const char* url :
         {"https://me:hunter2@host/a", "https://:hunter2@host/a", "ssh://me:hunter2@host/a"}) {
        const Result<Address> address = parse_address(url, true);
        ASSERT_FALSE(address) << url;
        EXPECT_EQ(address.error().kind, ErrorKind::refused) << url;
        EXPECT_EQ(to_text(address.error()).find("hunter2"), std::string::npos) << url;
    }
}

TEST(GitAddress, AllowsOpenTransportsOnlyToThisMachine) {
    for (const char* host : {"127.0.0.1", "localhost", "[::1]"}) {
        EXPECT_TRUE(parse_address("http://" + std::string(host) + "/a", false)) << host;
    }
    for (const char* host : {"host", "localhost.evil", "127.0.0.1.evil", "10.0.0.1"}) {
        const Result<Address> address = parse_address("git://" + std::string(host) + "/a", false);
        ASSERT_FALSE(address) << host;
        EXPECT_EQ(address.error().kind, ErrorKind::refused) << host;
        EXPECT_TRUE(parse_address("git://" + std::string(host) + "/a", true)) << host;
    }
}

TEST(GitAddress, WatchesOnlyPlainPaths) {
    EXPECT_EQ(*parse_watched_path(""), "");
    EXPECT_EQ(*parse_watched_path("."), "");
    EXPECT_EQ(*parse_watched_path("fleet/"), "fleet");
    EXPECT_EQ(*parse_watched_path("a/b"), "a/b");
    for (const char* path : {"/fleet", "../fleet", "a/../b", "a//b", "./a", "a/."}) {
        EXPECT_FALSE(parse_watched_path(path)) << path;
    }
    EXPECT_NE(parse_watched_path("a\n/..").error().message.find("folder a\\n/..:"),
              std::string::npos);
}

TEST(GitAddress, WatchesOnlyBranchesThatGitAllows) {
    for (const char* branch : {"", "main", "release/4.5", "me@work", "feature_x-1"}) {
        EXPECT_TRUE(check_branch(branch)) << branch;
    }
    for (const char* branch : {"-x", "a..b", "a b", "a~1", "a^", "a:b", "a*", "a\\b", "/a", "a/",
                               "a//b", "a.lock", "a@{1}", "a\nb"}) {
        EXPECT_FALSE(check_branch(branch)) << branch;
    }
}

}  // namespace
}  // namespace matriarch::git
