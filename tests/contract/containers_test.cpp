// The contract, containers: names are the only lock, verbs are idempotent where Docker's are, and
// what was asked for is what an inspection says.
#include "tests/contract/engine_contract.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

TEST_P(EngineContract, KnowsItself) {
    const auto facts = engine_->facts(call_);
    EXPECT_OK(facts);
    EXPECT_FALSE(facts->id.empty());
    EXPECT_FALSE(facts->version.empty());
    EXPECT_TRUE(facts->api.starts_with("1."));
    EXPECT_GT(facts->memory.count, 0);
    EXPECT_GT(facts->cpus, 0);
}

TEST_P(EngineContract, ANameCanBeTakenOnce) {
    create("web", {"sleep", "600"});
    const auto again =
        engine_->create_container({.spec = spec("web"), .image = contract_image}, call_);
    EXPECT_KIND(again, conflict);
}

TEST_P(EngineContract, AMissingImageIsAConflict) {
    const auto created =
        engine_->create_container({.spec = spec("web"), .image = "matriarch/nothing:1"}, call_);
    EXPECT_KIND(created, conflict);
    const auto image = engine_->inspect_image("matriarch/nothing:1", call_);
    EXPECT_OK(image);
    EXPECT_EQ(*image, std::nullopt);
}

TEST_P(EngineContract, NothingIsThereUntilItIsMade) {
    const auto seen = engine_->inspect_container(name("nothing"), call_);
    EXPECT_OK(seen);
    EXPECT_FALSE(seen->has_value());
    EXPECT_KIND(engine_->start_container(name("nothing"), call_), conflict);
    EXPECT_KIND(engine_->remove_container(name("nothing"), call_), conflict);
    EXPECT_KIND(engine_->logs(name("nothing"), 1, call_), conflict);
    EXPECT_KIND(engine_->execute(name("nothing"), {"true"}, call_), conflict);
}

TEST_P(EngineContract, TheBeginningOfAnIdIsNotAName) {
    const std::string id = create("web", {"sleep", "600"});
    const auto seen = engine_->inspect_container(id.substr(0, 12), call_);
    EXPECT_OK(seen);
    EXPECT_FALSE(seen->has_value());
    EXPECT_EQ(inspect(name("web")).id, id);
}

TEST_P(EngineContract, StartingTwiceIsSuccess) {
    const std::string id = create_and_start("web", {"sleep", "600"});
    EXPECT_OK(engine_->start_container(id, call_));
    const auto seen = inspect(id);
    EXPECT_EQ(seen.state, reconcilers::RunState::running);
    EXPECT_GE(seen.started_at, seen.created_at);
}

TEST_P(EngineContract, OnlyAStoppedContainerCanBeRemovedAndOnlyOnce) {
    const std::string id = create_and_start("web", {"sleep", "600"});
    EXPECT_KIND(engine_->remove_container(id, call_), conflict);
    EXPECT_OK(engine_->signal_container(id, "SIGKILL", call_));
    EXPECT_EQ(wait_for_exit(id).exit_code, 137);
    EXPECT_KIND(engine_->signal_container(id, "SIGTERM", call_), conflict);
    EXPECT_OK(engine_->remove_container(id, call_));
    EXPECT_KIND(engine_->remove_container(id, call_), conflict);
    const auto seen = engine_->inspect_container(id, call_);
    EXPECT_OK(seen);
    EXPECT_FALSE(seen->has_value());
}

TEST_P(EngineContract, AnExitCodeIsKept) {
    const std::string id = create_and_start("job", {"sh", "-c", "exit 7"});
    EXPECT_EQ(wait_for_exit(id).exit_code, 7);
}

TEST_P(EngineContract, UnpausingWhatIsNotPausedIsAConflict) {
    const std::string id = create_and_start("web", {"sleep", "600"});
    EXPECT_KIND(engine_->unpause_container(id, call_), conflict);
}

