// Signed commits, by real git, OpenSSH and GnuPG: whose count, and whose do not.
#include "controller/loop/signature.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/git/fleet_repository.hpp"
#include "tests/unit/git/local_server.hpp"

namespace matriarch::controller {
namespace {

using ::testing::HasSubstr;

class Signature : public testing::Test {
 protected:
    void SetUp() override {
        for (const char* name : {"ada", "stranger"}) {
            git::run("ssh-keygen -q -t ed25519 -N '' -C '' -f " + file(name));
        }
        std::ifstream key(file("ada.pub"));
        std::string type;
        std::string blob;
        key >> type >> blob;
        ada = type + " " + blob;
        allow("ada@example.org " + ada);
        std::filesystem::create_directories(fleet.state_folder());
    }

    [[nodiscard]] std::string file(const std::string& name) const {
        return fleet.root() + "/" + name;
    }

    void allow(const std::string& line) const { git::write_file(file("signers"), line + "\n"); }

    /// A commit signed with that key, as it is read.
    [[nodiscard]] git::Revision signed_by(const std::string& name) const {
        fleet.write("fleet/one.yaml", "instance: " + name + "\n");
        fleet.git("add --all");
        fleet.git("-c gpg.format=ssh -c user.signingKey=" + file(name) +
                  " commit --quiet --allow-empty -S -m 'By " + name + "'");
        return *git::read(fleet.source());
    }

    [[nodiscard]] Result<std::string> signer(const git::Revision& revision,
                                             std::vector<std::string> signers = {}) const {
        if (signers.empty()) signers = {file("signers")};
        return signer_of(revision, signers, fleet.state_folder(), {});
    }

    void expect_refused(const git::Revision& revision, const std::string& why) const {
        const auto answer = signer(revision);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().kind, ErrorKind::refused);
        EXPECT_THAT(answer.error().message, HasSubstr(why));
    }

    git::FleetRepository fleet{};
    std::string ada{};
};

TEST_F(Signature, OfSomebodyKnownCounts) {
    const auto answer = signer(signed_by("ada"));
    ASSERT_TRUE(answer) << git::words_of(answer);
    EXPECT_EQ(*answer, "ada@example.org");
}

TEST_F(Signature, OfNobodyOrAStrangerDoesNot) {
    fleet.write("fleet/one.yaml", "instance: one\n");
    static_cast<void>(fleet.commit("Unsigned"));
    expect_refused(*git::read(fleet.source()), "it is not signed");
    expect_refused(signed_by("stranger"), "nobody whom this host knows");
}

TEST_F(Signature, OverOtherBytesDoesNot) {
    git::Revision revision = signed_by("ada");
    revision.signed_bytes += " ";
    expect_refused(revision, "nobody whom this host knows");
    revision = signed_by("ada");
    revision.signature = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n";
    expect_refused(revision, "nobody whom this host knows");
}

TEST_F(Signature, WithAKeyThatHasExpiredOrIsForSomethingElseDoesNot) {
    // The commit says that it is of 2023, when the key was good.
    allow("ada@example.org valid-before=\"20240101\" " + ada);
    expect_refused(signed_by("ada"), "nobody whom this host knows");
    allow("ada@example.org namespaces=\"file\" " + ada);
    expect_refused(signed_by("ada"), "nobody whom this host knows");
}

TEST_F(Signature, NeedsTheFileThatThePolicyNames) {
    const auto answer = signer(signed_by("ada"), {file("none")});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
}

TEST_F(Signature, OfOpenPgpIsAskedOfItsKeyring) {
    if (!std::filesystem::exists("/usr/bin/gpg") || !std::filesystem::exists("/usr/bin/gpgv")) {
        GTEST_SKIP() << "gnupg is not installed";
    }
    const std::string gpg = "GNUPGHOME=" + file("gnupg") + " gpg --batch --quiet ";
    git::run("mkdir -m 700 " + file("gnupg"));
    git::run(gpg + "--passphrase '' --quick-generate-key 'Ada <ada@example.org>' ed25519 sign");
    git::run(gpg + "--export --output " + file("signers.gpg"));
    git::write_file(file("gpg"), "#!/bin/sh\nGNUPGHOME=" + file("gnupg") + " exec gpg \"$@\"\n");
    std::filesystem::permissions(file("gpg"), std::filesystem::perms{0700});
    fleet.write("fleet/one.yaml", "instance: one\n");
    fleet.git("add --all");
    fleet.git("-c gpg.program=" + file("gpg") +
              " -c user.signingKey=ada@example.org commit --quiet -S -m Signed");
    git::run("GNUPGHOME=" + file("gnupg") + " gpgconf --kill all");
    const git::Revision revision = *git::read(fleet.source());
    const auto answer = signer(revision, {file("signers"), file("signers.gpg")});
    ASSERT_TRUE(answer) << git::words_of(answer);
    EXPECT_EQ(*answer, "Ada <ada@example.org>");
    EXPECT_FALSE(signer(revision, {file("signers")}));
}

}  // namespace
}  // namespace matriarch::controller
