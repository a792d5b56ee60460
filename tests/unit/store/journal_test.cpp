// History is written before and after, survives crashes as `unknown`, and never stops the work.
// On real files, with a clock that the test turns.
#include "controller/store/journal.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;

class HandClock final : public Clock {
 public:
    [[nodiscard]] WallTime now() const override { return time; }
    [[nodiscard]] SteadyTime steady() const override { return {}; }
    WallTime time{1'000s};
};

struct JournalTest : testing::Test {
    Scratch scratch{};
    HandClock clock{};
    std::filesystem::path path{scratch / "journal.db"};

    std::unique_ptr<Journal> open(Retention retention = {}) {
        auto journal = Journal::open(path, clock, retention);
        EXPECT_TRUE(journal) << to_text(journal.error());
        return std::move(*journal);
    }
    static StepIntent intent(const std::string& resource) {
        return {.pass = 1,
                .instance = "e",
                .revision = "abc",
                .action = "start",
                .resource = resource,
                .reason = "not running"};
    }
    int files_aside() const {
        int count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
            const std::string name = entry.path().filename().string();
            if (name.find(".broken-") != std::string::npos) ++count;
        }
        return count;
    }
};

TEST_F(JournalTest, WritesIntentAndOutcome) {
    const auto journal = open();
    const std::int64_t pass = *journal->begin_pass("e", "abc");
    const std::int64_t first = *journal->intend(intent("container web"));
    ASSERT_TRUE(journal->conclude(first, {.outcome = Outcome::ok, .took = 12ms}));
    const std::int64_t second = *journal->intend(intent("container redis"));
    EXPECT_EQ(journal->steps({})->front().outcome.outcome, Outcome::running);
    ASSERT_TRUE(journal->conclude(second, {.outcome = Outcome::failed, .error = "port is taken"}));
    ASSERT_TRUE(journal->end_pass(pass, Outcome::failed, "port is taken"));

    const auto steps = *journal->steps({.instance = "e"});
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0].intent.resource, "container redis");
    EXPECT_EQ(steps[0].outcome.error, "port is taken");
    EXPECT_EQ(steps[1].outcome.took, 12ms);
    EXPECT_EQ(steps[1].at, clock.time);
    EXPECT_EQ(steps[1].intent.reason, "not running");
    EXPECT_TRUE(journal->steps({.instance = "other"})->empty());
    EXPECT_EQ(journal->passes({})->front().outcome, Outcome::failed);
    EXPECT_EQ(journal->passes({})->front().ended, clock.time);
}

TEST_F(JournalTest, CallsWhatACrashCutOffUnknown) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto journal = open();
        const bool is_written = journal->begin_pass("e", "abc") && journal->intend(intent("web"));
        ::_exit(is_written ? 0 : 1);  // as after kill -9
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    const auto journal = open();
    ASSERT_EQ(journal->steps({})->size(), 1U);
    EXPECT_EQ(journal->steps({})->front().outcome.outcome, Outcome::unknown);
    EXPECT_EQ(journal->passes({})->front().outcome, Outcome::unknown);
}

TEST_F(JournalTest, IsReadByAnotherWhileItIsWritten) {
    const auto journal = open();
    ASSERT_TRUE(journal->intend(intent("web")));
    auto reader = Journal::open_to_read(path, clock);
    ASSERT_TRUE(reader) << to_text(reader.error());
    EXPECT_EQ((*reader)->steps({})->size(), 1U);
    ASSERT_TRUE(journal->intend(intent("redis")));
    EXPECT_EQ((*reader)->steps({})->size(), 2U);
    EXPECT_EQ((*reader)->steps({})->front().outcome.outcome, Outcome::running);
    EXPECT_FALSE((*reader)->intend(intent("x")));
    EXPECT_FALSE(Journal::open_to_read(scratch / "absent.db", clock));
}

