// Where the state lives, by option, environment and user; and that no name leaves it.
// The environment is given, not read.
#include "controller/base/state.hpp"

#include <gmock/gmock.h>

#include <map>

#include "controller/base/clock.hpp"
#include "scratch.hpp"

namespace matriarch::controller {
namespace {

using Variables = std::map<std::string, std::string>;

StateChoice choice(std::optional<std::string> option, bool is_root, Variables variables) {
    return {.option = std::move(option),
            .is_root = is_root,
            .variable = [variables = std::move(variables)](
                            const std::string& name) -> std::optional<std::string> {
                const auto found = variables.find(name);
                if (found == variables.end()) return std::nullopt;
                return found->second;
            }};
}

TEST(State, LivesWhereTheFirstOfFourSays) {
    const Variables all{{"MATRIARCH_STATE", "/m"}, {"XDG_STATE_HOME", "/x"}, {"HOME", "/h"}};
    EXPECT_EQ(choose_state(choice("/o", true, all))->root(), "/o");
    EXPECT_EQ(choose_state(choice({}, true, all))->root(), "/m");
    EXPECT_EQ(choose_state(choice({}, true, {}))->root(), "/var/lib/matriarch");
    EXPECT_EQ(choose_state(choice({}, false, {{"XDG_STATE_HOME", "/x"}}))->root(), "/x/matriarch");
    EXPECT_EQ(choose_state(choice({}, false, {{"XDG_STATE_HOME", "x"}, {"HOME", "/h"}}))->root(),
              "/h/.local/state/matriarch");
    EXPECT_EQ(choose_state(choice({}, false, {})).error().kind, ErrorKind::invalid);
    EXPECT_EQ(choose_state(choice("relative", true, {})).error().kind, ErrorKind::invalid);
}

TEST(State, HasNoInstanceOutsideIt) {
    const State state("/s");
    EXPECT_EQ(state.instance("example-social")->secrets(),
              "/s/instances/example-social/secrets.env");
    for (const char* name : {"", "..", "a/b", "A", "a b", "a\n"}) {
        EXPECT_FALSE(state.instance(name)) << name;
    }
    EXPECT_FALSE(state.instance(std::string(41, 'a')));
}

TEST(State, ListsTheInstancesItKnows) {
    const Scratch scratch;
    const State state(scratch / "state");
    EXPECT_TRUE(state.instance_names().empty());
    ASSERT_TRUE(state.make_instance("b"));
    ASSERT_TRUE(state.make_instance("a"));
    EXPECT_THAT(state.instance_names(), testing::ElementsAre("a", "b"));
    EXPECT_EQ(Scratch::mode(state.instance("a")->root), 0700U);
}

TEST(Clock, PrintsUtc) {
    EXPECT_EQ(to_text(WallTime(std::chrono::milliseconds(0))), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(to_text(WallTime(std::chrono::milliseconds(1'709'164'799'999))),
              "2024-02-28T23:59:59.999Z");
}

}  // namespace
}  // namespace matriarch::controller
