// Which releases an instance could go to: the newest of its line, the newest of all, and why.
#include "specs/newer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specs/specs.hpp"

namespace matriarch::specs {
namespace {

using testing::ElementsAre;

Version v(const char* text) {
    return *parse_version(text);
}

Instance at(const char* version, int postgres = 17, const std::string& more = {}) {
    const auto instance = parse_instance_text(
        std::string("instance: a\ndomain: a.example\nmastodon: ") + version +
            "\nbackups: {repository: /b}\npostgres: {version: " + std::to_string(postgres) + "}\n" +
            more,
        "a.yaml");
    EXPECT_TRUE(instance) << to_text(instance.error());
    return *instance;
}

Available tags(std::initializer_list<const char*> texts) {
    Available available;
    for (const char* text : texts) available[v(text)] = false;
    return available;
}

std::vector<std::string> names(const std::vector<NewerRelease>& newer) {
    std::vector<std::string> texts;
    for (const auto& one : newer) {
        texts.push_back(to_text(one.version) + (one.is_security ? " security" : ""));
    }
    return texts;
}

TEST(Newer, IsTheNewestOfTheLineAndTheNewestOfAll) {
    const auto all = tags({"v4.5.0", "v4.5.1", "v4.5.3", "v4.6.0", "v4.6.1", "v4.4.9"});
    EXPECT_THAT(names(newer_releases(at("v4.5.0"), all)),
                ElementsAre("v4.5.3 security", "v4.6.1 security"));
    EXPECT_THAT(names(newer_releases(at("v4.6.0"), all)), ElementsAre("v4.6.1 security"));
    EXPECT_THAT(names(newer_releases(at("v4.6.1"), all)), ElementsAre());
}

TEST(Newer, ASecurityReleaseOnTheWayCountsToo) {
    // 4.5.14 closes a hole, 4.5.15 and 4.5.16 do not.
    EXPECT_THAT(names(newer_releases(at("v4.5.13"), tags({"v4.5.16"}))),
                ElementsAre("v4.5.16 security"));
    EXPECT_THAT(names(newer_releases(at("v4.5.14"), tags({"v4.5.16"}))), ElementsAre("v4.5.16"));
}

TEST(Newer, WhatSomebodyCallsUrgentIsOne) {
    Available all = tags({"v4.9.1", "v4.9.2"});
    EXPECT_THAT(names(newer_releases(at("v4.9.0"), all)), ElementsAre("v4.9.2"));
    all[v("v4.9.1")] = true;
    EXPECT_THAT(names(newer_releases(at("v4.9.0"), all)), ElementsAre("v4.9.2 security"));
}

TEST(Newer, CandidatesAndBuildsOfOthersAreNobodysUpgrade) {
    EXPECT_THAT(names(newer_releases(at("v4.5.0"), tags({"v4.6.0-rc.1", "v4.5.1-dup"}))),
                ElementsAre());
    EXPECT_THAT(names(newer_releases(at("v4.6.0-rc.1"), tags({"v4.6.0"}))), ElementsAre("v4.6.0"));
}

TEST(Newer, TenComesAfterNine) {
    EXPECT_THAT(names(newer_releases(at("v4.9.0"), tags({"v4.10.0", "v4.9.1"}))),
                ElementsAre("v4.9.1", "v4.10.0"));
}

TEST(Newer, WhatItsPostgresDoesNotAllowIsPassedOver) {
    // 4.7 asks for a newer PostgreSQL than 4.2 does.
    const auto all = tags({"v4.2.5", "v4.7.5"});
    ASSERT_TRUE(std::ranges::any_of(newer_releases(at("v4.2.0", 17), all),
                                    [](const auto& one) { return one.version == v("v4.7.5"); }));
    EXPECT_FALSE(std::ranges::any_of(newer_releases(at("v4.2.0", 12), all),
                                     [](const auto& one) { return one.version == v("v4.7.5"); }));
}

}  // namespace
}  // namespace matriarch::specs