TEST_P(EngineContract, WhatWasAskedForIsWhatIsSeen) {
    EXPECT_OK(engine_->create_volume({.name = name("vol"), .labels = {}}, call_));
    reconcilers::ContainerSpec wanted = spec("web");
    wanted.role = "web";
    wanted.labels["social.matriarch.role"] = "web";
    wanted.entrypoint = Texts{"/bin/sleep"};
    wanted.command = Texts{"600"};
    wanted.user = "1000:1000";
    wanted.environment["A"] = reconcilers::shown("1=2");
    wanted.environment["B"] = reconcilers::hidden(Secret("two\nlines"));
    wanted.limits = {.memory = mib(64), .cpus = {500'000'000}, .pids = 50};
    wanted.cpu_weight = 128;
    wanted.asks_nobody = true;
    wanted.shared_memory = mib(128);
    wanted.mounts = {{.volume = name("vol"), .target = "/data", .read_only = true}};
    wanted.ports = {{.container = 80, .host = 0, .address = "127.0.0.1"}};
    wanted.health = reconcilers::HealthCheck{.test = {"CMD", "true"}, .interval = 1s};
    wanted.restart = "always";
    wanted.stop_signal = "SIGINT";
    wanted.stop_grace = 25s;
    wanted.capabilities = {"CHOWN", "NET_BIND_SERVICE"};
    wanted.open_files = 1024;
    const reconcilers::ContainerSpec seen = inspect(create(wanted)).spec;
    EXPECT_EQ(seen.name, wanted.name);
    EXPECT_EQ(seen.role, wanted.role);
    EXPECT_EQ(specs::to_text(seen.image), "docker.io/matriarch/contract:1");
    EXPECT_EQ(seen.entrypoint, wanted.entrypoint);
    EXPECT_EQ(seen.command, wanted.command);
    EXPECT_EQ(seen.user, wanted.user);
    EXPECT_EQ(seen.environment.at("A").value.reveal(), "1=2");
    EXPECT_EQ(seen.environment.at("B").value.reveal(), "two\nlines");
    EXPECT_EQ(seen.limits, wanted.limits);
    EXPECT_EQ(seen.cpu_weight, wanted.cpu_weight);
    EXPECT_TRUE(seen.asks_nobody);
    EXPECT_EQ(seen.shared_memory, wanted.shared_memory);
    EXPECT_EQ(seen.mounts, wanted.mounts);
    EXPECT_EQ(seen.ports, wanted.ports);
    EXPECT_EQ(seen.health, wanted.health);
    EXPECT_EQ(seen.restart, wanted.restart);
    EXPECT_EQ(seen.stop_signal, wanted.stop_signal);
    EXPECT_EQ(seen.stop_grace, wanted.stop_grace);
    EXPECT_EQ(seen.capabilities, wanted.capabilities);
    EXPECT_EQ(seen.no_new_privileges, wanted.no_new_privileges);
    EXPECT_EQ(seen.init, wanted.init);
    EXPECT_EQ(seen.open_files, wanted.open_files);
    EXPECT_EQ(seen.foreign, Texts{});
}

TEST_P(EngineContract, LimitsChangeInPlaceAndTheProgramStays) {
    const std::string id = create_and_start("web", {"sleep", "600"});
    const auto before = inspect(id);
    EXPECT_OK(engine_->update_limits({.id = id,
                                      .name = name("web"),
                                      .limits = {mib(32), {250'000'000}, 40},
                                      .restart = "always"},
                                     call_));
    const auto after = inspect(id);
    EXPECT_EQ(after.spec.limits, (specs::Limits{mib(32), {250'000'000}, 40}));
    EXPECT_EQ(after.spec.restart, "always");
    EXPECT_EQ(after.spec.labels, before.spec.labels);
    EXPECT_EQ(after.started_at, before.started_at);
    EXPECT_EQ(after.state, reconcilers::RunState::running);
}

TEST_P(EngineContract, AListFindsByLabel) {
    const std::string id = create("web", {"sleep", "600"});
    const auto all = engine_->list_containers(std::string(contract_label) + "=web", call_);
    EXPECT_OK(all);
    const auto ours = std::find_if(all->begin(), all->end(),
                                   [&](const ContainerSummary& one) { return one.id == id; });
    ASSERT_NE(ours, all->end());
    EXPECT_EQ(ours->name, name("web"));
    EXPECT_EQ(ours->state, "created");
    const auto none = engine_->list_containers(std::string(contract_label) + "=nobody", call_);
    EXPECT_OK(none);
    EXPECT_TRUE(none->empty());
}

TEST_P(EngineContract, AHealthCheckIsAnsweredWithItsOutput) {
    reconcilers::ContainerSpec wanted = spec("web");
    wanted.command = Texts{"sleep", "600"};
    wanted.health = reconcilers::HealthCheck{.test = {"CMD", "echo", "fine"}, .interval = 1s};
    const std::string id = create(wanted);
    EXPECT_EQ(inspect(id).health, reconcilers::Health::none);
    EXPECT_OK(engine_->start_container(id, call_));
    EXPECT_NE(inspect(id).health, reconcilers::Health::none);
    const auto limit = std::chrono::steady_clock::now() + 10s;
    auto seen = inspect(id);
    while (seen.health == reconcilers::Health::starting &&
           std::chrono::steady_clock::now() < limit) {
        seen = inspect(id);
    }
    EXPECT_EQ(seen.health, reconcilers::Health::healthy);
    EXPECT_EQ(seen.health_output, "fine\n");
    EXPECT_GE(seen.health_at, seen.started_at);
}

}  // namespace
}  // namespace matriarch::controller
