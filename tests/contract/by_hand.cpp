// MATRIARCH_TEST_ENGINE instead of DOCKER_HOST; never the machine's own Engine by default.
#include "tests/contract/by_hand.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "controller/engine/connect.hpp"
#include "tests/contract/engine_contract.hpp"

namespace matriarch::controller::by_hand {
namespace {

using namespace std::chrono_literals;

std::string variable(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
}

Endpoint test_endpoint() {
    const auto endpoint = endpoint_from([](const std::string& name) {
        return variable(name == "DOCKER_HOST" ? "MATRIARCH_TEST_ENGINE" : name);
    });
    EXPECT_TRUE(endpoint) << to_text(endpoint.error());
    return endpoint.value_or(Endpoint{.path = "/nonexistent"});
}

}  // namespace

std::string obstacle() {
    if (variable("MATRIARCH_TEST_ENGINE").empty()) return "MATRIARCH_TEST_ENGINE names no Engine";
    const auto engine = connect(test_endpoint(), {.within = 10s});
    if (!engine) return to_text(engine.error());
    const auto image = (*engine)->inspect_image(contract_image, {});
    if (!image) return to_text(image.error());
    return *image ? "" : "no image matriarch/contract:1: run tests/contract/make-image";
}

std::unique_ptr<Engine> connect_to_engine() {
    auto engine = connect(test_endpoint(), {.within = 10s});
    EXPECT_TRUE(engine) << to_text(engine.error());
    return engine ? std::move(*engine) : nullptr;
}

void ask(const std::string& method, const std::string& path) {
    Transport transport(test_endpoint());
    const auto asked = transport.request({.method = method, .target = "/v1.41/" + path}, {});
    EXPECT_TRUE(asked) << to_text(asked.error());
}

}  // namespace matriarch::controller::by_hand
