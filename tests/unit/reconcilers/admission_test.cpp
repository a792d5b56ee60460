// Admission: what the host does not allow or cannot hold is refused before anything is touched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specs/specs.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string code(const Steps& steps) {
    return steps.blocked.empty() ? "" : steps.blocked.front().code;
}

TEST(Admission, RefusesImagesFromElsewhere) {
    Wanted wanted = small_instance();
    const World world = deployed(wanted);
    wanted.instance.images.mastodon = *specs::parse_image("evil.example/mastodon");
    const Steps steps = plan_instance(wanted, world);
    EXPECT_EQ(code(steps), "registry-not-allowed");
    EXPECT_TRUE(steps.changes_nothing()) << to_text(steps);
    wanted.policy.registries = {"evil.example"};
    EXPECT_EQ(code(plan_instance(wanted, world)), "");
}

TEST(Admission, RefusesLimitsThatDoNotFitIntoTheHost) {
    World world;
    world.host.memory = gib(2);
    EXPECT_EQ(code(plan_instance(small_instance(), world)), "host-memory");
    world.host.memory = gib(8);
    EXPECT_EQ(code(plan_instance(small_instance(), world)), "");
    Wanted wanted = small_instance();
    wanted.memory_of_others = gib(6);
    EXPECT_EQ(code(plan_instance(wanted, world)), "host-memory");
}

TEST(Admission, KeepsTheReserveOfTheDiskButNotFromHealing) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.host.disk_free = gib(1);
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
    world.containers.at("alpha-web-1").state = RunState::exited;
    EXPECT_THAT(to_text(plan_instance(wanted, world)), HasSubstr("start container alpha-web-1"));
    const Steps upgrade = plan_instance(small_instance("v4.5.0"), world);
    EXPECT_EQ(code(upgrade), "host-disk");
    EXPECT_THAT(to_text(upgrade), Not(HasSubstr("pull image")));
}

TEST(Admission, TheBackupRepositoryDoesNotMoveByItself) {
    Wanted wanted = small_instance();
    const World world = deployed(wanted);
    wanted.instance.backups.repository = "sftp:thief@evil.example:/";
    EXPECT_EQ(code(plan_instance(wanted, world)), "backup-repository-moved");
    wanted.policy.backup_repositories = {"sftp:thief@evil.example:"};
    EXPECT_NE(code(plan_instance(wanted, world)), "backup-repository-moved");
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
