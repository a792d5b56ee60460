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
        const Source source{
            .url = bare(), .branch = "matriarch/drift", .state_folder = fleet.root() + "/reports"};
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

class GitProposal : public GitWriter {
 protected:
    [[nodiscard]] Source source(const std::string& branch = "matriarch/propose/one-v2") const {
        return {.url = bare(), .branch = branch, .state_folder = fleet.root() + "/proposals"};
    }

    [[nodiscard]] Result<std::string> propose(const std::string& from = "one") const {
        return write_branch(source(),
                            {.edits = {{"fleet/one.yaml", "instance", from, "two"}},
                             .base = "main",
                             .subject = "one: two"},
                            patience, {});
    }

    [[nodiscard]] std::vector<std::string> branches() const {
        std::vector<std::string> names;
        const auto listed = list_proposals(source(""), patience, {});
        EXPECT_TRUE(listed) << words_of(listed);
        for (const auto& one : listed.value_or(std::vector<BranchHead>{})) {
            names.push_back(one.name + "@" + one.commit);
        }
        return names;
    }

    [[nodiscard]] bool removed() const { return *remove_proposal(source(), patience, {}); }
};

TEST_F(GitProposal, ChangesOneLineOnTopOfTheFleet) {
    EXPECT_TRUE(branches().empty());
    const auto commit = propose();
    ASSERT_TRUE(commit) << words_of(commit);
    EXPECT_EQ(remote("rev-parse matriarch/propose/one-v2^"), first);
    EXPECT_EQ(remote("diff --numstat main matriarch/propose/one-v2"), "1\t1\tfleet/one.yaml");
    EXPECT_EQ(remote("show matriarch/propose/one-v2:fleet/one.yaml"), "instance: two");
    EXPECT_EQ(branches(), (std::vector<std::string>{"matriarch/propose/one-v2@" + *commit}));
    EXPECT_TRUE(list_pulls(source("main"), patience, {})->empty());
}

TEST_F(GitProposal, IsMadeOnceAndThenLeftAsItIs) {
    const auto commit = propose();
    ASSERT_TRUE(commit) << words_of(commit);
    fleet.write("fleet/two.yaml", "instance: two\n");
    fleet.commit("Another");
    fleet.git("push --quiet origin main");
    EXPECT_EQ(*propose(), "");
    EXPECT_EQ(remote("rev-parse matriarch/propose/one-v2"), *commit);
}

TEST_F(GitProposal, FollowsTheFileThatItChanges) {
    const auto commit = propose();
    ASSERT_TRUE(commit) << words_of(commit);
    fleet.write("fleet/one.yaml", "instance: three\n# a note\n");
    const std::string newer = fleet.commit("It has changed");
    fleet.git("push --quiet origin main");
    const auto again = propose("three");
    ASSERT_TRUE(again) << words_of(again);
    EXPECT_EQ(remote("log -1 --format=%P matriarch/propose/one-v2"), *commit + " " + newer);
    EXPECT_EQ(remote("show matriarch/propose/one-v2:fleet/one.yaml"), "instance: two\n# a note");
    EXPECT_EQ(remote("merge-base main matriarch/propose/one-v2"), newer);
    EXPECT_EQ(*propose("three"), "");
    EXPECT_EQ(remote("fsck --strict"), "");
}

TEST_F(GitProposal, SaysWhatItCannotChange) {
    const auto other = propose("three");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().kind, ErrorKind::invalid) << words_of(other);
    EXPECT_TRUE(branches().empty());
}

TEST_F(GitProposal, IsTakenAwayUnlessSomebodyHasAddedToIt) {
    ASSERT_TRUE(propose());
    EXPECT_TRUE(removed());
    EXPECT_TRUE(branches().empty());
    EXPECT_FALSE(removed());
    ASSERT_TRUE(propose());
    fleet.git("fetch --quiet origin");
    fleet.git("checkout --quiet matriarch/propose/one-v2");
    fleet.write("notes.txt", "by a person");
    fleet.commit("A note");
    fleet.git("push --quiet origin matriarch/propose/one-v2");
    EXPECT_FALSE(removed());
    EXPECT_EQ(branches().size(), 1U);
    // No other branch is ever taken away.
    EXPECT_FALSE(*remove_proposal(source("main"), patience, {}));
    EXPECT_EQ(remote("rev-parse main"), first);
}

}  // namespace
}  // namespace matriarch::git
