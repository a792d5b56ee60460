// Following a branch: what is new, what is the same, what was rewritten, and what is kept.
#include "controller/git/reader.hpp"

#include <gtest/gtest.h>

#include "fleet_repository.hpp"

namespace matriarch::git {
namespace {

TEST(GitReader, ReadsACommitWithItsFacts) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    fleet.write("fleet/secrets/one.age", std::string("age\0bytes", 9));
    fleet.write("elsewhere/two.yaml", "instance: two\n");
    fleet.write("fleet/README.md", "not ours");
    const std::string id = fleet.commit("Add one");
    const Result<Revision> revision = read(fleet.source());
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->id, id);
    EXPECT_EQ(revision->author, "Ada");
    EXPECT_EQ(revision->email, "ada@example.org");
    EXPECT_EQ(revision->subject, "Add one");
    EXPECT_EQ(revision->time.time_since_epoch().count(), 1'700'000'000);
    EXPECT_TRUE(revision->parents.empty());
    EXPECT_EQ(revision->relation, Relation::unknown);
    EXPECT_FALSE(revision->unchanged);
    EXPECT_TRUE(revision->is_readable()) << problems_text(*revision);
    ASSERT_EQ(revision->files.size(), 2U);
    EXPECT_EQ(revision->files[0].path, "one.yaml");
    EXPECT_EQ(revision->files[0].kind, FileKind::yaml);
    EXPECT_FALSE(revision->files[0].content.empty());
    EXPECT_EQ(revision->files[1].path, "secrets/one.age");
    EXPECT_EQ(revision->files[1].shown, "fleet/secrets/one.age");
    EXPECT_EQ(revision->files[1].kind, FileKind::secrets);
    EXPECT_EQ(revision->files[1].content, std::string("age\0bytes", 9));
}

TEST(GitReader, ShowsASubjectThatIsNotUtf8OrTurnsTheLineAround) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    fleet.git("config i18n.commitEncoding ISO-8859-1");  // or git complains
    static_cast<void>(
        fleet.commit("L\xF6sche \xE2\x80\xAE"
                     "alles"));
    const Result<Revision> revision = read(fleet.source());
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->subject, "L\\xf6sche \\u202ealles");
}

TEST(GitReader, SeesANewCommitAsFastForward) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    const std::string first = fleet.commit("Add one");
    ASSERT_TRUE(read(fleet.source()));
    fleet.write("fleet/one.yaml", "instance: other\n");
    const std::string second = fleet.commit("Change one");
    Source source = fleet.source();
    source.previous_commit = first;
    source.known_commit = first;
    const Result<Revision> revision = read(source);
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->id, second);
    EXPECT_EQ(revision->relation, Relation::fast_forward);
    EXPECT_EQ(revision->parents, std::vector<std::string>{first});
    EXPECT_NE(revision->files.at(0).content.find("other"), std::string::npos);
}

TEST(GitReader, ListsAndReadsPullRequests) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    const std::string main = fleet.commit("Add one");
    fleet.git("checkout --quiet -b topic");
    fleet.write("fleet/one.yaml", "instance: other\n");
    const std::string head = fleet.commit("Change one");
    for (const char* ref : {"refs/pull/7/head", "refs/merge-requests/12/head", "refs/pull/7/merge",
                            "refs/pull/x/head", "refs/pull/-3/head"}) {
        fleet.git(std::string("update-ref ") + ref + " " + head);
    }
    Source source = fleet.source();
    source.previous_commit = main;
    const auto pulls = list_pulls(source, patience, {});
    ASSERT_TRUE(pulls) << words_of(pulls);
    ASSERT_EQ(pulls->size(), 2U);
    EXPECT_EQ(pulls->at(0).number, 12);
    EXPECT_EQ(pulls->at(0).ref, "refs/merge-requests/12/head");
    EXPECT_EQ(pulls->at(1).number, 7);
    EXPECT_EQ(pulls->at(1).commit, head);
    ASSERT_TRUE(read(source));  // the branch: the clone has what the relation is to
    source.branch = pulls->at(1).ref;
    const Result<Revision> revision = read(source);
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->id, head);
    EXPECT_EQ(revision->relation, Relation::fast_forward);
}

