// A plain local folder is read by the rules of a commit, and names the commit that it is at.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "controller/git/reader.hpp"
#include "controller/git/writer.hpp"
#include "fleet_repository.hpp"

namespace matriarch::git {
namespace {

TEST(GitFolder, ReadsAFolderOutsideGit) {
    const TemporaryFolder folder;
    write_file(folder.path() + "/one.yaml", "instance: one\n");
    write_file(folder.path() + "/inner/two.yml", "instance: two\n");
    write_file(folder.path() + "/.github/workflow.yaml", "on: push\n");
    write_file(folder.path() + "/notes.txt", "not ours");
    const Result<Revision> revision = read_folder(folder.path(), patience, {});
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_EQ(revision->id, "");
    EXPECT_FALSE(revision->is_dirty);
    EXPECT_TRUE(revision->is_readable()) << problems_text(*revision);
    ASSERT_EQ(revision->files.size(), 2U);
    EXPECT_EQ(revision->files[0].path, "inner/two.yml");
    EXPECT_EQ(revision->files[1].path, "one.yaml");
}

TEST(GitFolder, NamesTheCommitAndWhetherTheFolderWasEditedSince) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    fleet.write("elsewhere/notes.txt", "first");
    const std::string id = fleet.commit("Add one");
    fleet.write("elsewhere/notes.txt", "second");
    const std::string folder = fleet.folder() + "/fleet";
    const Result<Revision> clean = read_folder(folder, patience, {});
    ASSERT_TRUE(clean) << words_of(clean);
    EXPECT_EQ(clean->id, id);
    EXPECT_EQ(clean->subject, "Add one");
    EXPECT_FALSE(clean->is_dirty);
    fleet.write("fleet/one.yaml", "instance: other\n");
    EXPECT_TRUE(read_folder(folder, patience, {})->is_dirty);
    fleet.write("fleet/one.yaml", "instance: one\n");
    fleet.write("fleet/new.yaml", "instance: new\n");
    const Result<Revision> dirty = read_folder(folder + "/", patience, {});
    EXPECT_TRUE(dirty->is_dirty);
    EXPECT_EQ(dirty->files.size(), 2U);
    EXPECT_EQ(read_folder(fleet.folder(), patience, {})->files.size(), 2U);
}

TEST(GitFolder, IsReadAsItWasInACommitOfTheRepositoryAround) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    const std::string first = fleet.commit("Add one");
    fleet.write("fleet/two.yaml", "instance: two\n");
    const std::string second = fleet.commit("Add two");
    fleet.git("tag --annotate -m Tag old " + first);
    fleet.write("fleet/three.yaml", "instance: three\n");  // in the work tree alone
    const std::string folder = fleet.folder() + "/fleet";
    const auto head = read_commit(folder, "HEAD", "old", patience, {});
    ASSERT_TRUE(head) << words_of(head);
    EXPECT_EQ(head->id, second);
    EXPECT_EQ(head->relation, Relation::fast_forward);
    EXPECT_EQ(head->files.size(), 2U);
    EXPECT_EQ(head->files[0].shown, "fleet/one.yaml");
    const auto old = read_commit(folder + "/", "old", "main", patience, {});
    ASSERT_TRUE(old) << words_of(old);
    EXPECT_EQ(old->id, first);
    EXPECT_EQ(old->relation, Relation::rewritten);
    EXPECT_EQ(read_commit(fleet.folder(), first.substr(0, 10), "", patience, {})->files.size(), 1U);
    for (const char* none : {"missing", "", "HEAD:fleet", "-x", "HEAD~9"}) {
        const auto answer = read_commit(folder, none, "", patience, {});
        ASSERT_FALSE(answer) << none;
        EXPECT_EQ(answer.error().kind, ErrorKind::invalid) << none;
    }
    const TemporaryFolder outside;
    EXPECT_FALSE(read_commit(outside.path(), "HEAD", "", patience, {}));
}

