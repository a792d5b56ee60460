// Drift reports on a branch: which branch that may be, what its files say, when it is pushed.
#include "controller/loop/drift_branch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/unit/git/fleet_repository.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(DriftBranch, IsNeverOneThatAFleetIsReadFrom) {
    EXPECT_TRUE(check_drift_branch("matriarch/drift", "main"));
    EXPECT_TRUE(check_drift_branch("matriarch/drift", ""));
    for (const auto& [branch, watched] : {std::pair("main", "main"), std::pair("main", ""),
                                          std::pair("matriarch/drift", "matriarch/drift")}) {
        const auto answer = check_drift_branch(branch, watched);
        ASSERT_FALSE(answer) << branch;
        EXPECT_THAT(answer.error().hint, HasSubstr("--drift-branch matriarch/drift"));
    }
}

TEST(DriftBranch, HasAFileForEachInstanceAlsoWhereNothingDiffers) {
    const auto files = drift_files({"alpha", "beta"}, {{.instance = "beta",
                                                        .resource = "container beta-web-1",
                                                        .field = "memory",
                                                        .desired = "1GiB",
                                                        .actual = "2GiB"}});
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[0].path, "reports/alpha.md");
    EXPECT_THAT(files[0].content, HasSubstr("Nothing differs from git."));
    EXPECT_EQ(files[1].path, "reports/beta.md");
    EXPECT_THAT(files[1].content, HasSubstr("2GiB"));
}

class DriftBranchOf : public testing::Test {
 protected:
    void SetUp() override { fleet.git("init --quiet --bare " + bare()); }

    [[nodiscard]] std::string bare() const { return fleet.root() + "/bare.git"; }

    [[nodiscard]] DriftBranchOptions options() const {
        return {.source = {.url = bare(),
                           .branch = "matriarch/drift",
                           .state_folder = fleet.root() + "/drift.git"},
                .every = 20ms};
    }

    /// What git says once it says so.
    void eventually(const std::string& arguments, const std::string& answer) const {
        std::string last;
        for (const auto end = std::chrono::steady_clock::now() + git::patience;
             std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(20ms)) {
            try {
                last = fleet.git("--git-dir " + bare() + " " + arguments);
            } catch (const std::runtime_error& error) {
                last = error.what();
            }
            if (last == answer) return;
        }
        ADD_FAILURE() << arguments << ": " << last;
    }

    git::FleetRepository fleet{};
};

TEST_F(DriftBranchOf, PushesWhatIsOfferedAndOnlyWhatIsNew) {
    DriftBranch branch(options(), [](const Error& error) { ADD_FAILURE() << error.message; });
    branch.offer({{"reports/one.md", "a"}});
    eventually("show matriarch/drift:reports/one.md", "a");
    branch.offer({{"reports/one.md", "a"}});
    branch.offer({{"reports/one.md", "b"}});
    eventually("show matriarch/drift:reports/one.md", "b");
    eventually("rev-list --count matriarch/drift", "2");
}

TEST_F(DriftBranchOf, SaysAFailureOnceAndTriesAgain) {
    std::atomic<int> failures{0};
    std::promise<std::string> first;
    std::filesystem::rename(bare(), bare() + ".away");
    DriftBranch branch(options(), [&](const Error& error) {
        if (failures++ == 0) first.set_value(error.message);
    });
    branch.offer({{"reports/one.md", "a"}});
    EXPECT_THAT(first.get_future().get(), HasSubstr("bare.git"));
    std::this_thread::sleep_for(300ms);  // of several tries
    EXPECT_EQ(failures, 1);
    std::filesystem::rename(bare() + ".away", bare());
    eventually("show matriarch/drift:reports/one.md", "a");
}

}  // namespace
}  // namespace matriarch::controller
