// The inspection of a container: recorded from a real Engine, projected, and refused when broken.
#include <gtest/gtest.h>

#include "controller/engine/wire.hpp"
#include "tests/unit/engine/recorded.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using reconcilers::ObservedContainer;
using Texts = std::vector<std::string>;

ObservedContainer running() {
    return *wire::read_container(recorded("container_running.json"));
}

TEST(WireContainer, ReadsWhatWeDecide) {
    const reconcilers::ContainerSpec spec = running().spec;
    EXPECT_EQ(spec.name, "example-web-1");
    EXPECT_EQ(spec.role, "web");
    EXPECT_EQ(specs::to_text(spec.image), "docker.io/local/busybox:1");
    EXPECT_EQ(spec.entrypoint, std::nullopt);
    EXPECT_EQ(spec.command, (Texts{"/bin/busybox", "sleep", "1000"}));
    EXPECT_EQ(spec.user, "1000:1000");
    EXPECT_EQ(spec.limits, (specs::Limits{mib(64), {500'000'000}, 100}));
    EXPECT_EQ(spec.shared_memory, mib(128));
    EXPECT_EQ(spec.mounts, (std::vector<reconcilers::Mount>{{"example-media", "/data", true}}));
    EXPECT_EQ(spec.restart, "always");
    EXPECT_EQ(spec.stop_signal, "SIGINT");
    EXPECT_EQ(spec.stop_grace, 25s);
    EXPECT_EQ(spec.capabilities, (Texts{"CHOWN", "NET_BIND_SERVICE"}));
    EXPECT_TRUE(spec.no_new_privileges);
    EXPECT_TRUE(spec.init);
    EXPECT_EQ(spec.open_files, 4096);
    EXPECT_EQ(spec.memlock, 0);
    EXPECT_EQ(spec.foreign, Texts{});
    ASSERT_TRUE(spec.health);
    EXPECT_EQ(*spec.health, (reconcilers::HealthCheck{{"CMD-SHELL", "echo fine"}, 1s, 2s, 0s, 4}));
}

TEST(WireContainer, CountsEveryEnvironmentValueAsSecret) {
    const reconcilers::ContainerSpec spec = running().spec;
    ASSERT_EQ(spec.environment.size(), 2U);
    EXPECT_EQ(spec.environment.at("A").value.reveal(), "1=2");
    EXPECT_EQ(spec.environment.at("B").value.reveal(), "");
    for (const auto& [name, entry] : spec.environment) EXPECT_TRUE(entry.is_secret) << name;
}

TEST(WireContainer, LeavesTheEnginesOwnAliasOut) {
    const ObservedContainer container = running();
    EXPECT_EQ(container.spec.networks,
              (std::map<std::string, Texts>{{"one", {"web", "www"}}, {"two", {"x"}}}));
    EXPECT_EQ(container.network_ids.at("one").size(), 64U);
}

TEST(WireContainer, ReadsPortsWithAddressAndProtocol) {
    EXPECT_EQ(running().spec.ports, (std::vector<reconcilers::Port>{{80, 18080, "127.0.0.1", false},
                                                                    {81, 18081, "", true}}));
}

TEST(WireContainer, ReadsStateAndTheNewestHealthCheck) {
    const ObservedContainer container = running();
    EXPECT_EQ(container.state, reconcilers::RunState::running);
    EXPECT_EQ(container.health, reconcilers::Health::unhealthy);
    EXPECT_TRUE(container.health_output.starts_with("OCI runtime exec failed"));
    EXPECT_GT(container.health_at, container.started_at);
    EXPECT_EQ(container.finished_at, reconcilers::Time{});
    EXPECT_EQ(container.image_reference, "local/busybox:1");
    EXPECT_TRUE(container.image_id.starts_with("sha256:"));

    const auto exited = wire::read_container(recorded("container_exited.json"));
    ASSERT_TRUE(exited);
    EXPECT_TRUE(exited->has_exited());
    EXPECT_EQ(exited->exit_code, 3);
    EXPECT_EQ(exited->health, reconcilers::Health::none);
    EXPECT_GT(exited->finished_at, exited->started_at);
}

