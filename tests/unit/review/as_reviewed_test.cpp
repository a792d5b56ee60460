// Which pull request's plan a commit is held against: one that was merged, and no other.
#include "controller/review/as_reviewed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/review/reviewed.hpp"
#include "tests/unit/review/commits.hpp"

namespace matriarch::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string head(40, 'a');
const std::string merge(40, 'b');

Fleet fleet_with(const std::map<std::string, std::string>& versions) {
    return read_fleet(commit_with(versions)).fleet;
}

class AsReviewedTest : public testing::Test {
 protected:
    AsReviewedTest() {
        by.planner = [this](const Fleet&, const auto& instances, std::stop_token) {
            planned.push_back(instances.front().name);
            if (trouble) return Result<std::vector<Planned>>(fail(*trouble));
            Planned one;
            one.plan.plan.steps = steps;
            return Result<std::vector<Planned>>(std::vector<Planned>{one});
        };
        by.shown = [this](const std::string& instance, const std::string& digest) {
            std::vector<ReviewedPlan> found;
            for (const ReviewedPlan& each : kept) {
                if (each.instance == instance && each.digest == digest) found.push_back(each);
            }
            return Result<std::vector<ReviewedPlan>>(found);
        };
        by.merged = [this](const git::Revision&, std::stop_token) {
            ++asked;
            return forge;
        };
        does({"alpha-web-1"});
    }

    void does(const std::vector<std::string>& started) {
        steps.clear();
        for (const std::string& name : started) {
            steps.push_back({.step = {.action = reconcilers::StartContainer{.name = name}}});
        }
    }

    /// A pull request with this head was shown to do what is planned now.
    void review(const std::string& of, int number = 7) {
        Review review{.head = of};
        for (const auto& [name, instance] : wanted.instances) {
            if (!change_of(base, wanted, instance)) continue;
            review.instances.push_back({.name = name,
                                        .digest = wanted_digest(wanted, instance),
                                        .plan = reconcilers::Plan{.steps = steps}});
        }
        for (ReviewedPlan& one : plans_shown(number, review)) kept.push_back(std::move(one));
    }

    std::vector<Departure> compare() {
        const auto found = departures(by, revision, {base, wanted}, {});
        EXPECT_TRUE(found) << found.error().message;
        return found.value_or(std::vector<Departure>{});
    }

    Fleet base{fleet_with({{"alpha", "v4.6.0"}, {"beta", "v4.6.0"}})};
    Fleet wanted{fleet_with({{"alpha", "v4.7.0"}, {"beta", "v4.6.0"}})};
    git::Revision revision{.id = merge, .since = {merge}, .merged = {head}};
    std::vector<reconcilers::PlannedStep> steps{};
    std::vector<ReviewedPlan> kept{};
    std::vector<std::string> planned{};
    std::optional<Error> trouble{};
    Result<std::set<std::string>> forge{std::set<std::string>{}};
    int asked{0};
    AsReviewed by{};
};

TEST_F(AsReviewedTest, WhatWasShownAndMergedIsTaken) {
    review(head);
    for (const bool is_required : {false, true}) {
        by.is_required = is_required;
        EXPECT_THAT(compare(), IsEmpty());
    }
    EXPECT_THAT(planned, ElementsAre("alpha", "alpha"));
    EXPECT_EQ(asked, 0);
    // So is a head that the branch went forward to, and one that lies below another merge.
    revision = {.id = head, .since = {head}};
    EXPECT_THAT(compare(), IsEmpty());
    revision = {
        .id = std::string(40, 'c'), .since = {std::string(40, 'c'), merge}, .merged = {head}};
    EXPECT_THAT(compare(), IsEmpty());
}

TEST_F(AsReviewedTest, WhatItWouldDoOtherwiseIsNamed) {
    review(head);
    does({"alpha-web-1", "alpha-streaming-1"});
    const auto found = compare();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().instance, "alpha");
    EXPECT_EQ(found.front().number, 7);
    EXPECT_THAT(found.front().what, ElementsAre("new: start container alpha-streaming-1"));
    // One on top of it that shows that frees it.
    revision = {.id = std::string(40, 'c'),
                .since = {std::string(40, 'c'), merge},
                .merged = {std::string(40, 'd'), head}};
    review(std::string(40, 'd'), 8);
    by.is_required = true;
    EXPECT_THAT(compare(), IsEmpty());
}

TEST_F(AsReviewedTest, WhatWasNeverReviewedIsHeldOnlyWhereThatIsAskedFor) {
    EXPECT_THAT(compare(), IsEmpty());
    EXPECT_THAT(planned, IsEmpty());
    by.is_required = true;
    const auto found = compare();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().number, 0);
    // What was reviewed wanted the instance otherwise.
    review(head);
    wanted = fleet_with({{"alpha", "v4.7.1"}, {"beta", "v4.6.0"}});
    EXPECT_EQ(compare().size(), 1U);
    // A commit that changes no instance is nobody's business.
    wanted = base;
    EXPECT_THAT(compare(), IsEmpty());
}

TEST_F(AsReviewedTest, WhatWasNotMergedDoesNotCountWhateverItWants) {
    by.is_required = true;
    review(std::string(40, 'e'));
    EXPECT_EQ(compare().size(), 1U);
    EXPECT_EQ(asked, 1);
    // The forge knows of squashed ones.
    forge = std::set<std::string>{std::string(40, 'e')};
    EXPECT_THAT(compare(), IsEmpty());
    by.is_required = false;
    EXPECT_THAT(compare(), IsEmpty());
    EXPECT_EQ(asked, 2);  // there is nothing to say, merged or not
    does({});
    EXPECT_EQ(compare().size(), 1U);
    forge = std::set<std::string>{};
    EXPECT_THAT(compare(), IsEmpty());
}

TEST_F(AsReviewedTest, WhoDoesNotAnswerHoldsOnlyWhereThatIsAskedFor) {
    review(head);
    trouble = Error{.kind = ErrorKind::unavailable, .message = "no Engine"};
    EXPECT_THAT(compare(), IsEmpty());
    by.is_required = true;
    const auto engine = departures(by, revision, {base, wanted}, {});
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().kind, ErrorKind::unavailable);
    // What is wrong with the host's files is said like a plan.
    trouble = Error{.kind = ErrorKind::refused, .message = "no secrets"};
    EXPECT_THAT(compare().front().what.front(), HasSubstr("no secrets"));
    trouble.reset();
    revision.merged.clear();
    forge = fail(ErrorKind::unavailable, "no forge");
    EXPECT_FALSE(departures(by, revision, {base, wanted}, {}));
}

TEST_F(AsReviewedTest, ARemovalIsReviewedToo) {
    by.is_required = true;
    wanted = fleet_with({{"alpha", "v4.6.0"}});
    EXPECT_EQ(compare().front().instance, "beta");
    const Review review{.head = head,
                        .instances = {{.name = "beta", .change = InstanceReview::Change::removed}}};
    kept = plans_shown(9, review);
    EXPECT_THAT(compare(), IsEmpty());
    EXPECT_THAT(planned, IsEmpty());
}

}  // namespace
}  // namespace matriarch::controller
