// The contract, what comes back from inside: commands, logs, events; and ending them early.
#include <atomic>
#include <thread>

#include "tests/contract/engine_contract.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;

TEST_P(EngineContract, ACommandGivesItsExitCodeAndBothOutputs) {
    const std::string id = create_and_start("web", {"sleep", "600"});
    const auto output = engine_->execute(id, {"sh", "-c", "echo out; echo err >&2; exit 3"}, call_);
    EXPECT_OK(output);
    EXPECT_EQ(output->exit_code, 3);
    EXPECT_EQ(output->out, "out\n");
    EXPECT_EQ(output->err, "err\n");
}

TEST_P(EngineContract, ACommandThatIsNotThereFailsWithItsCode) {
    const std::string id = create_and_start("web", {"sleep", "600"});
    const auto output = engine_->execute(id, {"/nothing"}, call_);
    if (output) {
        EXPECT_TRUE(output->exit_code == 126 || output->exit_code == 127) << output->exit_code;
    } else {
        EXPECT_EQ(output.error().kind, ErrorKind::invalid) << output.error().message;
    }
}

TEST_P(EngineContract, ACommandInAStoppedContainerIsAConflict) {
    const std::string id = create("web", {"sleep", "600"});
    EXPECT_KIND(engine_->execute(id, {"true"}, call_), conflict);
}

TEST_P(EngineContract, ACommandThatTakesTooLongIsGivenUp) {
    const std::string id = create_and_start("web", {"sleep", "600"});
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_KIND(engine_->execute(id, {"sleep", "30"}, {.within = 700ms}), unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

TEST_P(EngineContract, ALogKeepsOutputAndErrorApart) {
    const std::string id =
        create_and_start("job", {"sh", "-c", "echo one; echo two >&2; echo three"});
    wait_for_exit(id);
    const auto all = engine_->logs(id, 0, call_);
    EXPECT_OK(all);
    EXPECT_EQ(all->out, "one\nthree\n");
    EXPECT_EQ(all->err, "two\n");
}

TEST_P(EngineContract, ALogGivesItsLastLinesOnly) {
    const std::string id = create_and_start("job", {"sh", "-c", "echo one; echo two; echo three"});
    wait_for_exit(id);
    const auto last = engine_->logs(id, 2, call_);
    EXPECT_OK(last);
    EXPECT_EQ(last->out, "two\nthree\n");
}

TEST_P(EngineContract, AFollowedLogEndsWithItsContainer) {
    const std::string id =
        create_and_start("job", {"sh", "-c", "echo one; sleep 1; echo two >&2; sleep 1"});
    std::string text;
    const auto followed = engine_->follow_logs(id, 0,
                                               [&](bool is_error, std::string_view piece) {
                                                   text +=
                                                       (is_error ? "!" : "") + std::string(piece);
                                               },
                                               {.within = 1s});
    EXPECT_OK(followed);
    EXPECT_EQ(text, "one\n!two\n");
}

TEST_P(EngineContract, AFollowedLogEndsWhenStopIsAsked) {
    const std::string id = create_and_start("web", {"sh", "-c", "echo one; sleep 600"});
    std::stop_source stop;
    const auto followed = engine_->follow_logs(
        id, 0, [&](bool, std::string_view) { stop.request_stop(); }, {.stop = stop.get_token()});
    EXPECT_KIND(followed, stopped);
}

TEST_P(EngineContract, EventsTellOfStartAndEnd) {
    std::stop_source stop;
    std::atomic<bool> has_died{false};
    std::vector<std::string> actions;
    const std::string id = create("job", {"true"});
    Result<void> ended;
    std::jthread listener([&] {
        ended = engine_->watch_events(
            [&](const Event& event) {
                if (event.id != id) return;
                actions.push_back(event.action);
                if (event.action == "die") {
                    has_died = true;
                    stop.request_stop();
                }
            },
            {.within = 2s, .stop = stop.get_token()});
    });
    std::this_thread::sleep_for(500ms);  // until somebody listens; an event before that is lost
    EXPECT_OK(engine_->start_container(id, call_));
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (!has_died && std::chrono::steady_clock::now() < limit) std::this_thread::sleep_for(10ms);
    stop.request_stop();
    listener.join();
    EXPECT_KIND(ended, stopped);
    EXPECT_EQ(actions, (std::vector<std::string>{"start", "die"}));
}

TEST_P(EngineContract, StopEndsACallEarly) {
    const std::string id = create_and_start("web", {"sleep", "600"});
    std::stop_source stop;
    std::jthread stopper([&] {
        std::this_thread::sleep_for(300ms);
        stop.request_stop();
    });
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_KIND(engine_->execute(id, {"sleep", "30"}, {.within = 30s, .stop = stop.get_token()}),
                stopped);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
    EXPECT_KIND(engine_->inspect_container(id, {.stop = stop.get_token()}), stopped);
    EXPECT_OK(engine_->inspect_container(id, call_));
}

TEST_P(EngineContract, ManyThreadsMayAskAtOnce) {
    const std::string id = create("web", {"sleep", "600"});
    std::atomic<int> answers{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int ask = 0; ask < 25; ++ask) {
                    const auto seen = engine_->inspect_container(id, call_);
                    if (seen && *seen && (*seen)->id == id) ++answers;
                }
            });
        }
    }
    EXPECT_EQ(answers, 100);
}

}  // namespace
}  // namespace matriarch::controller