TEST(GitReader, SaysUnchangedForAKnownCommitWithoutReadingIt) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    const std::string id = fleet.commit("Add one");
    Source source = fleet.source();
    source.known_commit = id;
    const Result<Revision> revision = read(source);
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_TRUE(revision->unchanged);
    EXPECT_EQ(revision->id, id);
    EXPECT_TRUE(revision->files.empty());
    EXPECT_FALSE(std::filesystem::exists(fleet.state_folder() + "/fleet.git/refs/matriarch"));
}

TEST(GitReader, NoticesAForcePush) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    fleet.commit("Add one");
    fleet.write("fleet/one.yaml", "instance: other\n");
    Source source = fleet.source();
    source.previous_commit = fleet.commit("Change one");
    ASSERT_TRUE(read(fleet.source()));
    fleet.git("reset --quiet --hard HEAD^");
    fleet.write("fleet/one.yaml", "instance: third\n");
    const std::string rewritten = fleet.commit("Rewrite one");
    const Result<Revision> revision = read(source);
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->id, rewritten);
    EXPECT_EQ(revision->relation, Relation::rewritten);
}

TEST(GitReader, NoticesABranchThatWentBack) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    fleet.commit("Add one");
    Source source = fleet.source();
    source.previous_commit = fleet.commit("Later");
    ASSERT_TRUE(read(fleet.source()));
    fleet.git("reset --quiet --hard HEAD^");
    const Result<Revision> revision = read(source);
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->relation, Relation::rewritten);
}

TEST(GitReader, NamesTheBranchesThatThereAreWhereOneIsMissing) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    fleet.commit("Add one");
    Source source = fleet.source();
    source.branch = "production";
    const Result<Revision> revision = read(source);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::invalid);
    EXPECT_NE(revision.error().message.find("production"), std::string::npos);
    EXPECT_EQ(revision.error().hint, "It has: main.");
}

TEST(GitReader, TakesTheRemotesOwnBranchWhereNoneIsNamed) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    const std::string id = fleet.commit("Add one");
    Source source = fleet.source();
    source.branch = "";
    source.url = "file://" + fleet.folder();
    const Result<Revision> revision = read(source);
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->id, id);
}

TEST(GitReader, WaitsForTheFirstCommit) {
    const FleetRepository fleet;
    Source source = fleet.source();
    source.branch = "";
    const Result<Revision> revision = read(source);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::invalid);
}

TEST(GitReader, RefusesAFolderThatTheCommitDoesNotHave) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    const std::string id = fleet.commit("Add one");
    Source source = fleet.source();
    source.path = "flett";
    const Result<Revision> revision = read(source);
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::invalid);
    EXPECT_NE(revision.error().message.find(id), std::string::npos);
    source.path = "../fleet";
    EXPECT_EQ(read(source).error().kind, ErrorKind::invalid);
}

TEST(GitReader, KeepsTheAcceptedCommitWhenTheRemoteIsGoneAndRewritten) {
    const FleetRepository fleet;
    const Source source = fleet.source();
    const Result<std::optional<Revision>> none = read_accepted(source, patience, {});
    ASSERT_TRUE(none) << words_of(none);
    EXPECT_FALSE(none->has_value());
    fleet.write("fleet/one.yaml", "instance: one\n");
    const std::string good = fleet.commit("Add one");
    ASSERT_TRUE(read(source));
    ASSERT_TRUE(accept(source, good, patience, {}));
    fleet.write("fleet/one.yaml", "instance: two\n");
    fleet.git("add --all");
    fleet.git("commit --quiet --amend -m Rewritten");
    ASSERT_TRUE(read(source));
    std::filesystem::remove_all(fleet.folder());
    const Result<Revision> gone = read(source);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().kind, ErrorKind::unavailable) << words_of(gone);
    const Result<std::optional<Revision>> kept = read_accepted(source, patience, {});
    ASSERT_TRUE(kept) << words_of(kept);
    ASSERT_TRUE(kept->has_value());
    EXPECT_EQ((*kept)->id, good);
    EXPECT_NE((*kept)->files.at(0).content.find("one"), std::string::npos);
}

