// Field by field: what is seen, how it is put right, and what never shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "reconcilers/drift.hpp"
#include "reconcilers/labels.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Change {
    const char* field;
    std::function<void(ObservedContainer&)> by_hand;
    Remedy remedy;
};

const std::vector<Change> changes{
    {"memory", [](auto& c) { c.spec.limits.memory = mib(123); }, Remedy::update},
    {"memory and swap", [](auto& c) { c.spec.memory_and_swap = mib(9000); }, Remedy::update},
    {"working folder", [](auto& c) { c.spec.working_folder = "/tmp"; }, Remedy::recreate},
    {"host name", [](auto& c) { c.spec.hostname = "other"; }, Remedy::recreate},
    {"stop signal", [](auto& c) { c.spec.stop_signal = "SIGUSR1"; }, Remedy::recreate},
    {"stop grace", [](auto& c) { c.spec.stop_grace = std::chrono::seconds(1); }, Remedy::recreate},
    {"cpus", [](auto& c) { c.spec.limits.cpus.nano = 7'000'000; }, Remedy::update},
    {"pids", [](auto& c) { c.spec.limits.pids = 3; }, Remedy::update},
    {"restart policy", [](auto& c) { c.spec.restart = "no"; }, Remedy::update},
    {"network alpha-internal", [](auto& c) { c.spec.networks.erase("alpha-internal"); },
     Remedy::reattach},
    {"network bridge",
     [](auto& c) {
         c.spec.networks["bridge"] = {};
         c.network_ids["bridge"] = "b";
     },
     Remedy::reattach},
    {"command",
     [](auto& c) {
         c.spec.command = {"sleep", "1"};
     },
     Remedy::recreate},
    {"entrypoint", [](auto& c) { c.spec.entrypoint = {"evil"}; }, Remedy::recreate},
    {"user", [](auto& c) { c.spec.user = "root"; }, Remedy::recreate},
    {"environment LOCAL_DOMAIN", [](auto& c) { c.spec.environment["LOCAL_DOMAIN"] = shown("x"); },
     Remedy::recreate},
    {"environment EXTRA", [](auto& c) { c.spec.environment["EXTRA"] = shown("x"); },
     Remedy::recreate},
    {"environment DB_PASS", [](auto& c) { c.spec.environment.erase("DB_PASS"); }, Remedy::recreate},
    {"mounts", [](auto& c) { c.spec.mounts.clear(); }, Remedy::recreate},
    {"ports", [](auto& c) { c.spec.ports.push_back({.container = 1, .host = 2}); },
     Remedy::recreate},
    {"health check", [](auto& c) { c.spec.health.reset(); }, Remedy::recreate},
    {"shared memory", [](auto& c) { c.spec.shared_memory = mib(1); }, Remedy::recreate},
    {"capabilities", [](auto& c) { c.spec.capabilities = {"SYS_ADMIN"}; }, Remedy::recreate},
    {"no-new-privileges", [](auto& c) { c.spec.no_new_privileges = false; }, Remedy::recreate},
    {"init", [](auto& c) { c.spec.init = true; }, Remedy::recreate},
    {"asks nobody for names", [](auto& c) { c.spec.asks_nobody = true; }, Remedy::recreate},
    {"cpu weight", [](auto& c) { c.spec.cpu_weight = 2; }, Remedy::recreate},
    {"memlock limit", [](auto& c) { c.spec.memlock = -1; }, Remedy::recreate},
    {"open files limit", [](auto& c) { c.spec.open_files = 9; }, Remedy::recreate},
    {"host configuration privileged", [](auto& c) { c.spec.foreign = {"privileged"}; },
     Remedy::recreate},
    {"label social.matriarch.role", [](auto& c) { c.spec.labels[label::role] = "x"; },
     Remedy::recreate},
    {"image", [](auto& c) { c.image_id = "sha256:other"; }, Remedy::recreate},
};

TEST(Difference, SeesEveryFieldThatIsChangedByHand) {
    const Wanted wanted = settled(small_instance());
    const World settled = deployed(wanted);
    for (const Change& change : changes) {
        World world = settled;
        change.by_hand(world.containers.at("alpha-web-1"));
        const auto items = drift(wanted, world);
        ASSERT_FALSE(items.empty()) << change.field;
        EXPECT_EQ(items.front().difference.field, change.field);
        EXPECT_EQ(items.front().difference.remedy, change.remedy) << change.field;
    }
}

TEST(Difference, PutsEveryFieldRight) {
    const Wanted wanted = settled(small_instance());
    const World settled = deployed(wanted);
    for (const Change& change : changes) {
        World world = settled;
        change.by_hand(world.containers.at("alpha-web-1"));
        const Ending run = run_to_end(wanted, world);
        EXPECT_TRUE(run.is_settled) << change.field << "\n" << steps_of(run.plan);
        EXPECT_TRUE(drift(wanted, run.world).empty()) << change.field;
        if (change.remedy == Remedy::update) {
            EXPECT_EQ(run.plan.steps.size(), 1U) << steps_of(run.plan);
            EXPECT_THAT(steps_of(run.plan), Not(HasSubstr("stop"))) << change.field;
        }
    }
}

TEST(Difference, NeverShowsASecretsValue) {
    const Wanted wanted = settled(small_instance());
    World world = deployed(wanted);
    world.containers.at("alpha-web-1").spec.environment["DB_PASS"] = hidden(Secret("canary-other"));
    for (const DriftItem& item : drift(wanted, world)) {
        EXPECT_THAT(item.difference.desired + item.difference.actual, Not(HasSubstr("canary")));
    }
}

TEST(Difference, TheRevisionAloneIsNoDifference) {
    Wanted wanted = small_instance();
    const World world = deployed(wanted);
    wanted.revision = "fedcba9876543210";
    EXPECT_TRUE(plan_instance(wanted, world).is_settled());
}

TEST(Difference, AnUpdateNeedsNoRestartWhileTheDatabaseIsAway) {
    const Wanted wanted = small_instance();
    World world = deployed(wanted);
    world.schema = {};
    world.containers.at("alpha-postgres").state = RunState::restarting;
    world.containers.at("alpha-web-1").spec.limits.memory = mib(1);
    EXPECT_THAT(to_text(plan_instance(wanted, world)), HasSubstr("update container alpha-web-1"));
}

TEST(Environment, CopiesShareUntilOneIsChanged) {
    const Environment first{{"A", shown("1")}, {"B", shown("2")}};
    Environment other = first;
    EXPECT_EQ(&other.at("A"), &first.at("A"));
    other["A"] = shown("3");
    other.erase("B");
    EXPECT_EQ(first.at("A").value.reveal(), "1");
    EXPECT_TRUE(first.contains("B"));
    EXPECT_EQ(other.at("A").value.reveal(), "3");
    EXPECT_EQ(other.size(), 1U);
    other.add(first);
    EXPECT_EQ(other.at("A").value.reveal(), "3") << "what is set stays";
    EXPECT_EQ(other.at("B").value.reveal(), "2");
    EXPECT_FALSE(Environment().contains("A"));
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
