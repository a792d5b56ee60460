// Health of containers that have just started: asked at once, without waiting for slow answers.
#include "controller/loop/health_questions.hpp"

#include <gtest/gtest.h>

#include <atomic>

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
        return [this](const auto&, const auto& command, const Call&) -> Result<Output> {
            ++times;
            return Output{.exit_code = code, .out = command.back()};
        };
    }
};

TEST(HealthQuestions, AGoodAnswerStandsUntilTheEngineHasItsOwn) {
    Program program;
    HealthQuestions questions(program.execute(), patient);
    World world = just_started();
    ASSERT_TRUE(questions.ask(world, {}));
    EXPECT_TRUE(world.containers["web"].answers);
    EXPECT_EQ(world.containers["web"].health_output, "ask");
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
