// Drift as it is written down and told: one row from first to last moment, with its cause.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "controller/loop/drift_book.hpp"
#include "controller/loop/futility.hpp"
#include "controller/loop/incidents.hpp"
#include "controller/loop/report.hpp"
#include "controller/loop/shown.hpp"
#include "reconcilers/rollout.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using reconcilers::DriftItem;
using ::testing::HasSubstr;
using ::testing::Not;

class HandClock final : public Clock {
 public:
    [[nodiscard]] WallTime now() const override { return time; }
    [[nodiscard]] SteadyTime steady() const override { return {}; }
    WallTime time{1'000'000s};
};

DriftItem item(const std::string& resource, const std::string& field, const std::string& actual) {
    return {.resource = resource,
            .id = "id-of-" + resource,
            .difference = {.field = field, .desired = "wanted", .actual = actual},
            .risk = "risk",
            .heal = "heal"};
}

struct DriftBook : testing::Test {
    Scratch scratch{};
    HandClock clock{};
    std::unique_ptr<Journal> journal{*Journal::open(scratch / "journal.db", clock)};
    bool is_healing{true};
    std::string revision{"abc"};

    DriftNews look(std::vector<DriftItem> items) {
        clock.time += 1s;
        auto news = note_drift(*journal, {.instance = "alpha",
                                          .revision = revision,
                                          .items = std::move(items),
                                          .at = clock.time,
                                          .is_healing = is_healing,
                                          .cause = [](const DriftItem&) { return "a hand"; }});
        EXPECT_TRUE(news);
        return *news;
    }
    std::vector<RecordedDrift> all() { return *journal->drifts({.ended_since = WallTime{}}); }
    void step(const std::string& resource, const std::string& action = "update",
              const std::string& reason = "drift") {
        const auto row = *journal->intend({.pass = 1,
                                           .instance = "alpha",
                                           .revision = "abc",
                                           .action = action,
                                           .resource = resource,
                                           .reason = reason});
        EXPECT_TRUE(journal->conclude(row, {.outcome = Outcome::ok}));
    }
};

const std::string web = "container alpha-web-1";

TEST_F(DriftBook, IsOneRowFromTheFirstLookToTheLast) {
    EXPECT_EQ(look({item(web, "memory", "1MiB")}).opened.size(), 1U);
    EXPECT_TRUE(look({item(web, "memory", "1MiB")}).opened.empty());
    EXPECT_EQ(look({item(web, "memory", "2MiB")}).open.front().actual, "2MiB");
    step(web);
    EXPECT_TRUE(look({}).open.empty());
    ASSERT_EQ(all().size(), 1U);
    const RecordedDrift row = all().front();
    EXPECT_EQ(row.cause, "a hand");
    EXPECT_EQ(row.seen, WallTime(1'000'001s));
    EXPECT_EQ(row.healed, WallTime(1'000'004s));
    EXPECT_EQ(row.ending, DriftEnding::healed);
    EXPECT_EQ(journal->newest_events({})->size(), 2U);
}

TEST_F(DriftBook, AStepCountsThatIsDoneBeforeItsCauseIsWrittenDown) {
    const auto news = note_drift(
        *journal,
        {.instance = "alpha", .items = {item(web, "memory", "1MiB")}, .at = clock.time - 5s});
    ASSERT_TRUE(news);
    clock.time -= 1s;  // of the step
    step(web);
    (void)look({});
    EXPECT_EQ(all().front().ending, DriftEnding::healed);
}

TEST_F(DriftBook, KnowsWhoPutItRight) {
    (void)look({item(web, "memory", "1MiB"), item(web, "cpus", "3")});
    revision = "def";
    (void)look({item(web, "cpus", "3")});
    revision = "abc";
    (void)look({});
    EXPECT_EQ(all().at(0).ending, DriftEnding::accepted);
    EXPECT_EQ(all().at(1).ending, DriftEnding::gone);
}

