// What a merge would do, judged without an Engine: what changes is planned, and nothing that is not
// allowed.
#include "controller/review/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/review/commits.hpp"

namespace matriarch::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Change = InstanceReview::Change;

class Judge : public testing::Test {
 protected:
    Review judge(const git::Revision& revision) {
        const Planner planner = [this](const Fleet&, const auto& instances, std::stop_token) {
            std::vector<Planned> plans;
            for (const specs::Instance& one : instances) {
                planned.push_back(one.name);
                Planned& plan = plans.emplace_back();
                plan.wanted.instance = one;
                plan.wanted.policy = policy;
                plan.plan.name = one.name;
                plan.plan.plan.from = specs::parse_version("v4.6.0").value();
                plan.plan.plan.to = one.mastodon;
                plan.plan.plan.migrations = {{"1", "one"}};
                plan.plan.plan.steps.push_back({.id = "1"});
            }
            return Result<std::vector<Planned>>(std::move(plans));
        };
        Redactor redactor;
        return controller::judge(
            revision,
            {.base = base,
             .policy = policy,
             .planner = planner,
             .rehearse =
                 [this](const std::string& instance, const specs::Version& version) {
                     rehearsed.push_back(instance + " " + to_text(version));
                     return Result<Rehearsed>(
                         Rehearsed{.rehearsal = answer, .lacks_backup = lacks_backup});
                 },
             .redactor = redactor},
            {});
    }

    Fleet base{read_fleet(commit_with({{"alpha", "v4.6.0"}, {"beta", "v4.6.0"}})).fleet};
    specs::Policy policy{};
    std::vector<std::string> planned{};
    std::vector<std::string> rehearsed{};
    std::optional<reconcilers::Rehearsal> answer{};
    bool lacks_backup{false};
};

TEST_F(Judge, PlansOnlyWhatChanges) {
    const Review review = judge(commit_with({{"alpha", "v4.7.0"}, {"beta", "v4.6.0"}}));
    EXPECT_THAT(review.problems, IsEmpty());
    EXPECT_THAT(planned, ElementsAre("alpha"));
    EXPECT_EQ(review.unchanged, 1);
    const Review others = judge(commit_with({{"alpha", "v4.6.0"}, {"gamma", "v4.6.0"}}));
    ASSERT_EQ(others.instances.size(), 2U);
    EXPECT_EQ(others.instances[0].change, Change::added);
    EXPECT_EQ(others.instances[1].name, "beta");
    EXPECT_EQ(others.instances[1].change, Change::removed);
}

TEST_F(Judge, PlansNothingOfWhatThePolicyHolds) {
    policy.lowest_version = {.major = 4, .minor = 6};
    policy.reviews = {.approvals = 1, .by = {"ada"}};
    const Review review = judge(commit_with({{"alpha", "v4.5.0"}, {"beta", "v4.6.0"}}));
    ASSERT_EQ(review.problems.size(), 1U);
    EXPECT_EQ(review.problems.front().where, "alpha.yaml");
    EXPECT_EQ(review.problems.front().kind, ErrorKind::refused);
    EXPECT_THAT(review.problems.front().message,
                HasSubstr("alpha does not meet this host's policy: mastodon is v4.5.0"));
    EXPECT_THAT(planned, IsEmpty());
    EXPECT_EQ(review.asks.approvals, 1);
    EXPECT_EQ(statuses_of(review).front().verdict, Verdict::failure);
}

TEST_F(Judge, HasTriedWhatMigratesWhereThatIsAskedFor) {
    const auto commit = commit_with({{"alpha", "v4.7.0"}, {"beta", "v4.6.0"}});
    EXPECT_FALSE(judge(commit).instances.front().is_rehearsed_first);
    EXPECT_THAT(rehearsed, IsEmpty());
    policy.rehearsed = true;
    const Review waiting = judge(commit);
    EXPECT_THAT(rehearsed, ElementsAre("alpha v4.7.0"));
    EXPECT_TRUE(waiting.instances.front().is_rehearsing);
    EXPECT_THAT(comment_text(waiting), HasSubstr("being rehearsed"));
    EXPECT_EQ(statuses_of(waiting).front().verdict, Verdict::pending);
    lacks_backup = true;
    EXPECT_THAT(comment_text(judge(commit)), HasSubstr("waits for a first backup"));
    answer = reconcilers::Rehearsal{};
    answer->phases = {{.name = "regular", .exit_code = 1}};
    answer->last_words = "PG::UniqueViolation | <b>";
    const Review failed = judge(commit);
    EXPECT_FALSE(failed.instances.front().is_rehearsing);
    EXPECT_THAT(comment_text(failed), HasSubstr("rehearsal failed"));
    EXPECT_THAT(comment_text(failed), HasSubstr("\\<b>"));
    EXPECT_EQ(statuses_of(failed).front().verdict, Verdict::failure);
    answer->phases.front().exit_code = 0;
    answer->migrations = {{"1", "AddOne", std::chrono::milliseconds(1200)}};
    const Review passed = judge(commit);
    EXPECT_THAT(comment_text(passed), HasSubstr("rehearsal passed"));
    EXPECT_THAT(comment_text(passed), HasSubstr("| 1 AddOne | 1.2 s |"));
    EXPECT_EQ(statuses_of(passed).front().verdict, Verdict::success);
}

}  // namespace
}  // namespace matriarch::controller
