// What opens a repository: who gets it, and what is said where it is not given.
#include "reconcilers/repository.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "reconcilers/backup_jobs.hpp"
#include "tests/support/reconciling.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Wanted far_away(const std::string& repository = "sftp:backup@nas.example:/srv/restic") {
    Wanted wanted = small_instance();
    wanted.instance.backups.repository = repository;
    wanted.instance.secrets = "secrets/alpha.age";
    wanted.secrets["restic-password"] = Secret("canary-restic");
    wanted.secrets["restic-ssh-key"] = Secret("canary-key");
    wanted.secrets["restic-ssh-known-hosts"] = Secret("nas.example ssh-ed25519 AAAA");
    return wanted;
}

TEST(Repository, OfSftpGetsItsKeysAndNoOtherDoes) {
    const World world;
    const ContainerSpec job = list_job(far_away(), world);
    ASSERT_TRUE(job.environment.contains("SSH_KEY"));
    EXPECT_TRUE(job.environment.at("SSH_KEY").is_secret);
    EXPECT_EQ(job.environment.at("SSH_KNOWN_HOSTS").value.reveal(), "nas.example ssh-ed25519 AAAA");
    const ContainerSpec near = list_job(far_away("/srv/backups/alpha"), world);
    EXPECT_FALSE(near.environment.contains("SSH_KEY"));
    for (const ContainerSpec& spec : wanted_containers(far_away())) {
        EXPECT_FALSE(spec.environment.contains("SSH_KEY")) << spec.name;
    }
}

TEST(Repository, WhatOpensItIsNotInTheBackup) {
    const ContainerSpec job = snapshot_job(far_away(), {}, {});
    const std::string& kept = job.environment.at("SECRETS").value.reveal();
    EXPECT_THAT(kept, HasSubstr("SECRET_KEY_BASE"));
    EXPECT_THAT(kept, Not(HasSubstr("canary-restic")));
    EXPECT_THAT(kept, Not(HasSubstr("canary-key")));
}

TEST(Repository, KeysThatAreNotGivenAreNamed) {
    Wanted wanted = far_away("sftp://backup@nas.example:2222//srv/restic");
    Steps steps;
    check_backup_policy(wanted, steps);
    EXPECT_TRUE(steps.blocked.empty());
    wanted.secrets.erase("restic-ssh-known-hosts");
    check_backup_policy(wanted, steps);
    ASSERT_EQ(steps.blocked.size(), 1U);
    EXPECT_THAT(steps.blocked.front().message, HasSubstr("restic-ssh-known-hosts"));
    EXPECT_THAT(steps.blocked.front().hint, HasSubstr("secrets/alpha.age"));
    EXPECT_THAT(steps.blocked.front().hint, HasSubstr("ssh-keyscan -p 2222 nas.example "));
    wanted.instance.backups.repository = "sftp:backup@nas.example:/srv/restic";
    steps = {};
    check_backup_policy(wanted, steps);
    EXPECT_THAT(steps.blocked.front().hint, HasSubstr("ssh-keyscan nas.example "));
    wanted.secrets["restic-ssh-key"] = Secret("");
    steps = {};
    check_backup_policy(wanted, steps);
    EXPECT_THAT(steps.blocked.front().message, HasSubstr("restic-ssh-key,"));
}

/// What is said where restic is gone before its ssh has spoken, and what that was asked.
std::string said_for(const std::string& repository, const std::string& ssh_says) {
    const controller::Scratch scene;
    std::filesystem::create_directories(scene / "bin");
    scene.file("bin/restic", "#!/bin/sh\nexit 1\n", 0700);
    const std::string asked = (scene / "asked").string();
    scene.file("bin/ssh",
               "#!/bin/sh\necho \"$*\" > " + asked + "\necho '" + ssh_says + "' >&2\nexit 255\n",
               0700);
    const std::string said = (scene / "said").string();
    EXPECT_NE(std::system(("HOME=" + (scene / "home").string() +
                           " PATH=" + (scene / "bin").string() + ":$PATH SSH_KEY=key" +
                           " SSH_KNOWN_HOSTS=hosts REPOSITORY_ID= ONLY_OPEN= NAME=alpha" +
                           " RESTIC_REPOSITORY=" + repository + " sh " +
                           scene.file("script", open_repository()).string() + " 2> " + said)
                              .c_str()),
              0);
    return controller::Scratch::content(asked) + controller::Scratch::content(said);
}

TEST(Repository, WhySshFailedIsSaidWhateverResticSays) {
    const std::string by_url =
        said_for("sftp://root@nas.example:2222//srv", "Host key verification failed.");
    EXPECT_THAT(by_url, HasSubstr("-s ssh://root@nas.example:2222 sftp"));
    EXPECT_THAT(by_url, HasSubstr("another host key than restic-ssh-known-hosts"));
    const std::string by_path =
        said_for("sftp:backup@nas.example:/srv/a:b", "x: Permission denied (publickey).");
    EXPECT_THAT(by_path, HasSubstr("-s backup@nas.example sftp"));
    EXPECT_THAT(by_path, HasSubstr("does not take the key in restic-ssh-key"));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
