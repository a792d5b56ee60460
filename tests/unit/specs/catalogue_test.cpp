// The release catalogue: spot checks against the fact file it was made from.
#include "specs/catalogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace matriarch::specs {
namespace {

Version v(const char* text) {
    return *parse_version(text);
}

TEST(Catalogue, HoldsEveryReleaseOnceInOrder) {
    const auto releases = catalogue::releases();
    EXPECT_EQ(releases.size(), 266U);
    EXPECT_EQ(to_text(releases.front()->version), "v1.2.0");
    EXPECT_EQ(to_text(releases.back()->version), "v4.7.5");
    for (std::size_t i = 1; i < releases.size(); ++i) {
        EXPECT_LT(releases[i - 1]->version, releases[i]->version);
    }
}

TEST(Catalogue, FindsReleasesForksAndTheNearest) {
    EXPECT_EQ(catalogue::find(v("v4.5.0"))->date, "2025-11-06");
    EXPECT_EQ(catalogue::find(v("v4.5.0+glitch"))->version, v("v4.5.0"));
    EXPECT_EQ(catalogue::find(v("v4.5.0-rc.1")), nullptr);
    EXPECT_EQ(catalogue::find(v("v4.9.0")), nullptr);
    EXPECT_EQ(catalogue::find_or_before(v("v4.9.0"))->version, v("v4.7.5"));
    EXPECT_EQ(catalogue::find_or_before(v("v1.0.0")), nullptr);
}

TEST(Catalogue, KnowsWhatAnUpgradeMigrates) {
    // Measured on the real application: 62 and 5, then 15 and 0 (facts/mastodon-measured.md).
    const Pending first = catalogue::pending(v("v4.3.8"), v("v4.4.8"));
    EXPECT_EQ(first.regular.size(), 62U);
    EXPECT_EQ(first.post.size(), 5U);
    EXPECT_TRUE(first.is_complete);
    const Pending second = catalogue::pending(v("v4.4.8"), v("v4.5.0"));
    EXPECT_EQ(second.regular.size(), 15U);
    EXPECT_TRUE(second.post.empty());
    const Pending third = catalogue::pending(v("v4.6.5"), v("v4.7.0"));
    EXPECT_EQ(third.regular.size(), 19U);
    ASSERT_EQ(third.post.size(), 8U);
    EXPECT_EQ(third.post.front().id, 20260702144128);
    EXPECT_EQ(third.post.front().name, "migrate_local_account_keypairs");
    EXPECT_TRUE(third.is_complete);
    EXPECT_FALSE(catalogue::pending(v("v4.7.0"), v("v4.7.5")).is_complete);
    EXPECT_TRUE(catalogue::pending(v("v4.7.0"), v("v4.7.0")).is_complete);
    EXPECT_TRUE(catalogue::pending(v("v4.7.0"), v("v4.6.0")).regular.empty());
}

TEST(Catalogue, KnowsWhatAReleaseNeeds) {
    EXPECT_EQ(catalogue::postgres_minimum(v("v4.5.0")), 14);
    EXPECT_EQ(catalogue::postgres_minimum(v("v4.4.0")), 13);
    EXPECT_EQ(catalogue::postgres_minimum(v("v4.3.0")), 12);
    EXPECT_EQ(catalogue::postgres_minimum(v("v4.2.4")), 10);
    EXPECT_EQ(catalogue::postgres_minimum(v("v4.8.0")), 14);
    const Release& release = *catalogue::find(v("v4.3.0"));
    EXPECT_EQ(release.needs.size(), 3U);
    EXPECT_EQ(release.rolling_from, v("v4.2.0"));
    EXPECT_TRUE(std::any_of(release.steps.begin(), release.steps.end(),
                            [](const UpgradeStep& step) { return step.id == "streaming-image"; }));
    EXPECT_EQ(catalogue::find(v("v4.4.0"))->forbids, std::vector<std::string>{"REDIS_NAMESPACE"});
    EXPECT_EQ(catalogue::find(v("v4.7.5"))->skip_post_gate, 20241007071624);
    EXPECT_EQ(catalogue::find(v("v4.7.5"))->redis_minimum, "7.0");
    EXPECT_TRUE(catalogue::find(v("v4.7.5"))->is_security);
    EXPECT_EQ(catalogue::supported_until(v("v4.5.3")), "2027-02-20");
}

TEST(Catalogue, KnowsTheQueuesOfALine) {
    using Queues = std::vector<std::string>;
    EXPECT_EQ(catalogue::queues(v("v4.7.5")),
              (Queues{"default", "push", "ingress", "mailers", "pull", "fasp", "scheduler"}));
    EXPECT_EQ(catalogue::queues(v("v4.3.0")),
              (Queues{"default", "push", "ingress", "mailers", "pull", "scheduler"}));
    EXPECT_EQ(catalogue::queues(v("v3.5.0")),
              (Queues{"default", "push", "mailers", "pull", "scheduler"}));
    EXPECT_EQ(catalogue::queues(v("v9.0.0")), catalogue::queues(v("v4.7.5")));
}

}  // namespace
}  // namespace matriarch::specs
