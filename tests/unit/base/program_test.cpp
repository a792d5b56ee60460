// Another program runs to its end or to its deadline, and nothing of it is left behind.
// With real children; no test here may outlive its deadline.
#include "controller/base/program.hpp"

#include <gmock/gmock.h>
#include <signal.h>

#include <thread>

#include "scratch.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Program shell(const std::string& script) {
    return {.arguments = {"/bin/sh", "-c", script}};
}

/// Runs, and is not merely waiting to be reaped.
bool is_alive(const std::string& pid) {
    const std::string facts = Scratch::content("/proc/" + std::to_string(std::stoi(pid)) + "/stat");
    return !facts.empty() && facts.find(") Z ") == std::string::npos;
}

TEST(Program, GivesBackWhatItWroteAndHowItEnded) {
    const auto end = run_program(shell("echo out; echo err >&2; exit 3"));
    ASSERT_TRUE(end) << to_text(end.error());
    EXPECT_EQ(end->exit_code, 3);
    EXPECT_EQ(end->out.reveal(), "out\n");
    EXPECT_EQ(end->err, "err\n");
    EXPECT_EQ(run_program(shell("kill -TERM $$"))->exit_code, 128 + SIGTERM);
}

TEST(Program, TakesMoreInputThanAPipeHolds) {
    Program cat{.arguments = {"cat"}, .input = Secret(std::string(700'000, 'x'))};
    const auto end = run_program(cat);
    ASSERT_TRUE(end) << to_text(end.error());
    EXPECT_EQ(end->out.reveal().size(), 700'000U);
}

TEST(Program, MayIgnoreItsInput) {
    Program deaf = shell("exit 0");
    deaf.input = Secret(std::string(700'000, 'x'));
    EXPECT_EQ(run_program(deaf)->exit_code, 0);
}

TEST(Program, SeesOnlyTheEnvironmentGiven) {
    ::setenv("MATRIARCH_CANARY", "leaked", 1);
    Program program{.arguments = {"/usr/bin/env"}, .environment = {{"A", "b"}}};
    EXPECT_EQ(run_program(program)->out.reveal(), "A=b\n");
}

TEST(Program, IsKilledWithItsChildrenAtTheDeadline) {
    const Scratch scratch;
    Program slow = shell("sleep 60 & echo $! > " + (scratch / "pid").string() + "; wait");
    slow.within = 300ms;
    const auto began = std::chrono::steady_clock::now();
    const auto end = run_program(slow);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().kind, ErrorKind::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
    const std::string pid = Scratch::content(scratch / "pid");
    ASSERT_FALSE(pid.empty());
    for (int i = 0; i < 100 && is_alive(pid); ++i) std::this_thread::sleep_for(20ms);
    EXPECT_FALSE(is_alive(pid));
}

TEST(Program, EndsWithoutItsChildrenThatKeepThePipesOpen) {
    const auto began = std::chrono::steady_clock::now();
    const auto end = run_program(shell("sleep 60 & echo done"));
    ASSERT_TRUE(end) << to_text(end.error());
    EXPECT_EQ(end->out.reveal(), "done\n");
    EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
}

TEST(Program, IsStoppedAtOnce) {
    std::stop_source source;
    Program slow = shell("sleep 60");
    slow.stop = source.get_token();
    std::jthread stopper([&source] {
        std::this_thread::sleep_for(100ms);
        source.request_stop();
    });
    const auto end = run_program(slow);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().kind, ErrorKind::stopped);
}

TEST(Program, MayNotWriteWithoutEnd) {
    Program loud = shell("yes");
    loud.out_bytes_max = 10'000;
    const auto end = run_program(loud);
    ASSERT_FALSE(end);
    EXPECT_THAT(end.error().message, HasSubstr("more than 10000 bytes"));
    Program exact = shell("printf 12345");
    exact.out_bytes_max = 5;
    EXPECT_EQ(run_program(exact)->out.reveal(), "12345");
}

TEST(Program, ThatDoesNotExistIsNamed) {
    const auto end = run_program({.arguments = {"no-such-program-here"}});
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().kind, ErrorKind::invalid);
    EXPECT_THAT(end.error().message, HasSubstr("no-such-program-here: not found"));
}

}  // namespace
}  // namespace matriarch::controller