TEST(WireContainer, IsNotReadyBeforeItsHealthCheckHasSpoken) {
    const std::string text = recorded("container_running.json");
    const auto container = wire::read_container(changed(text, "\"Health\": {", "\"Later\": {"));
    ASSERT_TRUE(container);
    EXPECT_EQ(container->health, reconcilers::Health::starting);
    EXPECT_FALSE(container->is_ready());
    const auto unasked = wire::read_container(
        changed(changed(text, "\"Health\": {", "\"Later\": {"), "\"CMD-SHELL\"", "\"NONE\""));
    EXPECT_EQ(unasked->health, reconcilers::Health::none);
}

TEST(WireContainer, ListsEveryPrivilegeThatItsTypeCannotAskFor) {
    const auto container = wire::read_container(recorded("container_foreign.json"));
    ASSERT_TRUE(container);
    EXPECT_EQ(container->spec.foreign,
              (Texts{"bind /etc:/x", "cap-add SYS_ADMIN", "default capabilities",
                     "device /dev/null", "pid host", "privileged", "security-opt label=disable"}));
    EXPECT_EQ(container->spec.mounts, (std::vector<reconcilers::Mount>{{"data", "/data", false}}));
    EXPECT_FALSE(container->spec.no_new_privileges);
}

TEST(WireContainer, SeesOtherHostSettingsOneByOne) {
    const std::string text = recorded("container_running.json");
    const auto foreign = [&](const std::string& from, const std::string& to) {
        const auto container = wire::read_container(changed(text, from, to));
        return container ? container->spec.foreign : Texts{to_text(container.error())};
    };
    EXPECT_EQ(foreign("\"IpcMode\": \"private\"", "\"IpcMode\": \"host\""), Texts{"ipc host"});
    EXPECT_EQ(foreign("\"NetworkMode\": \"one\"", "\"NetworkMode\": \"container:abc\""),
              Texts{"network container:abc"});
    EXPECT_EQ(foreign("\"ExtraHosts\": null", "\"ExtraHosts\": [\"a:1\"]"),
              Texts{"extra-host a:1"});
    EXPECT_EQ(foreign("\"VolumesFrom\": null", "\"VolumesFrom\": [\"a\"]"),
              Texts{"volumes-from a"});
    EXPECT_EQ(foreign("\"AutoRemove\": false", "\"AutoRemove\": true"), Texts{"auto-remove"});
    EXPECT_EQ(foreign("\"Runtime\": \"runc\"", "\"Runtime\": \"other\""), Texts{"runtime other"});
    EXPECT_EQ(foreign("\"Binds\": null", "\"Tmpfs\": {\"/t\": \"\"}"), Texts{"tmpfs /t"});
    EXPECT_EQ(foreign("\"Binds\": null", "\"Sysctls\": {\"a\": \"1\"}"), Texts{"sysctl a=1"});
    EXPECT_EQ(foreign("\"Dns\": []", "\"Dns\": [\"10.0.0.1\"]"), Texts{"dns 10.0.0.1"});
    EXPECT_EQ(foreign("\"Dns\": []", "\"Dns\": [\"127.0.0.1\"]"), Texts{});
    EXPECT_EQ(foreign("\"CpuPeriod\": 0", "\"CpuPeriod\": 512"), Texts{"cpu-period 512"});
    EXPECT_EQ(foreign("\"CpusetCpus\": \"\"", "\"CpusetCpus\": \"0\""), Texts{"cpuset-cpus 0"});
    EXPECT_EQ(foreign("\"OomScoreAdj\": 0", "\"OomScoreAdj\": -500"), Texts{"oom-score-adj -500"});
    EXPECT_EQ(foreign("\"MemorySwappiness\": null", "\"MemorySwappiness\": 60"),
              Texts{"memory-swappiness 60"});
    EXPECT_EQ(foreign("\"BlkioDeviceReadBps\": []",
                      "\"BlkioDeviceReadBps\": [{\"Path\": \"/dev/sda\", \"Rate\": 1}]"),
              Texts{"device-read-bps /dev/sda"});
    EXPECT_EQ(foreign("\"json-file\"", "\"none\""), Texts{"log-driver none"});
    EXPECT_EQ(foreign("\"max-size\": \"10m\"", "\"max-size\": \"9g\""),
              Texts{"log-opt: not those that bound the size"});
    EXPECT_EQ(foreign("\"/proc/kcore\",", ""), Texts{"system paths unconfined"});
    EXPECT_EQ(foreign("\"OpenStdin\": false", "\"OpenStdin\": true"), Texts{"interactive"});
    EXPECT_EQ(foreign("\"81/udp\"", "\"81/sctp\""), Texts{"port 81/sctp"});
    EXPECT_EQ(foreign("\"Hard\": 4096", "\"Hard\": 8192"), Texts{"ulimit nofile=4096:8192"});
}

