// What opens a repository: who gets it, and what is said where it is not given.
#include "reconcilers/repository.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconcilers/backup_jobs.hpp"
#include "tests/support/reconciling.hpp"

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

}  // namespace
}  // namespace matriarch::reconcilers::testing
