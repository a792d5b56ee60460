// Proposals: what they are called, in which order they come, and when one has had its day.
#include "controller/review/proposal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/review/forge_dialect.hpp"
#include "controller/review/proposals.hpp"
#include "specs/specs.hpp"

namespace matriarch::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

specs::Version v(const char* text) {
    return *specs::parse_version(text);
}

Proposal proposal(const std::string& instance, const char* to, bool is_security = false) {
    return {.instance = instance,
            .file = "fleet/" + instance + ".yaml",
            .from = v("v4.5.0"),
            .to = v(to),
            .is_security = is_security};
}

TEST(Proposal, SaysInItsNameWhatItIsFor) {
    const Proposal one = proposal("alpha-v1", "v4.5.3", true);
    EXPECT_EQ(branch_of(one), "matriarch/propose/alpha-v1-v4.5.3");
    EXPECT_EQ(title_of(one), "[security] alpha-v1: Mastodon v4.5.3");
    EXPECT_EQ(title_of(proposal("beta", "v4.6.0")), "beta: Mastodon v4.6.0");
    EXPECT_THAT(body_of(one), HasSubstr("v4.5.0; v4.5.3 is out, and closes security holes"));
    EXPECT_THAT(body_of(proposal("beta", "v4.6.0")), Not(HasSubstr("security holes")));
    const git::Writing writing = writing_of(one, "main");
    ASSERT_EQ(writing.edits.size(), 1U);
    EXPECT_EQ(writing.edits.front().from, "v4.5.0");
    EXPECT_EQ(writing.edits.front().to, "v4.5.3");
    EXPECT_EQ(writing.base, "main");
}

TEST(Proposal, SecurityComesFirst) {
    std::vector<Proposal> all{proposal("b", "v4.6.0"), proposal("a", "v4.6.0"),
                              proposal("b", "v4.5.3", true)};
    sort_proposals(all);
    std::vector<std::string> names;
    for (const Proposal& one : all) names.push_back(branch_of(one).substr(18));
    EXPECT_THAT(names, ElementsAre("b-v4.5.3", "a-v4.6.0", "b-v4.6.0"));
}

TEST(Proposal, IsSupersededOnceItIsNoneAnyMore) {
    const std::vector<Proposal> all{proposal("alpha", "v4.5.3")};
    EXPECT_FALSE(is_superseded("matriarch/propose/alpha-v4.5.3", all, {}));
    EXPECT_TRUE(is_superseded("matriarch/propose/alpha-v4.5.2", all, {}));
    EXPECT_TRUE(is_superseded("matriarch/propose/gone-v4.5.2", all, {}));
    EXPECT_FALSE(is_superseded("matriarch/propose/alpha-v4.5.2", all, {"alpha"}))
        << "its registry could not be asked";
    for (const char* branch : {"main", "matriarch/drift", "matriarch/propose/notes",
                               "matriarch/propose/alpha-v4.5.2-mine", "matriarch/propose/-v4.5.2",
                               "feature/matriarch/propose/alpha-v4.5.2"}) {
        EXPECT_FALSE(is_superseded(branch, all, {})) << branch;
    }
    EXPECT_EQ(superseded_text("matriarch/propose/alpha-v4.5.2", all),
              "Superseded: v4.5.3 is proposed now.\n");
    EXPECT_THAT(superseded_text("matriarch/propose/beta-v4.5.2", all), HasSubstr("nothing newer"));
}

TEST(Proposal, IsPrintedForPeopleAndScripts) {
    ProposalReport report{.proposals = {{.proposal = proposal("a", "v4.5.3", true),
                                         .standing = Proposed::Standing::opened,
                                         .number = 7}},
                          .superseded = {"matriarch/propose/a-v4.5.2"}};
    EXPECT_EQ(proposals_text(report),
              "a: v4.5.0 to v4.5.3 (security): opened, matriarch/propose/a-v4.5.3, #7\n"
              "superseded: matriarch/propose/a-v4.5.2\n");
    EXPECT_EQ(proposals_json(report),
              R"({"proposals":[{"instance":"a","from":"v4.5.0","to":"v4.5.3","security":true,)"
              R"("branch":"matriarch/propose/a-v4.5.3","state":"opened","number":7}],)"
              R"("superseded":["matriarch/propose/a-v4.5.2"],"problems":[]})");
    EXPECT_EQ(proposals_text({}), "nothing newer to be taken\n");
}