TEST_F(DriftBook, AContainerMadeAnewToHealIsNoOtherDrift) {
    (void)look({item(web, "environment X", "set")});
    (void)look({item(web, "state", "exited")});
    (void)look({item(web, "existence", "absent")});
    (void)look({item(web, "state", "created")});
    ASSERT_EQ(all().size(), 1U);
    EXPECT_FALSE(all().front().healed);
    step(web);
    (void)look({});
    EXPECT_EQ(all().front().ending, DriftEnding::healed);
}

TEST_F(DriftBook, StoppedAndThenRemovedIsOneAbsence) {
    (void)look({item(web, "state", "exited")});
    (void)look({item(web, "existence", "absent")});
    (void)look({item(web, "state", "created")});
    ASSERT_EQ(all().size(), 1U);
    EXPECT_EQ(all().front().field, "existence");
    EXPECT_EQ(all().front().actual, "absent");
}

TEST_F(DriftBook, WhatIsOnlyReportedIsReportedInFull) {
    is_healing = false;
    (void)look({item(web, "memory", "1MiB")});
    (void)look({item(web, "memory", "1MiB"), item(web, "state", "exited")});
    EXPECT_EQ(all().size(), 2U);
}

TEST_F(DriftBook, SurvivesARestart) {
    (void)look({item(web, "memory", "1MiB")});
    journal.reset();
    journal = *Journal::open(scratch / "journal.db", clock);
    EXPECT_TRUE(look({item(web, "memory", "1MiB")}).opened.empty());
    const auto reader = *Journal::open_to_read(scratch / "journal.db", clock);
    EXPECT_EQ(reader->drifts({.instance = "alpha"})->size(), 1U);
    EXPECT_TRUE(reader->drifts({.instance = "beta"})->empty());
}

TEST_F(DriftBook, ALookWithoutControllerHasTheHistory) {
    (void)look({item(web, "memory", "1MiB")});
    const auto merged =
        with_history({.instance = "alpha",
                      .items = {item(web, "memory", "1MiB"), item(web, "cpus", "3")},
                      .at = WallTime(2'000'000s)},
                     all());
    ASSERT_EQ(merged.size(), 2U);
    EXPECT_EQ(merged[0].seen, WallTime(1'000'001s));
    EXPECT_EQ(merged[0].cause, "a hand");
    EXPECT_EQ(merged[1].seen, WallTime(2'000'000s));
}

TEST_F(DriftBook, AContainerThatWeRemovedOurselvesIsNone) {
    const auto left_of = [&](const std::string& actual) {
        clock.time += 1s;
        reconcilers::InstanceStatus status{.name = "alpha", .seen = clock.time};
        status.drift = {item(web, actual == "absent" ? "existence" : "state", actual)};
        status.conditions = {reconcilers::drifted(status.drift)};
        leave_out_own_doing(*journal, status);
        EXPECT_EQ(status.conditions.front().is_true, !status.drift.empty());
        return status.drift.size();
    };
    EXPECT_EQ(left_of("absent"), 1U);
    step(web, "stop");
    EXPECT_EQ(left_of("exited"), 0U);
    step(web, "remove");
    EXPECT_EQ(left_of("absent"), 0U);
    step(web, "create");
    EXPECT_EQ(left_of("created"), 0U);
    step(web, "start");
    EXPECT_EQ(left_of("absent"), 1U);
    (void)look({item(web, "state", "exited")});
    step(web, "remove");
    EXPECT_EQ(left_of("absent"), 1U);  // what somebody began is one row to its end
}

