// Health of containers that have just started: asked at once, without waiting for slow answers.
#include "controller/loop/health_questions.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "controller/base/program.hpp"
#include "tests/unit/git/fleet_repository.hpp"

namespace matriarch::controller {
namespace {

using reconcilers::Health;
using reconcilers::ObservedContainer;
using reconcilers::Time;
using reconcilers::World;
using std::chrono::milliseconds;

constexpr milliseconds patient{60000};

World just_started(Time started_at = Time(milliseconds(1))) {
    ObservedContainer web{.id = "1", .name = "web"};
    web.state = reconcilers::RunState::running;
    web.health = Health::starting;
    web.started_at = started_at;
    web.spec.health =
        reconcilers::HealthCheck{.test = {"CMD-SHELL", "ask"}, .timeout = std::chrono::seconds(1)};
    World world;
    world.containers["web"] = web;
    return world;
}

/// Answers with `code`, and counts.
struct Program {
    std::atomic<int> code{0}, times{0};

    HealthQuestions::Execute execute() {
        return [this](const auto&, const auto&, const Call&) -> Result<Output> {
            ++times;
            return Output{.exit_code = code, .out = "what it says"};
        };
    }
};

TEST(HealthQuestions, AGoodAnswerStandsUntilTheEngineHasItsOwn) {
    Program program;
    HealthQuestions questions(program.execute(), patient);
    World world = just_started();
    ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_TRUE(world.containers["web"].answers);
    EXPECT_EQ(world.containers["web"].health_output, "what it says");
    world = just_started();
    ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_TRUE(world.containers["web"].answers);
    EXPECT_EQ(program.times, 1);

    World known = just_started();
    known.containers["web"].health = Health::healthy;
    ASSERT_TRUE(questions.ask(known, {}));
    world = just_started();
    ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_EQ(program.times, 2);
}

TEST(HealthQuestions, ABadAnswerIsAskedForAgain) {
    Program program;
    program.code = 1;
    HealthQuestions questions(program.execute(), patient);
    World world = just_started();
    ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_FALSE(world.containers["web"].answers);
    program.code = 0;
    ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_TRUE(world.containers["web"].answers);
}

TEST(HealthQuestions, AnotherStartIsAnotherQuestion) {
    Program program;
    HealthQuestions questions(program.execute(), patient);
    World world = just_started();
    ASSERT_TRUE(questions.ask(world, {}));
    program.code = 1;
    world = just_started(Time(milliseconds(2)));
    ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_FALSE(world.containers["web"].answers);
}

TEST(HealthQuestions, APassDoesNotWaitForASlowAnswerButTheNextOneHasIt) {
    std::promise<void> go;
    std::shared_future<void> gone = go.get_future().share();
    std::atomic<int> times{0};
    HealthQuestions questions(
        [&, gone](const auto&, const auto&, const Call&) -> Result<Output> {
            ++times;
            gone.wait();
            return Output{.exit_code = 0};
        },
        milliseconds(0));
    World world = just_started();
    ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_FALSE(world.containers["web"].answers);
    go.set_value();
    while (!world.containers["web"].answers) ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_EQ(times, 1);
}

TEST(HealthQuestions, WhatTheEngineCannotAskIsNotAnAnswer) {
    HealthQuestions questions(
        [](const auto&, const auto&, const Call&) -> Result<Output> {
            return fail(ErrorKind::unavailable, "no answer");
        },
        patient);
    World world = just_started();
    ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_FALSE(world.containers["web"].answers);
    EXPECT_EQ(world.containers["web"].health_output, "");
}

/// Containers with Mastodon's code.
World just_started_code() {
    World world = just_started();
    world.containers["web"].spec.role = "web";
    return world;
}

TEST(HealthQuestions, TheFirstYesIsToldAtOnceAndTheOthersComeTogether) {
    std::vector<std::string> looks;
    HealthQuestions questions(
        [&](const auto&, const auto& command, const Call&) -> Result<Output> {
            EXPECT_EQ(command.at(4), "ask");
            looks.push_back(command.at(5));
            return Output{.exit_code = 0};
        },
        patient);
    for (const bool is_proven : {false, true, true}) {
        World world = just_started_code();
        ASSERT_TRUE(questions.ask(world, {}));
        EXPECT_TRUE(world.containers["web"].answers);
        EXPECT_EQ(world.containers["web"].is_proven(), is_proven);
    }
    EXPECT_EQ(looks, (std::vector<std::string>{"1", "2"}));
}

TEST(HealthQuestions, BesideOneThatServesAllComeTogether) {
    std::vector<std::string> looks;
    HealthQuestions questions(
        [&](const auto&, const auto& command, const Call&) -> Result<Output> {
            looks.push_back(command.at(5));
            return Output{.exit_code = 0};
        },
        patient);
    World world = just_started_code();
    world.containers["web-b"] = world.containers["web"];
    world.containers["web-b"].id = "2";
    world.containers["web-b"].name = "web-b";
    world.containers["web"].health = Health::healthy;
    ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_TRUE(world.containers["web-b"].is_proven());
    EXPECT_EQ(looks, std::vector<std::string>{"3"});
}

TEST(HealthQuestions, AProgramThatIsNotAShellsIsAskedOnceForEachLook) {
    Program program;
    HealthQuestions questions(program.execute(), patient);
    for (const int times : {1, 2, 3, 3}) {
        World world = just_started_code();
        world.containers["web"].spec.health->test = {"CMD", "ask"};
        ASSERT_TRUE(questions.ask(world, {}));
        EXPECT_EQ(program.times, times);
    }
}

TEST(HealthQuestions, AreAskedAgainInsideOfTheContainer) {
    const git::TemporaryFolder folder;
    const std::string counts =
        "cd " + folder.path() + "; echo x >>times; " + "test $(wc -l <times) -ge 3 && echo here";
    std::vector<std::string> asked;
    HealthQuestions questions(
        [&](const auto&, const auto& command, const Call&) -> Result<Output> {
            asked = command;
            return Output{.exit_code = 1};
        },
        patient);
    World world = just_started();
    world.containers["web"].spec.health->test[1] = counts;
    ASSERT_TRUE(questions.ask(world, {}));
    const auto ran = run_program({.arguments = asked});
    ASSERT_TRUE(ran);
    EXPECT_EQ(ran->exit_code, 0);
    EXPECT_EQ(ran->out.reveal(), "here\n");
}

TEST(HealthQuestions, WhatNobodyWaitsForAnyMoreIsEnded) {
    std::promise<void> ended;
    HealthQuestions questions(
        [&](const auto&, const auto&, const Call& call) -> Result<Output> {
            const std::stop_callback stopped(call.stop, [&] { ended.set_value(); });
            ended.get_future().wait();
            return Output{.exit_code = 1};
        },
        milliseconds(0));
    World world = just_started();
    ASSERT_TRUE(questions.ask(world, {}));
    questions.keep([](const std::string&) { return false; });  // returns, or this test hangs
}

TEST(HealthQuestions, AnEndEndsThePass) {
    HealthQuestions questions(
        [](const auto&, const auto&, const Call&) -> Result<Output> {
            return fail(ErrorKind::stopped, "stopped");
        },
        patient);
    World world = just_started();
    EXPECT_FALSE(questions.ask(world, {}));
}

}  // namespace
}  // namespace matriarch::controller
