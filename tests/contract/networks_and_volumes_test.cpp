// The contract, networks, volumes and images: what Docker lets slip, so that the caller must look.
#include <thread>

#include "tests/contract/engine_contract.hpp"

namespace matriarch::controller {
namespace {

using Texts = std::vector<std::string>;

TEST_P(EngineContract, ANetworkIsWhatWasAskedFor) {
    const auto nothing = engine_->inspect_network(name("one"), call_);
    EXPECT_OK(nothing);
    EXPECT_FALSE(nothing->has_value());
    const auto id = engine_->create_network(
        {.name = name("one"), .internal = true, .labels = {{contract_label, "net"}}}, call_);
    EXPECT_OK(id);
    const auto network = engine_->inspect_network(name("one"), call_);
    EXPECT_OK(network);
    ASSERT_TRUE(network->has_value());
    EXPECT_EQ((*network)->id, *id);
    EXPECT_TRUE((*network)->internal);
    EXPECT_EQ((*network)->labels.at(contract_label), "net");
    const auto by_id = engine_->inspect_network(*id, call_);
    EXPECT_OK(by_id);
    EXPECT_EQ((*by_id)->name, name("one"));
}

TEST_P(EngineContract, ASecondNetworkOfANameIsRefused) {
    EXPECT_OK(engine_->create_network({.name = name("one"), .labels = {}}, call_));
    EXPECT_KIND(engine_->create_network({.name = name("one"), .labels = {}}, call_), conflict);
}

TEST_P(EngineContract, ANetworkIsRemovedOnlyWhenNothingIsAttached) {
    const auto id = engine_->create_network({.name = name("one"), .labels = {}}, call_);
    EXPECT_OK(id);
    EXPECT_OK(engine_->create_network({.name = name("one-more"), .labels = {}}, call_));
    network_ids_[name("one")] = *id;
    reconcilers::ContainerSpec wanted = spec("web");
    wanted.command = Texts{"sleep", "600"};
    wanted.networks = {{name("one"), {}}};
    const std::string user = create(wanted);
    EXPECT_OK(engine_->start_container(user, call_));
    const auto used = engine_->inspect_network(*id, call_);
    EXPECT_OK(used);
    EXPECT_TRUE((*used)->is_used);
    EXPECT_KIND(engine_->remove_network(*id, call_), conflict);

    EXPECT_OK(engine_->disconnect_network(
        {.network_id = *id, .network = name("one"), .id = user, .name = name("web")}, call_));
    const auto unused = engine_->inspect_network(*id, call_);
    EXPECT_OK(unused);
    EXPECT_FALSE((*unused)->is_used);
    EXPECT_EQ(*engine_->list_networks(name("one"), call_), Texts{*id});
    EXPECT_OK(engine_->remove_network(*id, call_));
    EXPECT_EQ(*engine_->list_networks(name("one"), call_), Texts{});
    EXPECT_KIND(engine_->remove_network(*id, call_), conflict);
}

TEST_P(EngineContract, AContainerJoinsAllItsNetworksWithTheirAliases) {
    for (const char* suffix : {"one", "two"}) {
        const auto id = engine_->create_network({.name = name(suffix), .labels = {}}, call_);
        EXPECT_OK(id);
        network_ids_[name(suffix)] = *id;
    }
    reconcilers::ContainerSpec wanted = spec("web");
    wanted.command = Texts{"sleep", "600"};
    wanted.networks = {{name("one"), {"web", "www"}}, {name("two"), {}}};
    const std::string id = create(wanted);
    EXPECT_EQ(inspect(id).spec.networks, wanted.networks);
    EXPECT_OK(engine_->start_container(id, call_));
    const auto running = inspect(id);
    EXPECT_EQ(running.spec.networks, wanted.networks);
    EXPECT_EQ(running.network_ids, network_ids_);

    const reconcilers::DisconnectNetwork leave{.network_id = network_ids_[name("two")],
                                               .network = name("two"),
                                               .id = id,
                                               .name = wanted.name};
    EXPECT_OK(engine_->disconnect_network(leave, call_));
    EXPECT_EQ(inspect(id).spec.networks.size(), 1U);
    EXPECT_KIND(engine_->disconnect_network(leave, call_), conflict);
    const reconcilers::ConnectNetwork join{.network_id = network_ids_[name("two")],
                                           .network = name("two"),
                                           .id = id,
                                           .name = wanted.name,
                                           .aliases = {"back"}};
    EXPECT_OK(engine_->connect_network(join, call_));
    EXPECT_EQ(inspect(id).spec.networks.at(name("two")), Texts{"back"});
    EXPECT_KIND(engine_->connect_network(join, call_), conflict);
}

TEST_P(EngineContract, AVolumeMadeTwiceKeepsItsFirstLabels) {
    const std::string volume = name("vol");
    EXPECT_OK(engine_->create_volume({.name = volume, .labels = {{"who", "first"}}}, call_));
    EXPECT_OK(engine_->create_volume({.name = volume, .labels = {{"who", "second"}}}, call_));
    const auto seen = engine_->inspect_volume(volume, call_);
    EXPECT_OK(seen);
    ASSERT_TRUE(seen->has_value());
    EXPECT_EQ((*seen)->labels.at("who"), "first");
    EXPECT_FALSE((*seen)->created_at.empty());
}

TEST_P(EngineContract, AListOfVolumesHasThoseOfTheLabel) {
    const std::string label = name("label");
    EXPECT_OK(engine_->create_volume({.name = name("a"), .labels = {{label, "x"}}}, call_));
    EXPECT_OK(engine_->create_volume({.name = name("b"), .labels = {{label, "y"}}}, call_));
    EXPECT_OK(engine_->create_volume({.name = name("c"), .labels = {}}, call_));
    const auto both = engine_->list_volumes(label, call_);
    EXPECT_OK(both);
    EXPECT_EQ(both->size(), 2U);
    const auto one = engine_->list_volumes(label + "=y", call_);
    EXPECT_OK(one);
    ASSERT_EQ(one->size(), 1U);
    EXPECT_EQ(one->front().name, name("b"));
    EXPECT_EQ(one->front().labels.at(label), "y");
    EXPECT_FALSE(one->front().created_at.empty());
    const auto none = engine_->list_volumes(label + "=z", call_);
    EXPECT_OK(none);
    EXPECT_TRUE(none->empty());
}

// Who holds an instance rests on this (controller/loop/holder.hpp).
TEST_P(EngineContract, OfManyWhoMakeAVolumeAtOnceAllSeeTheSameFirst) {
    constexpr int many = 8;
    const std::string volume = name("vol");
    std::vector<std::string> seen(many);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < many; ++i) {
            threads.emplace_back([&, i] {
                EXPECT_OK(engine_->create_volume(
                    {.name = volume, .labels = {{volume, std::to_string(i)}}}, call_));
                const auto found = engine_->list_volumes(volume, call_);
                EXPECT_OK(found);
                if (found->size() != 1) return;
                seen[static_cast<std::size_t>(i)] = found->front().labels.at(volume);
            });
        }
    }
    EXPECT_FALSE(seen.front().empty());
    EXPECT_EQ(seen, std::vector<std::string>(many, seen.front()));
}

