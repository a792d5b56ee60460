// What we ask the Engine: whole bodies as text, so that nothing slips in or out unseen.
#include <gtest/gtest.h>

#include "controller/engine/wire.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using reconcilers::ContainerSpec;

TEST(WireCreate, AsksForTheLeastWhereNothingIsSaid) {
    const auto body = wire::write_container({.spec = {.name = "a"}, .image = "i@sha256:1"});
    ASSERT_TRUE(body);
    EXPECT_EQ(*body,
              R"({"Image":"i@sha256:1","Labels":{},"StopTimeout":10,"Env":[],"ExposedPorts":{},)"
              R"("HostConfig":{"NetworkMode":"none","Mounts":[],"PortBindings":{},)"
              R"("RestartPolicy":{"Name":"no"},"CapDrop":["ALL"],"CapAdd":[],)"
              R"("SecurityOpt":["no-new-privileges:true"],"Init":false,"Ulimits":[],)"
              R"("LogConfig":{"Type":"json-file","Config":{"max-size":"10m","max-file":"3"}},)"
              R"("Memory":0,"MemorySwap":0,"NanoCpus":0,"PidsLimit":-1},)"
              R"("NetworkingConfig":{"EndpointsConfig":{}}})");
}

TEST(WireCreate, WritesEveryFieldItIsGiven) {
    const ContainerSpec spec{
        .name = "a",
        .entrypoint = {{"/e"}},
        .command = {{"c", "d"}},
        .user = "991",
        .environment = {{"A", reconcilers::shown("1")}, {"S", reconcilers::hidden(Secret("x\"y"))}},
        .limits = {mib(1), {5}, 7},
        .cpu_weight = 128,
        .shared_memory = mib(2),
        .mounts = {{"v", "/v", true}, {"w", "/w", false}},
        .networks = {{"one", {"x", "y"}}, {"two", {}}},
        .ports = {{80, 8080, "127.0.0.1", false}, {80, 8081, "", false}, {53, 53, "", true}},
        .health = reconcilers::HealthCheck{{"CMD", "h"}, 2s, 1s, 3s, 4},
        .restart = "always",
        .labels = {{"l", "1"}},
        .stop_signal = "SIGINT",
        .stop_grace = 60s,
        .capabilities = {"CHOWN"},
        .no_new_privileges = false,
        .init = true,
        .memlock = -1,
        .open_files = 9};
    const auto body =
        wire::write_container({.spec = spec, .image = "i", .network_ids = {{"one", "id1"}}});
    ASSERT_TRUE(body);
    EXPECT_EQ(*body,
              R"({"Image":"i","Labels":{"l":"1"},"StopTimeout":60,"Entrypoint":["/e"],)"
              R"("Cmd":["c","d"],"User":"991","StopSignal":"SIGINT","Healthcheck":{)"
              R"("Test":["CMD","h"],"Interval":2000000000,"Timeout":1000000000,)"
              R"("StartPeriod":3000000000,"Retries":4},"Env":["A=1","S=x\"y"],)"
              R"("ExposedPorts":{"80/tcp":{},"53/udp":{}},"HostConfig":{"NetworkMode":"id1",)"
              R"("Mounts":[{"Type":"volume","Source":"v","Target":"/v","ReadOnly":true,)"
              R"("VolumeOptions":{"NoCopy":true}},{"Type":"volume","Source":"w","Target":"/w",)"
              R"("ReadOnly":false,"VolumeOptions":{"NoCopy":false}}],"PortBindings":{"80/tcp":[)"
              R"({"HostIp":"127.0.0.1","HostPort":"8080"},{"HostIp":"","HostPort":"8081"}],)"
              R"("53/udp":[{"HostIp":"","HostPort":"53"}]},"RestartPolicy":{"Name":"always"},)"
              R"("CapDrop":["ALL"],"CapAdd":["CHOWN"],"SecurityOpt":[],"Init":true,)"
              R"("Ulimits":[{"Name":"memlock","Soft":-1,"Hard":-1},)"
              R"({"Name":"nofile","Soft":9,"Hard":9}],"LogConfig":{"Type":"json-file",)"
              R"("Config":{"max-size":"10m","max-file":"3"}},"ShmSize":2097152,)"
              R"("Memory":1048576,"MemorySwap":1048576,"NanoCpus":5,"PidsLimit":7,)"
              R"("CpuShares":128},)"
              R"("NetworkingConfig":{"EndpointsConfig":{"id1":{"Aliases":["x","y"]}}}})");
}

TEST(WireCreate, RefusesANetworkWithoutAnId) {
    const auto body = wire::write_container({.spec = {.name = "a", .networks = {{"one", {}}}}});
    ASSERT_FALSE(body);
    EXPECT_EQ(body.error().kind, ErrorKind::invalid);
}

TEST(WireCreate, KeepsTheImagesOwnStartPeriodAway) {
    const auto body =
        wire::write_container({.spec = {.name = "a", .health = reconcilers::HealthCheck{}}});
    EXPECT_NE(body->find("\"StartPeriod\":1000000,"), std::string::npos);
}

TEST(WireCreate, WritesTheSmallBodies) {
    EXPECT_EQ(wire::write_network({.name = "n", .internal = true, .labels = {{"a", "b"}}}),
              R"({"Name":"n","CheckDuplicate":true,"Driver":"bridge","Internal":true,)"
              R"("Labels":{"a":"b"}})");
    EXPECT_EQ(wire::write_volume({.name = "v"}), R"({"Name":"v","Driver":"local","Labels":{}})");
    EXPECT_EQ(wire::write_limits({.limits = {mib(1), {2}, 3}, .restart = "no"}),
              R"({"Memory":1048576,"MemorySwap":1048576,"NanoCpus":2,"PidsLimit":3,)"
              R"("RestartPolicy":{"Name":"no"}})");
    EXPECT_EQ(wire::write_connect({.id = "c", .aliases = {"a"}}),
              R"({"Container":"c","EndpointConfig":{"Aliases":["a"]}})");
    EXPECT_EQ(wire::write_disconnect({.id = "c"}), R"({"Container":"c","Force":false})");
    EXPECT_EQ(wire::write_exec({"a", "b\n"}),
              R"({"AttachStdout":true,"AttachStderr":true,"Cmd":["a","b\n"]})");
    EXPECT_EQ(wire::write_filter({{"label", {"a=b"}}}), R"({"label":["a=b"]})");
}

}  // namespace
}  // namespace matriarch::controller
