// What jobs with restic print of the repository: theirs, or anybody's bytes.
#include <gtest/gtest.h>

#include "controller/loop/observe.hpp"

namespace matriarch::controller {
namespace {

using std::chrono::hours;

const std::string listed =
    "repository 0827abcd\n"
    "snapshots "
    "[{\"time\":\"2026-11-26T02:43:56.39Z\",\"hostname\":\"alpha\",\"tags\":[\"database\","
    "\"slot=2026-11-26T00:00:00Z\",\"taken=2026-11-26T00:01:02Z\",\"system=771\",\"complete\","
    "\"verified\",\"pinned\",\"drill=2026-11-26T01:00:00Z\",\"recovery=10\"],\"id\":\"bf6c\"},"
    "{\"tags\":[\"media\",\"slot=2026-11-25T00:00:00Z\"],\"id\":\"5a87\"},"
    "{\"tags\":[\"of somebody\"],\"id\":\"1111\"},{\"id\":\"2222\"},7]\n\n";

TEST(Repository, ReadsTheListThatAJobEndsWith) {
    const auto repository = parse_repository("noise\n" + listed);
    ASSERT_TRUE(repository);
    EXPECT_EQ(repository->id, "0827abcd");
    ASSERT_EQ(repository->snapshots.size(), 2U);
    const auto& database = repository->snapshots.front();
    const reconcilers::Time day =
        std::chrono::sys_days(std::chrono::year(2026) / std::chrono::November / 26);
    EXPECT_EQ(database.kind, "database");
    EXPECT_EQ(database.slot, day);
    EXPECT_EQ(reconcilers::slot_text(database.taken), "2026-11-26T00:01:02Z");
    EXPECT_EQ(database.system, "771");
    EXPECT_TRUE(database.is_complete && database.is_verified);
    EXPECT_EQ(database.drilled, day + hours(1));
    EXPECT_EQ(database.recovery, std::chrono::seconds(10));
    EXPECT_FALSE(repository->snapshots.back().is_complete);
}

TEST(Repository, AnEmptyOneIsKnownAndACutOffOneIsNot) {
    EXPECT_TRUE(parse_repository("repository a\nsnapshots []\n")->is_known);
    EXPECT_TRUE(parse_repository("repository a\nsnapshots null\n")->is_known);
    EXPECT_FALSE(parse_repository(""));
    EXPECT_FALSE(parse_repository("repository a\n"));
    EXPECT_FALSE(parse_repository("repository \nsnapshots []\n"));
    for (std::size_t length = 0; length + 3 < listed.size(); ++length) {
        EXPECT_FALSE(parse_repository(listed.substr(0, length))) << length;
    }
}

TEST(Repository, WhatWasFetchedSaysWhatItIs) {
    const auto set = parse_fetched_set(
        "set slot 2026-11-26T00:00:00Z\nset size 1234\nset postgres 15.18 (Debian)\n"
        "set domain alpha.test\nset image m/mastodon:v4.5.0\nset image m/mastodon:v4.6.0\n" +
        listed);
    ASSERT_TRUE(set);
    EXPECT_EQ(reconcilers::slot_text(set->slot), "2026-11-26T00:00:00Z");
    EXPECT_EQ(set->size, 1234);
    EXPECT_EQ(set->postgres, 15);
    EXPECT_EQ(set->domain, "alpha.test");
    EXPECT_EQ(set->web_images.size(), 2U);
    EXPECT_FALSE(parse_fetched_set(listed));
    EXPECT_FALSE(parse_fetched_set("set slot soon\nset domain a\n"));
}

TEST(Repository, TimesOfTagsReadBack) {
    for (const char* text : {"2026-11-26T00:01:02Z", "1999-12-31T23:59:59Z"}) {
        EXPECT_EQ(reconcilers::slot_text(*reconcilers::parse_slot(text)), text);
    }
    for (const char* text : {"", "2026-11-26", "2026-13-26T00:01:02Z", "2026-11-26T00:01:02+01"}) {
        EXPECT_FALSE(reconcilers::parse_slot(text)) << text;
    }
}

}  // namespace
}  // namespace matriarch::controller
