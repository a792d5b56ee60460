// The Engine is chosen as the docker client chooses it, and never with less care.
#include "controller/engine/endpoint.hpp"

#include <gtest/gtest.h>

#include <map>

namespace matriarch::controller {
namespace {

Result<Endpoint> chosen(std::map<std::string, std::string> variables) {
    return endpoint_from([variables = std::move(variables)](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::string() : found->second;
    });
}

TEST(EngineEndpoint, IsTheSystemsSocketWhereNothingIsSet) {
    EXPECT_EQ(to_text(*chosen({})), "unix:///var/run/docker.sock");
    EXPECT_EQ(to_text(*chosen({{"DOCKER_TLS_VERIFY", "1"}})), "unix:///var/run/docker.sock");
}

TEST(EngineEndpoint, ReadsEveryScheme) {
    EXPECT_EQ(to_text(*chosen({{"DOCKER_HOST", "unix:///tmp/s"}})), "unix:///tmp/s");
    EXPECT_EQ(to_text(*chosen({{"DOCKER_HOST", "tcp://host"}})), "tcp://host:2375");
    EXPECT_EQ(chosen({{"DOCKER_HOST", "tcp://[::1]:5"}})->host, "::1");
    EXPECT_EQ(to_text(*chosen({{"DOCKER_HOST", "ssh://me@host:22"}})), "ssh://me@host:22");
    EXPECT_EQ(chosen({{"DOCKER_HOST", "ssh://host"}})->user, "");
}

TEST(EngineEndpoint, SpeaksTlsWhereverCertificatesAreNamed) {
    const auto verified =
        chosen({{"DOCKER_HOST", "tcp://host"}, {"DOCKER_TLS_VERIFY", "1"}, {"HOME", "/home/me"}});
    EXPECT_EQ(verified->kind, Endpoint::Kind::tls);
    EXPECT_EQ(verified->port, "2376");
    EXPECT_EQ(verified->certificates, "/home/me/.docker");
    const auto named = chosen({{"DOCKER_HOST", "tcp://host:1"}, {"DOCKER_CERT_PATH", "/c"}});
    EXPECT_EQ(named->kind, Endpoint::Kind::tls);
    EXPECT_EQ(named->certificates, "/c");
}

TEST(EngineEndpoint, RefusesWhatItCannotUse) {
    for (const char* text :
         {"host", "npipe:////./pipe", "fd://", "unix://relative", "tcp://", "tcp://:1", "tcp://a:b",
          "tcp://a:0", "tcp://a:65536", "tcp://a:1:2", "tcp://a/b", "tcp://me:pw@a", "ssh://",
          "ssh://me:pw@host", "ssh://-oProxyCommand=x", "ssh://-l@host", "ssh://@host"}) {
        const auto endpoint = chosen({{"DOCKER_HOST", text}});
        ASSERT_FALSE(endpoint) << text;
        EXPECT_EQ(endpoint.error().kind, ErrorKind::invalid);
        EXPECT_EQ(endpoint.error().message.find("pw"), std::string::npos);
    }
}

}  // namespace
}  // namespace matriarch::controller
