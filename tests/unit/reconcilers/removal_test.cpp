// An instance that left the fleet: its containers and networks go in an order that hurts nobody;
// its data stays, and its file brings it back.
#include "reconcilers/removal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/reconciling.hpp"

namespace matriarch::reconcilers::testing {
namespace {

using ::testing::HasSubstr;

struct Removal {
    World world{};
    std::vector<std::string> removed{};
    /// Everything, in words.
    std::vector<std::string> done{};
    std::string blocked{};
};

Removal run_removal(const Wanted& wanted, World world) {
    Removal run{.world = std::move(world)};
    for (int pass = 0; pass < 100; ++pass) {
        const Steps steps = only_safe(wanted, run.world, plan_removal(wanted, run.world));
        run.blocked = steps.blocked.empty() ? "" : steps.blocked.front().code;
        if (steps.steps.empty()) return run;
        for (const Step& step : steps.steps) {
            run.done.push_back(in_words(step.action));
            if (verb(step.action) == std::string("remove")) {
                run.removed.push_back(resource(step.action));
            }
            simulate(run.world, step.action);
        }
        simulate_time(run.world, wanted, catalogue_forecast(wanted));
        if (!run.world.edge.is_known) run.world.edge = {};  // whoever is away says nothing
    }
    ADD_FAILURE() << "it does not come to an end";
    return run;
}

TEST(Removal, LetsSidekiqFinishItsJobs) {
    const Wanted wanted = settled(small_instance());
    World before = deployed(wanted);
    before.containers.at("alpha-sidekiq-main-1").workers = Workers{.busy = 3};
    const Removal run = run_removal(wanted, before);
    const auto place = [&](const std::string& what) {
        return std::find(run.done.begin(), run.done.end(), what) - run.done.begin();
    };
    const auto quiet = place("quiet container alpha-sidekiq-main-1");
    const auto stop = place("stop container alpha-sidekiq-main-1");
    EXPECT_LT(quiet, stop);
    EXPECT_LT(stop, static_cast<std::ptrdiff_t>(run.done.size()));
    EXPECT_TRUE(run.world.containers.empty());
}

TEST(Removal, TakesContainersInTurnThenNetworksAndNoVolume) {
    const Wanted wanted = settled(small_instance());
    const World before = deployed(wanted);
    const Removal run = run_removal(wanted, before);
    EXPECT_EQ(run.blocked, "");
    EXPECT_TRUE(run.world.containers.empty());
    EXPECT_TRUE(run.world.networks.empty());
    std::vector<std::string> services;
    for (const std::string& what : run.removed) {
        if (what.find("job") == std::string::npos) services.push_back(what);
    }
    EXPECT_EQ(services.front(), "container alpha-edge");
    EXPECT_EQ(services.back(), "network alpha-internal");
    const auto place = [&](const std::string& what) {
        const auto found = std::find(services.begin(), services.end(), "container alpha-" + what);
        EXPECT_NE(found, services.end()) << what;
        return found - services.begin();
    };
    EXPECT_LT(place("edge"), place("web-1"));
    EXPECT_LT(place("web-1"), place("sidekiq-main-1"));
    EXPECT_LT(place("sidekiq-main-1"), place("redis"));
    EXPECT_LT(place("redis"), place("postgres"));
    ASSERT_EQ(run.world.volumes.size(), before.volumes.size());
    for (const auto& [name, volume] : before.volumes) {
        EXPECT_EQ(run.world.volumes.at(name).labels, volume.labels) << name;
    }
    EXPECT_EQ(run.world.identity, before.identity);
    // The file is back.
    const Ending again = run_to_end(wanted, run.world);
    EXPECT_TRUE(again.is_settled);
    EXPECT_EQ(again.world.identity, before.identity);
}

TEST(Removal, LeavesWhoHasOnlyOurLabels) {
    const Wanted wanted = settled(small_instance());
    World world = deployed(wanted);
    ObservedContainer copy = world.containers.at("alpha-web-1");
    copy.name = copy.id = "busy_bee";
    world.containers["busy_bee"] = copy;
    const Removal run = run_removal(wanted, world);
    EXPECT_EQ(run.blocked, "not-ours");
    EXPECT_EQ(run.world.containers.size(), 1U);
    EXPECT_EQ(run.world.networks.size(), 2U);
}

TEST(Removal, LeavesNetworksThatOthersUseOrMade) {
    const Wanted wanted = settled(small_instance());
    World world = deployed(wanted);
    world.networks.at("alpha-internal").is_used = true;
    world.networks.at("alpha-external").labels.clear();
    const Removal run = run_removal(wanted, world);
    EXPECT_EQ(run.blocked, "network-in-use");
    EXPECT_TRUE(run.world.containers.empty());
    EXPECT_EQ(run.world.networks.size(), 2U);
}

TEST(Removal, WaitsForARestore) {
    const Wanted wanted = settled(small_instance());
    World world = deployed(wanted);
    world.identity.restoring = Restore{};
    EXPECT_THAT(to_text(plan_removal(wanted, world)), HasSubstr("is being brought back"));
}

TEST(Removal, CutsOffNoChangeOfTheSchema) {
    const Wanted wanted = settled(small_instance());
    World world = deployed(wanted);
    ObservedContainer job = world.containers.at("alpha-web-1");
    job.name = job.spec.name = job.id = "alpha-migrate";
    job.spec.role = "migrate";
    world.containers["alpha-migrate"] = job;
    const Steps steps = plan_removal(wanted, world);
    EXPECT_TRUE(steps.changes_nothing());
    EXPECT_THAT(to_text(steps), HasSubstr("is never cut off"));
    world.containers.at("alpha-migrate").state = RunState::exited;
    EXPECT_FALSE(plan_removal(wanted, world).changes_nothing());
}

TEST(Removal, SaysWhatStays) {
    const Wanted wanted = settled(small_instance());
    World world = deployed(wanted);
    const std::string words = what_stays(wanted, world, "/state/alpha");
    EXPECT_THAT(words, HasSubstr("docker volume rm alpha-backups alpha-edge alpha-media "
                                 "alpha-postgres-17 alpha-redis && rm -r /state/alpha"));
    EXPECT_THAT(words, HasSubstr("backups in /srv/backups/alpha"));
    world.volumes.clear();
    EXPECT_EQ(what_stays(wanted, world, "/x"), "/x stays; to take it away by hand: rm -r /x");
}

}  // namespace
}  // namespace matriarch::reconcilers::testing