TEST(GitReader, AcceptsOnlyACommitThatItHolds) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    fleet.commit("Add one");
    ASSERT_TRUE(read(fleet.source()));
    const Result<void> absent = accept(fleet.source(), std::string(40, 'a'), patience, {});
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().kind, ErrorKind::invalid);
}

TEST(GitReader, MakesADamagedCloneAnew) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    fleet.commit("Add one");
    ASSERT_TRUE(read(fleet.source()));
    write_file(fleet.state_folder() + "/fleet.git/HEAD", "garbage");
    EXPECT_TRUE(read(fleet.source()));
    std::filesystem::remove_all(fleet.state_folder() + "/fleet.git/objects/pack");
    const Result<Revision> revision = read(fleet.source());
    EXPECT_TRUE(revision) << words_of(revision);
}

TEST(GitReader, ClearsWhatAKilledReaderLeftBehind) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    const std::string id = fleet.commit("Add one");
    ASSERT_TRUE(read(fleet.source()));
    const std::string clone = fleet.state_folder() + "/fleet.git/";
    write_file(clone + "refs/matriarch/accepted.lock", "");
    write_file(clone + "objects/pack/pack_git2_AAAA", "half a pack");
    const Result<void> accepted = accept(fleet.source(), id, patience, {});
    EXPECT_TRUE(accepted) << words_of(accepted);
    EXPECT_FALSE(std::filesystem::exists(clone + "objects/pack/pack_git2_AAAA"));
}

TEST(GitReader, MakesOnePackOfMany) {
    const FleetRepository fleet;
    std::string first;
    for (int i = 0; i < 35; ++i) {
        fleet.write("fleet/one.yaml", "instance: one-" + std::to_string(i) + "\n");
        const std::string id = fleet.commit("Change one");
        ASSERT_TRUE(read(fleet.source()));
        if (i > 0) continue;
        first = id;
        ASSERT_TRUE(accept(fleet.source(), id, patience, {}));
    }
    std::size_t packs = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(fleet.state_folder() + "/fleet.git/objects/pack")) {
        packs += entry.path().extension() == ".pack" ? 1 : 0;
    }
    EXPECT_LT(packs, 10U);
    const Result<std::optional<Revision>> kept = read_accepted(fleet.source(), patience, {});
    ASSERT_TRUE(kept) << words_of(kept);
    EXPECT_EQ((*kept)->id, first);
    const Result<Revision> revision = read(fleet.source());
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_NE(revision->files.at(0).content.find("one-34"), std::string::npos);
}

TEST(GitReader, SaysWhatTheBranchWentThroughByFirstParents) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    const std::string first = fleet.commit("Add one");
    Source source = fleet.source();
    EXPECT_EQ(read(source)->since, std::vector<std::string>{first});
    fleet.git("checkout --quiet -b topic");
    fleet.write("fleet/one.yaml", "instance: two\n");
    const std::string proposed = fleet.commit("Proposed");
    fleet.git("checkout --quiet main");
    fleet.write("fleet/direct.yaml", "instance: direct\n");
    const std::string direct = fleet.commit("Pushed past it");
    fleet.git("merge --quiet --no-ff -m Merge topic");
    const std::string merge = fleet.git("rev-parse HEAD");
    source.previous_commit = first;
    EXPECT_EQ(read(source)->since, (std::vector<std::string>{merge, direct}));
    EXPECT_EQ(read(source)->merged, std::vector<std::string>{proposed});
    source.previous_commit = proposed;  // what is in force already was not merged now
    EXPECT_TRUE(read(source)->merged.empty());
    source.previous_commit = direct;
    EXPECT_EQ(read(source)->since, std::vector<std::string>{merge});
    // A merge the other way round: what lies on the first side is not in force yet.
    fleet.git("checkout --quiet topic");
    fleet.git("merge --quiet --no-ff -m Turned main");
    fleet.git("branch --force main topic");
    source.previous_commit = merge;
    EXPECT_EQ(read(source)->since.size(), 1U);
    source.previous_commit = direct;
    EXPECT_EQ(read(source)->since.size(), 2U);
}

}  // namespace
}  // namespace matriarch::git
