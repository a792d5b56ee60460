// An Engine that asks ahead: what it gives was said by the Engine, once, and then it asks anew.
#include <gtest/gtest.h>

#include <algorithm>

#include "controller/engine/eager_engine.hpp"
#include "tests/contract/engine_contract.hpp"
#include "tests/contract/scripted_server.hpp"
#include "tests/unit/engine/recorded.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;

constexpr const char* the_container =
    "79d25fd0fca01938bf489b9ec04c26f5255c507568a9991ecea698b4aae9f2e1";

bool hears(const ScriptedServer& server, const std::string& what) {
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < until) {
        const auto requests = server.requests();
        const auto is_it = [&](const auto& line) { return line.find(what) != std::string::npos; };
        if (std::any_of(requests.begin(), requests.end(), is_it)) return true;
        std::this_thread::sleep_for(5ms);
    }
    return false;
}

TEST(EagerEngine, GivesOnceWhatItAskedAhead) {
    const std::string path = std::string("/containers/") + the_container;
    const std::string then = recorded("container_exited.json");
    const std::string later = changed(then, "\"ExitCode\": 3", "\"ExitCode\": 4");
    std::string list = recorded("containers.json");
    list = list.substr(0, list.find("},\n {\n  \"Id\"")) + "}]";
    ScriptedServer server({{.answer = http_answer("OK"), .of = "/_ping"},
                           {.answer = http_answer(recorded("info.json")), .of = "/info"},
                           {.answer = http_answer(list), .of = "/containers/json"},
                           {.answer = http_answer(then), .of = path},
                           {.answer = http_answer("{}", "404 Not Found"), .of = "/networks/one"},
                           {.answer = http_answer("{}", "404 Not Found"), .of = "/images/"},
                           {.answer = http_answer(later), .of = path},
                           {.answer = http_answer("[]"), .of = "/containers/json"}});
    const Call call{.within = 10s};
    EagerEngine engine(server.endpoint(), "", call);
    ASSERT_TRUE(hears(server, "/images/"))
        << "what the container stands on is asked without a call";
    EXPECT_OK(engine.facts(call));
    const auto listed = engine.list_containers("", call);
    EXPECT_OK(listed);
    EXPECT_EQ(listed->size(), 1U);
    const auto first = engine.inspect_container(the_container, call);
    EXPECT_OK(first);
    EXPECT_EQ((*first)->exit_code, 3);
    EXPECT_EQ(server.requests().size(), 6U) << "each was asked once";

    const auto second = engine.inspect_container(the_container, call);
    EXPECT_OK(second);
    EXPECT_EQ((*second)->exit_code, 4);
    const auto again = engine.list_containers("", call);
    EXPECT_OK(again);
    EXPECT_TRUE(again->empty());
}

TEST(EagerEngine, TellsThatNobodyAnswersToWhoAsks) {
    EagerEngine engine({.path = "/nonexistent/engine.sock"}, "", {});
    EXPECT_KIND(engine.list_containers("", {}), unavailable);
    EXPECT_KIND(engine.facts({}), unavailable);
}

TEST(EagerEngine, DoesNotWaitForAnswersThatNobodyWants) {
    ScriptedServer mute({});
    const auto begin = std::chrono::steady_clock::now();
    { EagerEngine engine(mute.endpoint(), "", {.within = 30s}); }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

}  // namespace
}  // namespace matriarch::controller