TEST(WireContainer, TellsSwapAndHostNameOnlyWhereTheyAreNotTheEnginesOwn) {
    const std::string text = recorded("container_running.json");
    EXPECT_FALSE(running().spec.memory_and_swap);
    EXPECT_EQ(running().spec.hostname, "");
    const auto more =
        wire::read_container(changed(text, "\"MemorySwap\": 67108864", "\"MemorySwap\": 99999999"));
    EXPECT_EQ(more->spec.memory_and_swap, Bytes{99999999});
    const auto uncounted =
        wire::read_container(changed(text, "\"MemorySwap\": 67108864", "\"MemorySwap\": -1"));
    EXPECT_FALSE(uncounted->spec.memory_and_swap);
    const auto named = wire::read_container(
        changed(text, "\"Hostname\": \"c2a411194961\"", "\"Hostname\": \"bee\""));
    EXPECT_EQ(named->spec.hostname, "bee");
}

TEST(WireContainer, NeverCutsAnExitCodeOff) {
    const std::string exited = recorded("container_exited.json");
    const std::size_t at = exited.find("\"ExitCode\":");
    ASSERT_NE(at, std::string::npos);
    const std::size_t begin = exited.find_first_of("0123456789", at);
    const std::size_t end = exited.find_first_not_of("0123456789", begin);
    const auto read = wire::read_container(exited.substr(0, begin) + "4294967296" +
                                           exited.substr(end));  // 0 in 32 bits: a success
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find("State.ExitCode is out of range"), std::string::npos);
}

TEST(WireContainer, NamesAStrangeKeyOnOneLine) {
    const auto broken = wire::read_container(
        R"({"Id":"x","Name":"/x","Image":"x","State":{"Status":"running"},"Config":{"Image":"x"},
            "HostConfig":{"PortBindings":{"8\n0":7}}})");
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().message.find("8\\n0 is not a list"), std::string::npos)
        << broken.error().message;
}

TEST(WireContainer, IsUnknownWhenAnythingWeDecideOnIsBroken) {
    const std::string text = recorded("container_running.json");
    const std::pair<const char*, const char*> breaks[] = {
        {"\"Id\"", "\"Idx\""},
        {"\"Name\": \"/example-web-1\"", "\"Name\": 7"},
        {"\"State\"", "\"Estate\""},
        {"\"Status\": \"running\"", "\"Status\": \"dancing\""},
        {"\"Status\": \"unhealthy\"", "\"Status\": \"sleepy\""},
        {"\"HostConfig\"", "\"Host\""},
        {"\"NetworkSettings\"", "\"Settings\""},
        {"\"Memory\": 67108864", "\"Memory\": \"64MiB\""},
        {"\"Privileged\": false", "\"Privileged\": 0"},
        {"\"CapDrop\": [", "\"CapDrop\": [1,"},
        {"2026-11-22T19:17:58", "2026-13-22T19:17:58"},
    };
    for (const auto& [from, to] : breaks) {
        const auto container = wire::read_container(changed(text, from, to));
        ASSERT_FALSE(container) << to;
        EXPECT_EQ(container.error().kind, ErrorKind::unavailable);
    }
    for (const char* garbage :
         {"", "null", "[]", "{}", "{\"Id\":", "\"text\"", "{\"Id\":\"\xff\"}"}) {
        EXPECT_FALSE(wire::read_container(garbage)) << garbage;
    }
    for (std::size_t size = 0; size + 2 < text.size(); size += 97) {
        EXPECT_FALSE(wire::read_container(text.substr(0, size))) << size;
    }
    EXPECT_FALSE(wire::read_container(std::string(100'000, '[')));
}

}  // namespace
}  // namespace matriarch::controller
