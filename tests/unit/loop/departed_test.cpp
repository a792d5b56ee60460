// A file that is gone, and everything that only looks like it: of these, none is a removal.
#include "controller/loop/departed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/store/suspend.hpp"
#include "specs/yaml.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::string& name, const std::string& domain) {
    return "instance: " + name + "\ndomain: " + domain +
           "\nmastodon: v4.7.5\nbackups: {repository: /srv/backups/" + name + "}\nedge: external\n";
}

/// A commit of these files: name -> text.
FleetReading reading(const std::map<std::string, std::string>& files,
                     std::vector<std::string> passed_over = {}) {
    git::Revision revision{.id = std::string(40, 'b')};
    for (const auto& [path, text] : files) {
        const auto tree = specs::parse_yaml(text, path);
        git::File file{.path = path, .shown = path};
        if (tree) {
            file.content = specs::encode(*tree);
        } else {
            file.error = tree.error();
        }
        revision.files.push_back(std::move(file));
    }
    revision.passed_over = std::move(passed_over);
    FleetReading read = read_fleet(revision);
    read.fleet.source = "here";
    return read;
}

Generation last() {
    return {.revision = std::string(40, 'a'),
            .instance = *specs::parse_instance_text(text_of("alpha", "alpha.test"), "alpha.yaml"),
            .source = "here",
            .file = "alpha.yaml"};
}

std::string why(const FleetReading& read, const Generation& generation = last()) {
    EXPECT_TRUE(read.problems.empty());
    const auto kept = why_not_removed(read.fleet, generation);
    return kept ? to_text(*kept) : "";
}

const std::string beta = text_of("beta", "beta.test");

TEST(Departed, IsWhoseFileIsGoneFromACommit) {
    EXPECT_EQ(why(reading({{"beta.yaml", beta}})), "");
    EXPECT_EQ(why(reading({{"beta.yaml", beta}}, {"README.md", "alphabet.txt", "alpha-2.md"})), "");
}

TEST(Departed, IsNobodyInAFleetThatIsEmptyOrElsewhere) {
    EXPECT_THAT(why(reading({})), HasSubstr("the fleet is empty"));
    Generation other = last();
    other.source = "there";
    EXPECT_THAT(why(reading({{"beta.yaml", beta}}), other), HasSubstr("was not settled from this"));
    other = last();
    other.file = "";
    EXPECT_THAT(why(reading({{"beta.yaml", beta}}), other), HasSubstr("was not settled from this"));
    FleetReading dirty = reading({{"beta.yaml", beta}});
    dirty.fleet.revision += "-dirty";
    EXPECT_THAT(why(dirty), HasSubstr("in no commit"));
    dirty.fleet.revision = "";
    EXPECT_THAT(why(dirty), HasSubstr("in no commit"));
}

TEST(Departed, IsNobodyWhoseFileIsCalledAnotherWay) {
    for (const char* name : {"alpha.yaml.off", "alpha.yam", ".alpha.yaml", "off/alpha.yaml~",
                             "Alpha.YAML.bak", "alpha", "alpha.txt"}) {
        EXPECT_THAT(why(reading({{"beta.yaml", beta}}, {name})), HasSubstr("which no fleet reads"))
            << name;
    }
    // A file may be renamed as long as it is read: the name stands in it.
    const auto renamed = reading({{"beta.yaml", beta}, {"x.yml", text_of("alpha", "alpha.test")}});
    EXPECT_TRUE(renamed.fleet.instances.contains("alpha"));
}

TEST(Departed, IsNobodyWhoIsThereUnderAnotherName) {
    EXPECT_THAT(why(reading({{"beta.yaml", beta}, {"alpha.yaml", text_of("alpah", "b.test")}})),
                HasSubstr("alpha.yaml is there and calls itself alpah"));
    EXPECT_THAT(why(reading({{"x.yaml", text_of("alpah", "alpha.test")}})),
                HasSubstr("alpah has its domain alpha.test"));
}

TEST(Departed, ABrokenFileHoldsUpItsCommit) {
    EXPECT_FALSE(reading({{"beta.yaml", beta}, {"alpha.yaml", "instance: [\n"}}).problems.empty());
    EXPECT_FALSE(reading({{"beta.yaml", beta}, {"alpha.yaml", ""}}).problems.empty());
}

TEST(Departed, WasSettledHereAndIsNotSuspended) {
    const Scratch scratch;
    const InstanceFolder folder = *State(scratch / "s").make_instance("alpha");
    const Fleet fleet = reading({{"beta.yaml", beta}}).fleet;
    EXPECT_THAT(removable(folder, fleet).error().message, HasSubstr("was never settled here"));
    ASSERT_TRUE(keep_settled(folder, last()));
    const auto found = removable(folder, fleet);
    ASSERT_TRUE(found) << to_text(found.error());
    EXPECT_EQ(found->file, "alpha.yaml");
    EXPECT_EQ(found->source, "here");
    ASSERT_TRUE(suspend(folder, {.reason = "by hand"}));
    EXPECT_THAT(removable(folder, fleet).error().message, HasSubstr("it is suspended"));
}

}  // namespace
}  // namespace matriarch::controller
