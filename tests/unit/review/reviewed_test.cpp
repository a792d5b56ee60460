// What counts as another plan than the one that was reviewed, and what does not.
#include "controller/review/reviewed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matriarch::controller {
namespace {

using namespace reconcilers;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

PlannedStep step(Action action, const std::string& reason = "not found",
                 Downtime downtime = Downtime::none, Reversible reversible = Reversible::yes) {
    return {.step = {std::move(action), reason, downtime, reversible}};
}

Action start(const std::string& name) {
    return StartContainer{.id = "0123", .name = name};
}

Action stop(const std::string& name) {
    return SignalContainer{.id = "0123", .name = name};
}

Action remove(const std::string& name) {
    return RemoveContainer{.id = "4567", .name = name};
}

std::string lines(std::vector<PlannedStep> steps, std::vector<Blocked> blocked = {}) {
    return plan_lines("a", {.steps = std::move(steps), .blocked = std::move(blocked)});
}

TEST(Reviewed, PlansAreKeptAsLinesWithoutReasons) {
    EXPECT_EQ(lines({step(stop("a-web-1"), "its memory is 256MiB, not 512MiB", Downtime::brief),
                     step(remove("a-web-1"), "x", Downtime::none, Reversible::needs_restore)},
                    {{.code = "host-memory", .message = "no room"}}),
              "downtime brief\nreversible needs-restore\nrefused host-memory\n"
              "step stop container a-web-1\nstep remove container a-web-1\n");
}

TEST(Reviewed, WhatIsNewOrGoneIsNamed) {
    const std::string then = lines({step(start("a-web-1")), step(start("a-redis"))});
    EXPECT_THAT(what_differs(then, then), IsEmpty());
    EXPECT_THAT(what_differs(then, lines({step(start("a-web-1"))})),
                ElementsAre("gone: start container a-redis"));
    EXPECT_THAT(what_differs(lines({step(start("a-web-1"))}), then),
                ElementsAre("new: start container a-redis"));
    // Twice is another plan than once.
    EXPECT_THAT(what_differs(then, then + "step start container a-redis\n"),
                ElementsAre("new: start container a-redis"));
    std::vector<PlannedStep> many;
    for (int i = 1; i <= 9; ++i) many.push_back(step(start("a-web-" + std::to_string(i))));
    EXPECT_THAT(what_differs("", lines(many)).front(),
                HasSubstr("a-web-3, start container a-web-4 and 5 more"));
}

TEST(Reviewed, AnotherCostIsADifference) {
    const std::string then = lines({step(start("a-web-1"))});
    EXPECT_THAT(what_differs(then, lines({step(start("a-web-1"), "r", Downtime::stops)})),
                ElementsAre("downtime: stops, not none"));
    EXPECT_THAT(
        what_differs(then, lines({step(start("a-web-1"), "r", Downtime::none, Reversible::no)})),
        ElementsAre("reversible: no, not yes"));
    const std::string refused = lines({step(start("a-web-1"))}, {{.code = "host-disk"}});
    EXPECT_THAT(what_differs(then, refused), ElementsAre("refused now: host-disk"));
    EXPECT_THAT(what_differs(refused, then), ElementsAre("refused no more: host-disk"));
}

TEST(Reviewed, TheOrderCountsForOneResource) {
    const std::string then = lines({step(stop("a-web-1")), step(start("a-web-1"))});
    EXPECT_THAT(what_differs(then, lines({step(start("a-web-1")), step(stop("a-web-1"))})),
                ElementsAre("in another order: container a-web-1"));
    EXPECT_THAT(what_differs(lines({step(start("a-web-1")), step(start("a-redis"))}),
                             lines({step(start("a-redis")), step(start("a-web-1"))})),
                IsEmpty());
}

TEST(Reviewed, WhatSaysNothingOfTheServerIsNoDifference) {
    const std::string then = lines({step(start("a-web-1"), "not running")});
    ContainerSpec job;
    job.name = "a-migrations-0123abcd";
    ContainerSpec dump;
    dump.name = "a-backup";
    EXPECT_THAT(
        what_differs(then, lines({step(PullImage{}), step(CreateContainer{.spec = job}),
                                  step(start(job.name)), step(Wait{.resource = "database schema"}),
                                  step(CreateContainer{.spec = dump}),
                                  step(ConnectNetwork{.network = "a-internal", .name = dump.name}),
                                  step(start(dump.name)), step(remove(dump.name)),
                                  step(start("a-web-1"), "exited with code 1")})),
        IsEmpty());
    // Jobs of other names are none of these.
    EXPECT_THAT(what_differs(then, then + lines({step(start("a-backup-dump"))})), Not(IsEmpty()));
}

TEST(Reviewed, NamesThatOnlyTellImagesAndTurnsApartAreNoDifference) {
    const std::string then = lines(
        {step(start("a-migrate-0123456789ab")), step(start("a-web-1")), step(stop("a-web-1-b"))});
    EXPECT_THAT(then, HasSubstr("step start container a-migrate\n"));
    EXPECT_THAT(what_differs(then, lines({step(start("a-migrate-ba9876543210")),
                                          step(start("a-web-1-b")), step(stop("a-web-1"))})),
                IsEmpty());
    EXPECT_THAT(lines({step(start("a-sidekiq-b")), step(start("a-web-12"))}),
                HasSubstr("container a-sidekiq-b\nstep start container a-web-12\n"));
}

TEST(Reviewed, TheWishIsTheFileWithItsOwnSecrets) {
    Fleet fleet;
    const specs::Instance instance{.name = "a", .secrets = "secrets/a.age"};
    const std::string before = wanted_digest(fleet, instance);
    fleet.secret_files["secrets/b.age"] = "of another";
    EXPECT_EQ(wanted_digest(fleet, instance), before);
    fleet.secret_files["secrets/a.age"] = "canary";
    EXPECT_NE(wanted_digest(fleet, instance), before);
    EXPECT_THAT(wanted_digest(fleet, instance), Not(HasSubstr("canary")));
    specs::Instance other = instance;
    other.web.replicas = 2;
    EXPECT_NE(wanted_digest(fleet, other), wanted_digest(fleet, instance));
    EXPECT_THAT(what_differs(removal_lines(), removal_lines()), IsEmpty());
}

}  // namespace
}  // namespace matriarch::controller