TEST_P(EngineContract, AMissingVolumeIsSilentlyMadeSoTheCallerMustLook) {
    const std::string volume = name("gone");
    const auto before = engine_->inspect_volume(volume, call_);
    EXPECT_OK(before);
    EXPECT_FALSE(before->has_value());
    reconcilers::ContainerSpec wanted = spec("db");
    wanted.mounts = {{.volume = volume, .target = "/data"}};
    create(wanted);
    const auto after = engine_->inspect_volume(volume, call_);
    EXPECT_OK(after);
    EXPECT_TRUE(after->has_value());
}

TEST_P(EngineContract, RemovingAContainerKeepsItsVolume) {
    EXPECT_OK(engine_->create_volume({.name = name("vol"), .labels = {}}, call_));
    reconcilers::ContainerSpec wanted = spec("db");
    wanted.mounts = {{.volume = name("vol"), .target = "/data"}};
    EXPECT_OK(engine_->remove_container(create(wanted), call_));
    const auto seen = engine_->inspect_volume(name("vol"), call_);
    EXPECT_OK(seen);
    EXPECT_TRUE(seen->has_value());
}

TEST_P(EngineContract, AnImageSaysWhatItBringsAlong) {
    const auto image = engine_->inspect_image(contract_image, call_);
    EXPECT_OK(image);
    ASSERT_TRUE(image->has_value());
    EXPECT_TRUE((*image)->id.starts_with("sha256:"));
    EXPECT_EQ((*image)->command, (Texts{"/bin/sleep", "600"}));
    EXPECT_EQ((*image)->environment.at("PATH"), "/bin");
    EXPECT_EQ((*image)->labels.at("made-by"), "contract");
    const auto full = engine_->inspect_image("docker.io/" + std::string(contract_image), call_);
    EXPECT_OK(full);
    ASSERT_TRUE(full->has_value());
    EXPECT_EQ((*full)->id, (*image)->id);
}

TEST_P(EngineContract, AnImageThatAContainerHasStaysAlsoWhereItNeverRan) {
    const auto image = engine_->inspect_image(contract_image, call_);
    ASSERT_TRUE(image && image->has_value());
    (void)create(spec("holder"));
    EXPECT_KIND(engine_->remove_image((*image)->id, call_), conflict);
    EXPECT_TRUE(engine_->inspect_image(contract_image, call_)->has_value());
    EXPECT_KIND(engine_->remove_image("sha256:" + std::string(64, '0'), call_), conflict);
}

TEST_P(EngineContract, APullFromADeadRegistryIsUnavailable) {
    const specs::ImageRef image{.registry = "127.0.0.1:1", .repository = "a/b", .tag = "1"};
    EXPECT_KIND(engine_->pull_image(image, nullptr, call_), unavailable);
}

}  // namespace
}  // namespace matriarch::controller
