// Writes are whole or not at all; secrets files that others could read are refused; locks exclude.
// All on a real file system, each test in a folder of its own.
#include "controller/base/files.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "controller/base/lock.hpp"
#include "scratch.hpp"

namespace matriarch::controller {
namespace {

using testing::HasSubstr;

std::size_t entries(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(Files, AreReplacedWholeAndPrivately) {
    const Scratch scratch;
    ASSERT_TRUE(write_file(scratch / "a", "one"));
    ASSERT_TRUE(write_file(scratch / "a", "two"));
    EXPECT_EQ(Scratch::content(scratch / "a"), "two");
    EXPECT_EQ(Scratch::mode(scratch / "a"), 0600U);
    ASSERT_TRUE(write_file(scratch / "b", "x", {.mode = 0644, .is_durable = false}));
    EXPECT_EQ(Scratch::mode(scratch / "b"), 0644U);
    EXPECT_EQ(entries(scratch.path()), 2U);  // no temporary file is left
}

TEST(Files, KeepTheOldContentWhereTheNewCannotBeWritten) {
    const Scratch scratch;
    std::filesystem::create_directory(scratch / "taken");
    scratch.file("taken/inside", "x");
    const auto written = write_file(scratch / "taken", "new");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(entries(scratch.path()), 1U);
    EXPECT_FALSE(write_file(scratch / "absent/file", "x"));
}

TEST(Files, AreReadUpToALimit) {
    const Scratch scratch;
    scratch.file("a", "12345");
    EXPECT_EQ(read_file(scratch / "a", 5)->value(), "12345");
    EXPECT_EQ(read_file(scratch / "a", 4).error().kind, ErrorKind::invalid);
    EXPECT_EQ(*read_file(scratch / "absent", 4), std::nullopt);
    EXPECT_EQ(read_file(scratch.path(), 4).error().kind, ErrorKind::invalid);
    ASSERT_EQ(::mkfifo((scratch / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(read_file(scratch / "pipe", 4).error().kind, ErrorKind::invalid);  // and not for ever
}

TEST(Files, WithSecretsAreRefusedWhereOthersMayReadThem) {
    const Scratch scratch;
    EXPECT_EQ(read_secret_file(scratch.file("good", "x"), 10)->reveal(), "x");
    EXPECT_TRUE(read_secret_file(scratch.file("locked", "x", 0400), 10));
    for (const unsigned mode : {0640U, 0604U, 0620U, 0644U}) {
        const auto read = read_secret_file(scratch.file("open", "x", mode), 10);
        ASSERT_FALSE(read) << mode;
        EXPECT_EQ(read.error().kind, ErrorKind::refused);
        EXPECT_THAT(read.error().hint, HasSubstr("chmod 600"));
    }
    EXPECT_EQ(read_secret_file(scratch / "absent", 10).error().kind, ErrorKind::invalid);
}

TEST(Files, WithSecretsAreRefusedWhereAnotherUserOwnsThem) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
    const Scratch scratch;
    const auto path = scratch.file("theirs", "x");
    ASSERT_EQ(::chown(path.c_str(), 12345, 12345), 0);
    EXPECT_EQ(read_secret_file(path, 10).error().kind, ErrorKind::refused);
}

TEST(Files, LiveInFoldersOfOurOwn) {
    const Scratch scratch;
    ASSERT_TRUE(make_folder(scratch / "a/b/c"));
    EXPECT_EQ(Scratch::mode(scratch / "a/b/c"), 0700U);
    EXPECT_EQ(Scratch::mode(scratch / "a"), 0700U);
    EXPECT_TRUE(make_folder(scratch / "a/b/c"));
    std::filesystem::permissions(scratch / "a", std::filesystem::perms(0777));
    EXPECT_EQ(make_folder(scratch / "a").error().kind, ErrorKind::refused);
    scratch.file("file", "x");
    EXPECT_FALSE(make_folder(scratch / "file"));
}

TEST(Files, ThatAreGoneAreRemovedAlready) {
    const Scratch scratch;
    scratch.file("a", "x");
    EXPECT_TRUE(remove_file(scratch / "a"));
    EXPECT_TRUE(remove_file(scratch / "a"));
    EXPECT_FALSE(std::filesystem::exists(scratch / "a"));
}

TEST(Lock, NamesTheOneWhoHoldsIt) {
    const Scratch scratch;
    auto first = Lock::take(scratch / "lock", "instance example");
    ASSERT_TRUE(first);
    const auto second = Lock::take(scratch / "lock", "instance example");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::held);
    EXPECT_THAT(second.error().message,
                HasSubstr("cannot lock instance example: pid " + std::to_string(::getpid())));
}

TEST(Lock, EndsWithItsHolder) {
    const Scratch scratch;
    { ASSERT_TRUE(Lock::take(scratch / "lock", "x")); }
    EXPECT_TRUE(Lock::take(scratch / "lock", "x"));
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = Lock::take(scratch / "lock", "x");
        ::_exit(lock ? 0 : 1);  // no destructor runs, as after kill -9
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_TRUE(Lock::take(scratch / "lock", "x"));
}

}  // namespace
}  // namespace matriarch::controller