TEST_F(JournalTest, BeginsAnewWhereTheFileIsNoDatabase) {
    scratch.file("journal.db", std::string(8'192, 'x'));
    const auto journal = open();
    EXPECT_TRUE(journal->intend(intent("web")));
    EXPECT_EQ(files_aside(), 1);
    EXPECT_EQ(Scratch::mode(path), 0600U);
}

TEST_F(JournalTest, BeginsAnewWhereANewerVersionWroteIt) {
    {
        ASSERT_TRUE(
            Database::open(path, Access::read_and_write)->run_script("PRAGMA user_version=99"));
    }
    EXPECT_TRUE(open()->intend(intent("web")));
    EXPECT_GE(files_aside(), 1);
}

TEST_F(JournalTest, BeginsAnewInTheMiddleOfWorkWhenATableIsGone) {
    const auto journal = open();
    ASSERT_TRUE(journal->intend(intent("web")));
    { ASSERT_TRUE(Database::open(path, Access::read_and_write)->run_script("DROP TABLE steps")); }
    EXPECT_TRUE(journal->intend(intent("redis")));
    ASSERT_EQ(journal->steps({})->size(), 1U);
    EXPECT_GE(files_aside(), 1);
    EXPECT_TRUE(std::filesystem::exists(path.string() + "-wal"));
    EXPECT_EQ((*Journal::open_to_read(path, clock))->steps({})->size(), 1U);
}

TEST_F(JournalTest, GivesEventsSinceAnId) {
    const auto journal = open();
    const std::int64_t first = *journal->add_event({.instance = "e", .kind = "a", .message = "1"});
    ASSERT_TRUE(journal->add_event({.instance = "f", .kind = "b", .message = "2"}));
    ASSERT_TRUE(journal->add_event({.instance = "e", .kind = "c", .message = "3"}));
    EXPECT_EQ(journal->events_since(0, {})->size(), 3U);
    const auto later = *journal->events_since(first, {.instance = "e"});
    ASSERT_EQ(later.size(), 1U);
    EXPECT_EQ(later.front().message, "3");
    const auto newest = *journal->newest_events({.rows_max = 2});
    ASSERT_EQ(newest.size(), 2U);
    EXPECT_EQ(newest.front().message, "2");
    EXPECT_EQ(newest.back().message, "3");
}

TEST_F(JournalTest, RemembersTheLastRevisionThatSettled) {
    const auto journal = open();
    EXPECT_EQ(journal->last_settled("e")->has_value(), false);
    for (const char* revision : {"one", "two", "bad"}) {
        clock.time += 1s;
        ASSERT_TRUE(journal->see_revision(
            {.instance = "e", .revision = revision, .author = "A <a@b>", .subject = "s"}));
    }
    clock.time += 1s;
    ASSERT_TRUE(journal->judge_revision("e", "one", RevisionOutcome::settled, ""));
    clock.time += 1s;
    ASSERT_TRUE(journal->judge_revision("e", "two", RevisionOutcome::settled, ""));
    ASSERT_TRUE(journal->judge_revision("e", "bad", RevisionOutcome::invalid, "a.yaml:1:2: no"));
    EXPECT_EQ((*journal->last_settled("e"))->revision, "two");
    clock.time += 1s;  // a revert reaches the first one again
    ASSERT_TRUE(journal->see_revision({.instance = "e", .revision = "one"}));
    ASSERT_TRUE(journal->judge_revision("e", "one", RevisionOutcome::settled, ""));
    EXPECT_EQ((*journal->last_settled("e"))->revision, "one");
    EXPECT_EQ((*journal->last_settled("e"))->author, "A <a@b>");
    EXPECT_EQ(journal->revisions({})->front().outcome, RevisionOutcome::invalid);
    EXPECT_EQ(journal->revisions({})->front().message, "a.yaml:1:2: no");
}

TEST_F(JournalTest, WritesAConditionOnlyWhenItChanges) {
    const auto journal = open();
    RecordedCondition ready{.instance = "e", .type = "Ready", .status = "False", .reason = "Start"};
    EXPECT_TRUE(*journal->set_condition(ready));
    const WallTime since = clock.time;
    clock.time += 1min;
    EXPECT_FALSE(*journal->set_condition(ready));
    ready.message = "waiting for web";  // the same status: since does not move
    EXPECT_TRUE(*journal->set_condition(ready));
    EXPECT_EQ(journal->conditions("e")->front().since, since);
    ready.status = "True";
    EXPECT_TRUE(*journal->set_condition(ready));
    ASSERT_EQ(journal->conditions("e")->size(), 1U);
    EXPECT_EQ(journal->conditions("e")->front().since, clock.time);
    EXPECT_EQ(journal->condition_history({})->size(), 3U);
}

TEST_F(JournalTest, KeepsFactsByKey) {
    const auto journal = open();
    EXPECT_EQ(*journal->fact("migrations sha256:a"), std::nullopt);
    ASSERT_TRUE(journal->keep_fact("migrations sha256:a", "2024 x\n"));
    EXPECT_EQ(*journal->fact("migrations sha256:a"), "2024 x\n");
}

TEST_F(JournalTest, ForgetsWhatIsBeyondItsRetention) {
    const auto journal = open({.steps_max = 3, .others_max = 2});
    ASSERT_TRUE(journal->see_revision({.instance = "e", .revision = "good"}));
    ASSERT_TRUE(journal->judge_revision("e", "good", RevisionOutcome::settled, ""));
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(journal->intend(intent(std::to_string(i))));
        ASSERT_TRUE(journal->add_event({.message = std::to_string(i)}));
        ASSERT_TRUE(journal->see_revision({.instance = "e", .revision = std::to_string(i)}));
        ASSERT_TRUE(journal->set_condition(
            {.instance = "e", .type = "T" + std::to_string(i), .status = "True"}));
    }
    ASSERT_TRUE(journal->trim());
    EXPECT_EQ(journal->steps({})->size(), 3U);
    EXPECT_EQ(journal->steps({})->front().intent.resource, "9");
    EXPECT_EQ(journal->events_since(0, {})->size(), 2U);
    EXPECT_EQ(journal->revisions({})->size(), 3U);
    EXPECT_EQ((*journal->last_settled("e"))->revision, "good");
    EXPECT_EQ(journal->conditions("e")->size(), 10U);
}

TEST_F(JournalTest, KeepsWhatPullRequestsWereSaidToDoWithinBounds) {
    const auto journal = open();
    const auto plan = [](const std::string& head, const std::string& text) {
        return std::vector<ReviewedPlan>{
            {.head = head, .instance = "e", .digest = "d", .plan = text}};
    };
    ASSERT_TRUE(journal->keep_reviewed(7, plan("one", "step '; DROP\n")));
    clock.time += 1s;
    ASSERT_TRUE(journal->keep_reviewed(8, plan("other", "x")));
    const auto both = *journal->reviewed("e", "d");
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0].head, "other");
    EXPECT_EQ(both[1].number, 7);
    EXPECT_EQ(both[1].plan, "step '; DROP\n");
    EXPECT_EQ(both[0].at, clock.time);
    EXPECT_TRUE(journal->reviewed("e", "other")->empty());
    // What is said now takes the place of what was said before.
    ASSERT_TRUE(journal->keep_reviewed(7, plan("two", "y")));
    EXPECT_EQ(journal->reviewed("e", "d")->size(), 2U);
    ASSERT_TRUE(journal->keep_reviewed(7, {}));
    EXPECT_EQ(journal->reviewed("e", "d")->size(), 1U);
    ASSERT_TRUE(journal->keep_reviewed(9, plan("long", std::string(70'000, 'x'))));
    EXPECT_EQ(journal->reviewed("e", "d")->size(), 1U);
    for (int number = 100; number < 620; ++number) {
        clock.time += 1ms;
        ASSERT_TRUE(journal->keep_reviewed(number, plan("many", "z")));
    }
    const auto kept = *journal->reviewed("e", "d");
    EXPECT_EQ(kept.size(), 500U);
    EXPECT_EQ(kept.front().number, 619);
}

TEST_F(JournalTest, KeepsWholePullRequestsOfAsManyInstancesAsThereIsRoomFor) {
    const auto journal = open({.others_max = 5});
    for (int number = 1; number <= 3; ++number) {
        clock.time += 1s;
        ASSERT_TRUE(journal->keep_reviewed(
            number, {{.head = "h", .instance = "e", .digest = "d", .plan = "x"},
                     {.head = "h", .instance = "f", .digest = "d", .plan = "x"}}));
    }
    EXPECT_EQ(journal->reviewed("e", "d")->size(), 2U);
    EXPECT_EQ(journal->reviewed("f", "d")->size(), 2U);
}

}  // namespace
}  // namespace matriarch::controller
