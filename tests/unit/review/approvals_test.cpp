// Approvals: whose word counts, of what, and that a direct push among merges is no merge.
#include "controller/review/approvals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace matriarch::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const specs::ReviewRule two_of_three{.approvals = 2, .by = {"ada", "Grace", "mary@example.org"}};

/// Pull request 7 of maria, whose head is "new".
Merged merged(std::vector<Approval> approvals) {
    return {.pull = {.number = 7, .head = "new", .author = "maria"},
            .approvals = std::move(approvals)};
}

Approval yes(const std::string& who, const std::string& head = "new") {
    return {.by = who, .is_given = true, .head = head};
}

TEST(Approvals, OfThoseWhoCountAreCounted) {
    EXPECT_THAT(approvers_of(two_of_three, merged({yes("ADA"), yes("grace"), yes("stranger")})),
                ElementsAre("ada", "grace"));
    // GitLab takes back itself what is of an older head.
    EXPECT_THAT(approvers_of(two_of_three, merged({yes("ada", "")})), ElementsAre("ada"));
}

TEST(Approvals, OfAnOlderHeadTakenBackOrOfOnesOwnAreNone) {
    EXPECT_THAT(approvers_of(two_of_three, merged({yes("ada", "old")})), IsEmpty());
    EXPECT_THAT(approvers_of(two_of_three, merged({yes("ada"), {.by = "ada", .head = "new"}})),
                IsEmpty());
    EXPECT_THAT(approvers_of(two_of_three, merged({{.by = "ada", .head = "new"}, yes("ada")})),
                ElementsAre("ada"));
    EXPECT_THAT(approvers_of({.approvals = 1, .by = {"Maria"}}, merged({yes("maria")})), IsEmpty());
}

/// A signed commit of maria with this message.
git::Revision signed_with(const std::string& message) {
    return {.id = std::string(40, 'a'),
            .email = "maria@example.org",
            .signed_bytes = "tree " + std::string(40, 'b') + "\nauthor Maria\n\n" + message};
}

Result<void> by_message(const std::string& message) {
    return approved_in_message({.approvals = 1, .by = {"ada@example.org", "maria@example.org"}},
                               signed_with(message));
}

TEST(Approvals, StandAtTheEndOfASignedMessageWhereThereIsNoForge) {
    EXPECT_TRUE(by_message("Upgrade\n\nReviewed-by: Ada <ada@example.org>\n"));
    EXPECT_TRUE(by_message("Upgrade\n\nSigned-off-by: M <m@x>\nreviewed-by: A <ADA@example.org>"));
    for (const char* message :
         {"Upgrade\n", "", "Reviewed-by: Ada <ada@example.org>\n",
          "Upgrade\n\nReviewed-by: Ada <ada@example.org>\n\nMore.\n",
          "Upgrade\n\nReviewed-by: ada@example.org\n", "Upgrade\n\nReviewed-by: >ada<\n",
          "Upgrade\n\nReviewed-by: Eve <eve@example.org>\n",
          "Upgrade\n\nReviewed-by: Me <maria@example.org>\n"}) {
        const auto answer = by_message(message);
        ASSERT_FALSE(answer) << message;
        EXPECT_EQ(answer.error().kind, ErrorKind::refused);
        EXPECT_THAT(answer.error().message, HasSubstr("it has 0 of 1 approval in Reviewed-by"));
    }
    EXPECT_FALSE(approved_in_message(
        {.approvals = 2, .by = {"ada@example.org", "grace@example.org"}},
        signed_with("Upgrade\n\nReviewed-by: Ada <ada@example.org>\nReviewed-by: Ada "
                    "<ada@example.org>\n")));
}

}  // namespace
}  // namespace matriarch::controller
