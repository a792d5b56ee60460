// What a reviewer reads: the line that matters, and nothing that a stranger could put there.
#include "controller/review/comment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/review/outcome.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::controller {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Change = InstanceReview::Change;
namespace model = reconcilers::testing;

/// What the pull request would do to an instance as it runs.
InstanceReview review_of(const reconcilers::Wanted& before, const reconcilers::Wanted& after) {
    return {.name = after.instance.name,
            .plan = reconcilers::preview(after, model::deployed(before),
                                         reconcilers::catalogue_forecast(after))};
}

Review review(std::vector<InstanceReview> instances) {
    return {.head = std::string(40, 'a'),
            .base = std::string(40, 'b'),
            .instances = std::move(instances),
            .unchanged = 2};
}

TEST(ReviewComment, SaysWhatALimitDoes) {
    const auto before = model::settled(model::small_instance());
    auto after = before;
    after.instance.web.limits.memory.count *= 2;
    const Review one = review({review_of(before, after)});
    const std::string text = comment_text(one);
    EXPECT_THAT(text, HasSubstr("**alpha**: 1 step, stays up, a revert takes it back."));
    EXPECT_THAT(text, HasSubstr("Memory, as limited: "));
    EXPECT_THAT(text, HasSubstr("2 other instances stay as they are."));
    const auto statuses = statuses_of(one);
    ASSERT_EQ(statuses.size(), 2U);
    EXPECT_EQ(statuses[0].context, "matriarch");
    EXPECT_EQ(statuses[1].context, "matriarch/alpha");
    EXPECT_EQ(statuses[1].verdict, Verdict::success);
    EXPECT_EQ(statuses[1].description, "1 step, stays up, a revert takes it back");
}

TEST(ReviewComment, NamesVersionsMigrationsAndWhatTheReleasesAskFor) {
    InstanceReview one{.name = "alpha",
                       .plan = reconcilers::Plan{.migrations = {{"1", "one"}, {"2", "two", true}},
                                                 .from = specs::parse_version("v4.2.0").value(),
                                                 .to = specs::parse_version("v4.3.0").value()}};
    one.plan->steps.push_back({.id = "1",
                               .step = {.downtime = reconcilers::Downtime::stops,
                                        .reversible = reconcilers::Reversible::needs_restore}});
    const std::string text = comment_text(review({one}));
    EXPECT_THAT(text, HasSubstr("v4.2.0 to v4.3.0"));
    EXPECT_THAT(text, HasSubstr("2 migrations (1 after the deployment), stops while it is done, a "
                                "way back needs a restore"));
    EXPECT_THAT(text, HasSubstr("The releases on the way ask for:"));
}

TEST(ReviewComment, FailsWhatWouldBeRefused) {
    InstanceReview refused{.name = "alpha", .plan = reconcilers::Plan{}};
    refused.plan->blocked.push_back(
        {.code = "downgrade", .message = "v4.5.0 cannot read it", .hint = "Restore."});
    const Review one = review({refused});
    const std::string text = comment_text(one);
    EXPECT_THAT(text, HasSubstr("**alpha**: refused."));
    EXPECT_THAT(text, HasSubstr("> **v4.5.0 cannot read it** Restore."));
    EXPECT_EQ(text.find("cannot read it"), text.rfind("cannot read it"));
    EXPECT_EQ(statuses_of(one).back().description, "refused: v4.5.0 cannot read it");
    for (const CommitStatus& status : statuses_of(one)) {
        EXPECT_EQ(status.verdict, Verdict::failure) << status.context;
    }
}

TEST(ReviewComment, ShowsProblemsOfFilesWithoutMarkupOfTheirs) {
    Review broken = review({});
    broken.problems = {{.kind = ErrorKind::invalid,
                        .message = "unknown key '</details>@everyone ![x](http://evil)'",
                        .where = "fleet/a.yaml:1:1"}};
    const std::string text = comment_text(broken);
    EXPECT_THAT(text, HasSubstr("A merge would change nothing"));
    EXPECT_THAT(text, Not(HasSubstr("'</details>")));
    EXPECT_THAT(text, Not(HasSubstr("@everyone")));
    EXPECT_THAT(text, Not(HasSubstr("![x]")));
    ASSERT_EQ(statuses_of(broken).size(), 1U);
    EXPECT_EQ(statuses_of(broken).front().verdict, Verdict::failure);
}

