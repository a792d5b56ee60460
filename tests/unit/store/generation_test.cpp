// The way back: what was settled here, and the wish to return to it.
#include "controller/store/generation.hpp"

#include <gmock/gmock.h>

#include "controller/base/files.hpp"
#include "specs/specs.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

Generation generation(const std::string& revision, const std::string& version,
                      const std::string& secret_file = {}) {
    return {.revision = revision,
            .instance =
                *specs::parse_instance_text("instance: e\ndomain: e.test\nmastodon: " + version +
                                                "\nbackups: {repository: /srv/backups/e}\n",
                                            "e.yaml"),
            .secret_file = secret_file};
}

struct GenerationTest : testing::Test {
    Scratch scratch{};
    InstanceFolder folder{*State(scratch / "s").make_instance("e")};
    std::string before(const std::string& revision) {
        const auto found = settled_before(folder, revision);
        EXPECT_TRUE(found) << to_text(found.error());
        return found && *found ? (*found)->revision : "none";
    }
};

TEST_F(GenerationTest, TheWayBackFromABadCommitIsToTheOneThatWasSettled) {
    EXPECT_EQ(before("bad"), "none");
    ASSERT_TRUE(keep_settled(folder, generation("one", "v4.4.8")));
    EXPECT_EQ(before("bad"), "one");
}

TEST_F(GenerationTest, TheWayBackFromASettledCommitIsToTheOneBeforeIt) {
    ASSERT_TRUE(keep_settled(folder, generation("one", "v4.4.8")));
    ASSERT_TRUE(keep_settled(folder, generation("two", "v4.5.0")));
    EXPECT_EQ(before("two"), "one");
    EXPECT_EQ(before("three"), "two");
}

TEST_F(GenerationTest, ACommitThatChangedNothingHereIsNoStepOnTheWay) {
    ASSERT_TRUE(keep_settled(folder, generation("one", "v4.4.8")));
    ASSERT_TRUE(keep_settled(folder, generation("two", "v4.5.0")));
    ASSERT_TRUE(keep_settled(folder, generation("elsewhere", "v4.5.0")));
    EXPECT_EQ(before("elsewhere"), "one");
}

TEST_F(GenerationTest, WhatIsInNoCommitIsNotKeptAndDamagesNothing) {
    ASSERT_TRUE(keep_settled(folder, generation("one", "v4.4.8")));
    ASSERT_TRUE(keep_settled(folder, generation("", "v4.5.0")));
    EXPECT_EQ(before("two"), "one");
}

TEST_F(GenerationTest, TheWishIsKeptWithAllThatTheCommitSaid) {
    const std::string bytes("age\0\xff\n", 6);
    const Rollback set{.instead_of = "bad", .to = generation("one", "v4.4.8", bytes)};
    ASSERT_TRUE(set_rollback(folder, set));
    const auto read = load_rollback(folder);
    ASSERT_TRUE(read && *read);
    EXPECT_EQ((*read)->instead_of, "bad");
    EXPECT_EQ((*read)->to.revision, "one");
    EXPECT_EQ((*read)->to.instance, set.to.instance);
    EXPECT_EQ((*read)->to.secret_file, bytes);
    ASSERT_TRUE(forget_rollback(folder));
    EXPECT_FALSE(load_rollback(folder)->has_value());
}

TEST_F(GenerationTest, ADamagedWishIsAnErrorAndNotSilence) {
    ASSERT_TRUE(write_file(folder.rolled_back(), "revision one\n\nnot: [an instance\n"));
    EXPECT_FALSE(load_rollback(folder));
}

}  // namespace
}  // namespace matriarch::controller
