// Writing to a branch of ours: begun, continued, left alone where nothing changed, never forced.
#include "controller/git/writer.hpp"

#include <gtest/gtest.h>

#include "fleet_repository.hpp"

namespace matriarch::git {
namespace {

class GitWriter : public testing::Test {
 protected:
    void SetUp() override {
        fleet.write("fleet/one.yaml", "instance: one\n");
        first = fleet.commit("Add one");
        fleet.git("clone --quiet --bare . " + bare());
        fleet.git("remote add origin " + bare());
    }

    [[nodiscard]] std::string bare() const { return fleet.root() + "/bare.git"; }

    [[nodiscard]] Result<std::string> write(const std::vector<WrittenFile>& files) const {
        const Source source{.url = bare(),
                            .branch = "matriarch/drift",
                            .state_folder = fleet.root() + "/reports"};
        return write_branch(source, {.files = files, .subject = "Drift of one"}, patience, {});
    }

    /// What the remote has, as git itself says.
    std::string remote(const std::string& arguments) const {
        return fleet.git("--git-dir " + bare() + " " + arguments);
    }

    FleetRepository fleet{};
    std::string first{};
};

TEST_F(GitWriter, BeginsABranchOfItsOwn) {
    const auto commit = write({{"reports/one.md", "### Drift\n"}});
    ASSERT_TRUE(commit) << words_of(commit);
    EXPECT_EQ(remote("rev-parse matriarch/drift"), *commit);
    EXPECT_EQ(remote("log --format='%an %s' matriarch/drift"), "matriarch Drift of one");
    EXPECT_EQ(remote("ls-tree -r --name-only matriarch/drift"), "reports/one.md");
    EXPECT_EQ(remote("show matriarch/drift:reports/one.md"), "### Drift");
    EXPECT_EQ(remote("rev-parse main"), first);
    EXPECT_EQ(remote("fsck --strict"), "");
}

TEST_F(GitWriter, MakesNoCommitWhereNothingChanged) {
    const auto begun = write({{"reports/one.md", "a"}});
    ASSERT_TRUE(begun) << words_of(begun);
    const auto again = write({{"reports/one.md", "a"}});
    ASSERT_TRUE(again) << words_of(again);
    EXPECT_EQ(*again, "");
    EXPECT_EQ(remote("rev-parse matriarch/drift"), *begun);
}

TEST_F(GitWriter, GoesOnFromWhatOthersPushed) {
    ASSERT_TRUE(write({{"reports/one.md", "a"}, {"reports/two.md", "b"}}));
    fleet.git("fetch --quiet origin");
    fleet.git("checkout --quiet matriarch/drift");
    fleet.write("notes.txt", "by a person");
    const std::string theirs = fleet.commit("A note");
    fleet.git("push --quiet origin matriarch/drift");
    const auto commit = write({{"reports/one.md", "c"}});
    ASSERT_TRUE(commit) << words_of(commit);
    EXPECT_EQ(remote("rev-parse matriarch/drift^"), theirs);
    EXPECT_EQ(remote("ls-tree -r --name-only matriarch/drift"),
              "notes.txt\nreports/one.md\nreports/two.md");
    EXPECT_EQ(remote("show matriarch/drift:reports/two.md"), "b");
}

TEST_F(GitWriter, BeginsAnewWhereTheBranchIsGoneOrItsOwnCloneIs) {
    ASSERT_TRUE(write({{"reports/one.md", "a"}}));
    remote("branch --quiet -D matriarch/drift");
    const auto anew = write({{"reports/one.md", "a"}});
    ASSERT_TRUE(anew) << words_of(anew);
    EXPECT_EQ(remote("rev-parse matriarch/drift"), *anew);
    std::filesystem::remove_all(fleet.root() + "/reports");
    const auto with_new_clone = write({{"reports/one.md", "b"}});
    ASSERT_TRUE(with_new_clone) << words_of(with_new_clone);
    EXPECT_EQ(remote("rev-parse matriarch/drift^"), *anew);
}

TEST_F(GitWriter, RefusesAPlaceThatCannotBe) {
    for (const char* path : {"../one.md", ".git/config", "reports//one.md", "/one.md"}) {
        const auto commit = write({{path, "a"}});
        ASSERT_FALSE(commit) << path;
        EXPECT_EQ(commit.error().kind, ErrorKind::invalid) << words_of(commit);
    }
}

TEST_F(GitWriter, SaysThatAFileIsInTheWay) {
    ASSERT_TRUE(write({WrittenFile{"reports", "a file"}}));
    const auto commit = write({{"reports/one.md", "a"}});
    ASSERT_FALSE(commit);
    EXPECT_EQ(commit.error().kind, ErrorKind::invalid) << words_of(commit);
}

TEST_F(GitWriter, SaysThatTheRemoteIsGone) {
    std::filesystem::remove_all(bare());
    const auto commit = write({{"reports/one.md", "a"}});
    ASSERT_FALSE(commit);
    EXPECT_NE(commit.error().kind, ErrorKind::conflict) << words_of(commit);
}

}  // namespace
}  // namespace matriarch::git
