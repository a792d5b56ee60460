// Host keys: only the very key under the very name is trusted.
#include "controller/git/known_hosts.hpp"

#include <gtest/gtest.h>

namespace matriarch::git {
namespace {

// "key-one" and "key-two" in base64.
constexpr const char* one = "a2V5LW9uZQ==";
constexpr const char* two = "a2V5LXR3bw==";

HostKey find(const std::string& known_hosts, const std::string& host = "git.example",
             int port = 22) {
    return find_host_key(known_hosts, {.host = host, .port = port, .key = "key-one"});
}

TEST(GitKnownHosts, TrustsTheVeryKeyUnderTheVeryName) {
    const std::string line = std::string("other,git.example ssh-ed25519 ") + one + " comment\r\n";
    EXPECT_EQ(find(line), HostKey::matches);
    EXPECT_EQ(find("# git.example\n\n" + line), HostKey::matches);
    EXPECT_EQ(find(line, "git.example", 2222), HostKey::unknown);
    EXPECT_EQ(find(line, "example"), HostKey::unknown);
    EXPECT_EQ(find(std::string("[git.example]:2222 ssh-ed25519 ") + one, "git.example", 2222),
              HostKey::matches);
}

TEST(GitKnownHosts, TellsAnotherKeyFromNone) {
    const std::string other = std::string("git.example ssh-ed25519 ") + two + "\n";
    EXPECT_EQ(find(other), HostKey::differs);
    EXPECT_EQ(find(other + "git.example ssh-ed25519 " + one), HostKey::matches);
    EXPECT_EQ(find(""), HostKey::unknown);
    EXPECT_EQ(find("git.example\ngit.example ssh-ed25519\n"), HostKey::unknown);
}

TEST(GitKnownHosts, NeverTrustsARevokedKeyNorWhatItDoesNotUnderstand) {
    const std::string good = std::string("git.example ssh-ed25519 ") + one + "\n";
    const std::string revoked = std::string("@revoked git.example ssh-ed25519 ") + one + "\n";
    EXPECT_EQ(find(good + revoked), HostKey::revoked);
    EXPECT_EQ(find(revoked + good), HostKey::revoked);
    EXPECT_EQ(find(std::string("@cert-authority git.example ssh-ed25519 ") + one),
              HostKey::unknown);
    EXPECT_EQ(find(std::string("*.example ssh-ed25519 ") + one), HostKey::unknown);
    EXPECT_EQ(find(std::string("|1|x ssh-ed25519 ") + one), HostKey::unknown);
    EXPECT_EQ(find(std::string("|1|!!!!|???? ssh-ed25519 ") + one), HostKey::unknown);
}

TEST(GitKnownHosts, ReadsHashedNames) {
    // HMAC-SHA1 of "git.example" under the salt 00 01 .. 13, computed with Python.
    const std::string hashed =
        "|1|AAECAwQFBgcICQoLDA0ODxAREhM=|ofeWoBPxCZqYoYdPpknNO778Vcc= ssh-ed25519 ";
    EXPECT_EQ(find(hashed + one), HostKey::matches);
    EXPECT_EQ(find(hashed + one, "other.example"), HostKey::unknown);
}

TEST(GitKnownHosts, PutsTheKeysThatServersStillShowFirst) {
    EXPECT_EQ(lines_for_host(std::string("h ssh-rsa ") + one + "\nx ssh-ed25519 " + two +
                                 "\nh ssh-ed25519 " + two + "\n@revoked h ssh-ed25519 " + one,
                             "h", 22),
              std::string("h ssh-ed25519 ") + two + "\nh ssh-rsa " + one + "\n");
}

TEST(GitKnownHosts, PrintsFingerprintsAsSshDoes) {
    EXPECT_EQ(fingerprint_text(std::string(32, '\0')),
              "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

}  // namespace
}  // namespace matriarch::git