ForgeSettings forge(ForgeKind kind) {
    return {.kind = kind, .url = "https://forge.example", .repository = "people/fleet"};
}

TEST(ForgeDialect, OpensAndClosesAsEachForgeDoes) {
    EXPECT_EQ(pulls_from_path(forge(ForgeKind::github), "main", "matriarch/propose/a-v4.5.3", 1),
              "/pulls?state=all&base=main&head=people%3Amatriarch%2Fpropose%2Fa-v4.5.3"
              "&per_page=100&page=1");
    EXPECT_EQ(pulls_from_path(forge(ForgeKind::gitea), "main", "x", 2),
              "/pulls?state=all&limit=50&page=2");
    EXPECT_EQ(pulls_from_path(forge(ForgeKind::gitlab), "main", "a/b", 1),
              "/merge_requests?state=all&target_branch=main&source_branch=a%2Fb"
              "&per_page=100&page=1");
    const NewPull pull{.from = "f", .base = "main", .title = "t", .body = "b"};
    EXPECT_EQ(new_pull_body(ForgeKind::gitea, pull),
              R"({"title":"t","head":"f","base":"main","body":"b"})");
    EXPECT_EQ(new_pull_body(ForgeKind::gitlab, pull),
              R"({"title":"t","source_branch":"f","target_branch":"main","description":"b"})");
    EXPECT_EQ(close_body(ForgeKind::github, "x"), R"({"state":"closed","body":"x"})");
    EXPECT_EQ(close_body(ForgeKind::gitlab, "x"), R"({"state_event":"close","description":"x"})");
    EXPECT_EQ(pull_path(ForgeKind::gitlab, 3), "/merge_requests/3");
    EXPECT_EQ(*parse_pull_number(ForgeKind::github, R"({"number":3})"), 3);
    EXPECT_EQ(*parse_pull_number(ForgeKind::gitlab, R"({"id":9,"iid":3})"), 3);
    for (const char* body : {"", "{}", "[]", R"({"number":0})", R"({"number":"x"})"}) {
        EXPECT_FALSE(parse_pull_number(ForgeKind::github, body)) << body;
    }
}

TEST(ForgeDialect, KnowsItsOwnBranchesFromThoseOfForks) {
    const std::string sha = "\"sha\":\"" + std::string(40, 'a') + "\"";
    const auto one = [&](const std::string& home) {
        const auto pulls = parse_pulls(
            ForgeKind::github,
            R"([{"number":7,"base":{"ref":"main","repo":{"full_name":"people/fleet"}},"head":)"
            R"({"ref":"f",)" +
                sha + R"(,"repo":)" + home + "}}]",
            "main");
        return pulls && pulls->size() == 1 && pulls->front().is_from_here;
    };
    EXPECT_TRUE(one(R"({"full_name":"people/fleet"})"));
    EXPECT_FALSE(one(R"({"full_name":"stranger/fleet"})"));
    EXPECT_FALSE(one("null"));
    const auto merge = [&](const char* source) {
        const auto pulls = parse_pulls(ForgeKind::gitlab,
                                       R"([{"iid":9,"target_branch":"main","target_project_id":7,)"
                                       R"("source_project_id":)" +
                                           std::string(source) + "," + sha + "}]",
                                       "main");
        return pulls && pulls->front().is_from_here;
    };
    EXPECT_TRUE(merge("7"));
    EXPECT_FALSE(merge("8"));
    EXPECT_FALSE(merge("null"));
}

}  // namespace
}  // namespace matriarch::controller