TEST_F(DriftBook, ARestartPolicyThatWeTookOurselvesIsNone) {
    const auto left_of = [&](const std::string& actual) {
        clock.time += 1s;
        reconcilers::InstanceStatus status{.name = "alpha", .seen = clock.time};
        status.drift = {item(web, "restart policy", actual)};
        leave_out_own_doing(*journal, status);
        return status.drift.size();
    };
    EXPECT_EQ(left_of("no"), 1U);
    step(web, "update", std::string("stopped for a restore; ") + reconcilers::kept_down);
    EXPECT_EQ(left_of("no"), 0U);
    EXPECT_EQ(left_of("on-failure"), 1U);  // that we never ask for
    step(web, "start");
    EXPECT_EQ(left_of("no"), 0U);
    step(web, "update", "restart policy no -> always");
    EXPECT_EQ(left_of("no"), 1U);
}

TEST_F(DriftBook, ARestartPolicyThatWeGaveBackSinceItWasSeenIsNone) {
    step(web, "update", std::string("stopped for a restore; ") + reconcilers::kept_down);
    clock.time += 2s;
    reconcilers::InstanceStatus status{.name = "alpha", .seen = clock.time - 1s};
    status.drift = {item(web, "restart policy", "no")};
    step(web, "update", "restart policy no -> always");
    leave_out_own_doing(*journal, status);
    EXPECT_TRUE(status.drift.empty());
}

DriftItem left(DriftItem one, const std::string& until) {
    one.ignored = specs::Ignore{.resource = "web", .reason = "a test", .until = until};
    return one;
}

TEST_F(DriftBook, WhatIsIgnoredIsOpenOnceItsDayIsOver) {
    const DriftItem memory = item(web, "memory", "1MiB");
    EXPECT_TRUE(look({left(memory, "2026-12-31")}).opened.empty());
    ASSERT_EQ(all().size(), 1U);
    EXPECT_FALSE(all().front().is_open());
    EXPECT_EQ(all().front().reason, "a test");
    (void)look({left(memory, "2027-12-31")});
    EXPECT_EQ(all().front().until, "2027-12-31");
    EXPECT_EQ(journal->newest_events({})->size(), 1U);
    EXPECT_EQ(look({memory}).opened.size(), 1U);
    EXPECT_TRUE(all().front().is_open());
    EXPECT_EQ(look({memory}).opened.size(), 0U);
    (void)look({left(memory, "2027-12-31")});
    ASSERT_EQ(all().size(), 1U);
    EXPECT_FALSE(all().front().is_open());
    std::string kinds;
    const auto events = *journal->newest_events({});
    for (const auto& one : events) kinds += one.kind + " ";
    EXPECT_EQ(kinds, "Drift-ignored Drift Drift-ignored ");
    (void)look({});
    EXPECT_EQ(all().front().ending, DriftEnding::gone);
}

TEST(DriftCondition, CountsOnlyWhatIsNotIgnored) {
    const DriftItem memory = item(web, "memory", "1MiB");
    EXPECT_FALSE(reconcilers::drifted({left(memory, "2026-12-31")}).is_true);
    const auto both = reconcilers::drifted({left(memory, "2026-12-31"), item(web, "cpus", "3")});
    EXPECT_TRUE(both.is_true);
    EXPECT_THAT(both.message, HasSubstr("cpus: wanted wanted, is 3; see"));
}

TEST_F(DriftBook, AHandIsSeenWhicheverOfItsTwoNamesAPartHas) {
    const auto left_of = [&](const std::string& resource) {
        clock.time += 1s;
        reconcilers::InstanceStatus status{.name = "alpha", .seen = clock.time};
        status.drift = {item(resource, "existence", "absent")};
        leave_out_own_doing(*journal, status);
        return status.drift.size();
    };
    const std::string second = web + "-b";
    for (const char* doing : {"create", "start"}) step(web, doing);
    for (const char* doing : {"create", "start"}) step(second, doing);
    for (const char* doing : {"stop", "remove"}) step(web, doing);
    EXPECT_EQ(left_of(web), 1U);  // the one that serves is called -b, and a hand removed it
    EXPECT_EQ(left_of(second), 1U);
    for (const char* doing : {"stop", "remove"}) step(second, doing);
    EXPECT_EQ(left_of(web), 0U);
    EXPECT_EQ(left_of(second), 0U);
}

