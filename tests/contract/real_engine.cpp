// The real Engine as a subject of the contract, and the suite's frame.
#include <unistd.h>

#include <thread>

#include "controller/engine/text.hpp"
#include "tests/contract/by_hand.hpp"
#include "tests/contract/engine_contract.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;

void clean_up(const std::string& prefix) {
    const auto engine = by_hand::connect_to_engine();
    std::vector<std::string> networks;
    std::vector<std::string> volumes;
    const auto containers = engine->list_containers(contract_label, {});
    if (!containers) return;
    for (const ContainerSummary& container : *containers) {
        if (!container.name.starts_with(prefix)) continue;
        const auto seen = engine->inspect_container(container.id, {});
        if (seen && *seen) {
            for (const auto& mount : (*seen)->spec.mounts) volumes.push_back(mount.volume);
        }
        by_hand::ask("DELETE", "containers/" + container.id + "?force=1");
    }
    for (const char* suffix : {"one", "two", "twin", "twin", "vol", "gone"}) {
        for (const char* kind : {"networks/", "volumes/"}) {
            by_hand::ask("DELETE", kind + prefix + suffix);
        }
    }
}

}  // namespace

void EngineContract::SetUp() {
    const std::string why = GetParam().obstacle();
    if (!why.empty()) GTEST_SKIP() << why;
    engine_ = GetParam().make();
    ASSERT_NE(engine_, nullptr);
    static int count = 0;
    prefix_ = "contract-" + std::to_string(getpid()) + "-" + std::to_string(++count) + "-";
}

void EngineContract::TearDown() {
    if (engine_ != nullptr) GetParam().clean_up(prefix_);
}

reconcilers::ContainerSpec EngineContract::spec(const std::string& suffix) const {
    return {.name = name(suffix), .labels = {{contract_label, suffix}}};
}

std::string EngineContract::create(reconcilers::ContainerSpec wanted) {
    const auto id = engine_->create_container(
        {.spec = std::move(wanted), .image = contract_image, .network_ids = network_ids_}, call_);
    EXPECT_TRUE(id) << to_text(id.error());
    return id.value_or("");
}

std::string EngineContract::create(const std::string& suffix, std::vector<std::string> command) {
    reconcilers::ContainerSpec wanted = spec(suffix);
    wanted.command = std::move(command);
    return create(std::move(wanted));
}

std::string EngineContract::create_and_start(const std::string& suffix,
                                             std::vector<std::string> command) {
    std::string id = create(suffix, std::move(command));
    const auto started = engine_->start_container(id, call_);
    EXPECT_TRUE(started) << to_text(started.error());
    return id;
}

reconcilers::ObservedContainer EngineContract::inspect(const std::string& id) {
    const auto seen = engine_->inspect_container(id, call_);
    EXPECT_TRUE(seen && *seen) << id;
    return seen && *seen ? **seen : reconcilers::ObservedContainer{};
}

reconcilers::ObservedContainer EngineContract::wait_for_exit(const std::string& id) {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < limit) {
        const reconcilers::ObservedContainer seen = inspect(id);
        if (seen.has_exited()) return seen;
        std::this_thread::sleep_for(10ms);
    }
    ADD_FAILURE() << "it did not exit";
    return {};
}

INSTANTIATE_TEST_SUITE_P(Real, EngineContract,
                         testing::Values(Subject{.name = "docker",
                                                 .obstacle = by_hand::obstacle,
                                                 .make = by_hand::connect_to_engine,
                                                 .clean_up = clean_up}),
                         [](const auto& chosen) { return chosen.param.name; });

}  // namespace matriarch::controller