TEST(GitFolder, TakesANoteOfACommitAndNothingElse) {
    const FleetRepository fleet;
    fleet.write("fleet/one.yaml", "instance: one\n");
    const std::string first = fleet.commit("Add one");
    const std::string folder = fleet.folder() + "/fleet";
    const std::string refs = fleet.git("show-ref");
    for (const char* text : {"Deploys one.\n", "Deploys it.\n"}) {
        const auto written = write_note(folder, "HEAD", text, patience, {});
        ASSERT_TRUE(written) << words_of(written);
        EXPECT_EQ(fleet.git("notes --ref matriarch show HEAD") + "\n", text);
    }
    EXPECT_EQ(fleet.git("rev-list --count refs/notes/matriarch"), "2");
    EXPECT_EQ(fleet.git("show-ref --heads"), refs);
    EXPECT_EQ(fleet.git("status --porcelain"), "");
    EXPECT_EQ(fleet.git("fsck --strict"), "");
    EXPECT_FALSE(write_note(folder, "missing", "x", patience, {}));
    const TemporaryFolder outside;
    EXPECT_FALSE(write_note(outside.path(), "HEAD", "x", patience, {}));
}

std::string text_of_proc(const std::string& path) {
    std::ifstream file("/proc/" + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(GitFolder, IsReadAlsoByAChildThatWasForkedAheadAndThatHasNothingOfOurs) {
    const TemporaryFolder folder;
    write_file(folder.path() + "/one.yaml", "instance: one\n");
    const std::string self = "self/task/" + std::to_string(::gettid()) + "/children";
    ASSERT_EQ(text_of_proc(self), "");
    ASSERT_NE(text_of_proc("self/environ").find("PATH="), std::string::npos);
    fork_reader();
    std::string child = text_of_proc(self);
    ASSERT_FALSE(child.empty());
    child.pop_back();  // a space
    // The last of what it does before it waits for its question.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (text_of_proc(child + "/environ").find_first_not_of('\0') != std::string::npos) {
        ASSERT_LT(std::chrono::steady_clock::now(), until);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    const std::filesystem::directory_iterator descriptors("/proc/" + child + "/fd");
    EXPECT_EQ(std::distance(begin(descriptors), end(descriptors)), 3);

    const Result<Revision> ahead = read_folder(folder.path(), patience, {});
    ASSERT_TRUE(ahead) << words_of(ahead);
    EXPECT_EQ(text_of_proc(self), "") << "it was taken, and reaped";
    const Result<Revision> anew = read_folder(folder.path(), patience, {});
    ASSERT_TRUE(anew) << words_of(anew);
    EXPECT_EQ(ahead->files.size(), 1U);
    EXPECT_EQ(anew->files.size(), 1U);
}

TEST(GitFolder, FollowsNoLinkAndReadsNoPipe) {
    const TemporaryFolder folder;
    const TemporaryFolder outside;
    write_file(outside.path() + "/two.yaml", "instance: two\n");
    std::filesystem::create_symlink(outside.path(), folder.path() + "/linked");
    std::filesystem::create_symlink(outside.path() + "/two.yaml", folder.path() + "/two.yaml");
    ASSERT_EQ(::mkfifo((folder.path() + "/pipe.yaml").c_str(), 0600), 0);
    const Result<Revision> revision = read_folder(folder.path(), patience, {});
    ASSERT_TRUE(revision) << words_of(revision);
    EXPECT_TRUE(revision->files.empty());
    EXPECT_FALSE(revision->is_readable());
    EXPECT_EQ(revision->problems.size(), 3U) << problems_text(*revision);
}

TEST(GitFolder, SaysThatThereIsNoSuchFolder) {
    const Result<Revision> revision = read_folder("/nonexistent/fleet", patience, {});
    ASSERT_FALSE(revision);
    EXPECT_EQ(revision.error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace matriarch::git