Event event(const std::string& type, const std::string& action,
            std::map<std::string, std::string> attributes, std::int64_t second) {
    return {.type = type,
            .action = action,
            .id = "x",
            .attributes = std::move(attributes),
            .time_ns = second * 1'000'000'000};
}

TEST(Incidents, ExplainWhatFieldsShow) {
    Incidents incidents;
    incidents.note(event("container", "kill", {{"name", "alpha-web-1"}, {"signal", "15"}}, 100));
    incidents.note(event("container", "die", {{"name", "alpha-web-1"}, {"exitCode", "0"}}, 101));
    incidents.note(event("container", "die", {{"name", "alpha-redis"}, {"exitCode", "1"}}, 102));
    incidents.note(event("container", "update", {{"name", "alpha-web-1"}}, 103));
    incidents.note(event("network", "disconnect",
                         {{"name", "alpha-internal"}, {"container", "id-of-" + web}}, 104));
    incidents.note(
        event("container", "rename", {{"name", "bee"}, {"oldName", "/alpha-web-1"}}, 105));
    const auto cause = [&](const std::string& resource, const std::string& field) {
        return incidents.cause_of(item(resource, field, "x"), WallTime(110s));
    };
    EXPECT_THAT(cause(web, "state"), HasSubstr("through the Engine's API: Engine event container "
                                               "kill signal=15 at 1970-01-01T00:01:40"));
    EXPECT_THAT(cause("container alpha-redis", "state"), HasSubstr("ended by itself"));
    EXPECT_THAT(cause(web, "memory"), HasSubstr("container update"));
    EXPECT_THAT(cause(web, "network alpha-internal"), HasSubstr("network disconnect"));
    EXPECT_EQ(cause("container alpha-redis", "network alpha-internal"), "");
    EXPECT_THAT(cause(web, "name"), HasSubstr("oldName=/alpha-web-1"));
    EXPECT_EQ(cause(web, "mounts"), "");
    EXPECT_EQ(incidents.cause_of(item(web, "memory", "x"), WallTime(10'000s)), "");
}

TEST(Futility, AQuarrelIsLeftForLongerAndLonger) {
    Futility futility;
    WallTime now{1'000'000s};
    for (int time = 0; time < 5; ++time) futility.note(web, "memory", now += 10s);
    EXPECT_TRUE(futility.held(now).empty());
    futility.note(web, "memory", now += 10s);
    EXPECT_THAT(futility.held(now).at(web), HasSubstr("memory was changed 6 times"));
    EXPECT_FALSE(futility.held(now + 29s).empty());
    EXPECT_TRUE(futility.held(now + 30s).empty());
    futility.note(web, "memory", now += 40s);
    EXPECT_FALSE(futility.held(now + 59s).empty());
    for (int time = 0; time < 30; ++time) futility.note(web, "memory", now += 10s);
    EXPECT_FALSE(futility.held(now + 59min).empty());
    EXPECT_TRUE(futility.held(now + 1h).empty());
    futility.note(web, "memory", now += 3h);
    EXPECT_TRUE(futility.held(now).empty());
}

TEST(Futility, SurvivesARestartAndEndsWithACommit) {
    std::vector<RecordedDrift> drifts;
    for (int time = 0; time < 6; ++time) {
        drifts.push_back({.revision = "abc",
                          .resource = web,
                          .field = "memory",
                          .seen = WallTime(1'000'000s + time * 10s)});
    }
    const WallTime now(1'000'060s);
    EXPECT_FALSE(Futility::recalled(drifts, "abc").held(now).empty());
    EXPECT_TRUE(Futility::recalled(drifts, "def").held(now).empty());
    EXPECT_TRUE(Futility::recalled({}, "abc").held(now).empty());
}

TEST(Futility, WhoIsAwayIsBroughtBackHoweverOften) {
    Futility futility;
    WallTime now{1'000'000s};
    for (int time = 0; time < 100; ++time) {
        futility.note(web, "existence", now += 1s);
        futility.note(web, "state", now);
        futility.note(web, "memory", now += 3min);
    }
    EXPECT_TRUE(futility.held(now).empty());
}

TEST(DriftReport, IsWhatTheContractSays) {
    const std::vector<RecordedDrift> drifts{{.instance = "alpha",
                                             .resource = web,
                                             .field = "memory",
                                             .desired = "1GiB",
                                             .actual = "2|`GiB\n",
                                             .cause = "\u001b[2J",
                                             .seen = WallTime(1s)},
                                            {.instance = "alpha",
                                             .resource = web,
                                             .field = "cpus",
                                             .desired = "1",
                                             .actual = "2",
                                             .seen = WallTime(1s),
                                             .healed = WallTime(2s),
                                             .ending = DriftEnding::healed}};
    EXPECT_THAT(drift_json(drifts),
                HasSubstr(R"({"items":[{"instance":"alpha","resource":"container alpha-web-1",)"
                          R"("field":"memory","desired":"1GiB","actual":"2|`GiB\n",)"
                          R"("detected_at":"1970-01-01T00:00:01.000Z","healed_at":null,"cause":)"));
    EXPECT_THAT(drift_json(drifts), HasSubstr(R"("healed_at":"1970-01-01T00:00:02.000Z")"));
    EXPECT_EQ(drift_json({}), R"({"items":[]})");
    const std::string text = drift_text(drifts);
    EXPECT_THAT(text, HasSubstr("alpha: 1 open, 1 over\n  OPEN  container alpha-web-1 memory"));
    EXPECT_THAT(text, Not(HasSubstr("\u001b")));
    EXPECT_THAT(drift_markdown(drifts), HasSubstr(R"(| 2\|\`GiB\\n |)"));
}

TEST(DriftReport, ShowsWhatIsIgnoredWithItsReason) {
    const std::vector<RecordedDrift> drifts{{.instance = "alpha",
                                             .resource = web,
                                             .field = "memory",
                                             .desired = "1GiB",
                                             .actual = "2GiB",
                                             .seen = WallTime(1s),
                                             .until = "2026-12-31",
                                             .reason = "a|test"}};
    EXPECT_THAT(drift_json(drifts),
                HasSubstr(R"("ignored":{"until":"2026-12-31","reason":"a|test"})"));
    EXPECT_THAT(drift_text(drifts), HasSubstr("alpha: 0 open, 1 ignored, 0 over\n  left  container"
                                              " alpha-web-1 memory: wanted 1GiB, is 2GiB\n"));
    EXPECT_THAT(drift_text(drifts), HasSubstr("ignored until 2026-12-31: a|test"));
    EXPECT_THAT(drift_markdown(drifts), HasSubstr(R"(| ignored until 2026-12-31: a\|test |)"));
}

TEST(MetricNames, InRulesAndBoardExist) {
    Metrics metrics;
    declare_metrics(metrics);
    const std::string known = metrics.text();
    const std::regex word("(matriarch|process)_[a-z_]+");
    for (const char* file : {"alerts.yaml", "alerts_test.yaml", "dashboard.json"}) {
        std::stringstream text;
        text << std::ifstream(std::string(SOURCE_FOLDER) + "/examples/monitoring/" + file).rdbuf();
        const std::string content = text.str();
        int count = 0;
        for (std::sregex_iterator name(content.begin(), content.end(), word), end; name != end;
             ++name) {
            EXPECT_THAT(known, HasSubstr("# TYPE " + name->str() + " ")) << file;
            ++count;
        }
        EXPECT_GT(count, 5) << file;
    }
}

}  // namespace
}  // namespace matriarch::controller