TEST(ReviewComment, SaysThatABranchIsBehindAndThatAFileIsGone) {
    Review gone = review({{.name = "beta", .change = Change::removed}});
    gone.is_behind = true;
    const std::string text = comment_text(gone);
    EXPECT_THAT(text, HasSubstr("does not contain the commit in force"));
    EXPECT_THAT(text, HasSubstr("**beta**: its file is gone: it runs on"));
    EXPECT_EQ(statuses_of(gone).back().verdict, Verdict::success);
}

TEST(ReviewComment, SaysWhoMustApprove) {
    Review one = review({});
    EXPECT_THAT(comment_text(one), Not(HasSubstr("approval")));
    one.asks = {.approvals = 2, .by = {"ada", "@everyone"}};
    EXPECT_THAT(comment_text(one), HasSubstr("only with 2 approvals of ada, "));
    EXPECT_THAT(comment_text(one), Not(HasSubstr("@everyone")));
}

TEST(ReviewComment, SaysThatAMergeIsHeldToIt) {
    Review one = review({{.name = "beta", .change = Change::removed}});
    EXPECT_THAT(comment_text(one), Not(HasSubstr("only while")));
    one.is_held_to_this = true;
    EXPECT_THAT(comment_text(one), HasSubstr("only while this is what it would do"));
}

TEST(ReviewComment, SaysThatNothingChanges) {
    EXPECT_THAT(comment_text(review({})), HasSubstr("Nothing: no instance"));
    EXPECT_EQ(statuses_of(review({})).front().description, "no instance changes");
}

RecordedRevision row(const std::string& instance, RevisionOutcome outcome, int seconds = 0) {
    RecordedRevision one{.instance = instance, .revision = "c", .outcome = outcome};
    one.message = outcome == RevisionOutcome::settled ? "" : "no room";
    if (outcome == RevisionOutcome::settled) one.settled = one.seen + std::chrono::seconds(seconds);
    return one;
}

TEST(ReviewOutcome, SaysWhyACommitIsHeld) {
    const auto status = refused_status("c", {.kind = ErrorKind::refused, .message = "not signed"});
    EXPECT_EQ(status.commit, "c");
    EXPECT_EQ(status.context, "matriarch/applied");
    EXPECT_EQ(status.verdict, Verdict::failure);
    EXPECT_EQ(status.description, "held: not signed");
}

TEST(ReviewOutcome, IsTheWorstOfAllInstances) {
    using enum RevisionOutcome;
    EXPECT_FALSE(outcome_of("c", {}, ""));
    EXPECT_FALSE(outcome_of("other", {row("a", settled)}, ""));
    const auto all = outcome_of("c", {row("a", settled, 3), row("b", settled, 12)}, "");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->verdict, Verdict::success);
    EXPECT_EQ(all->description, "applied to 2 instances, 12 s after the push");
    const auto some = outcome_of("c", {row("a", settled), row("b", seen)}, "");
    EXPECT_EQ(some->verdict, Verdict::pending);
    EXPECT_EQ(some->description, "1 of 2 instances done");
    const auto held = outcome_of("c", {row("a", blocked), row("b", settled)}, "");
    EXPECT_EQ(held->verdict, Verdict::failure);
    EXPECT_EQ(held->description, "a is held: no room");
    EXPECT_EQ(outcome_of("c", {row("a", failed)}, "a: new: x")->description, "a failed: no room");
    EXPECT_EQ(
        outcome_of("c", {row("a", settled, 3)}, "a: new: stop container a-web-1")->description,
        "applied to 1 instance, 3 s after the push, otherwise than reviewed: a: new: stop "
        "container a-web-1");
    EXPECT_TRUE(is_unsettled("c", "b", {row("a", settled), row("b", seen)}));
    EXPECT_FALSE(is_unsettled("c", "a", {row("a", settled), row("b", seen)}));
    EXPECT_TRUE(is_unsettled("c", "b", {row("b", blocked)}));
    EXPECT_FALSE(is_unsettled("other", "b", {row("b", seen)}));
}

}  // namespace
}  // namespace matriarch::controller
