// The contract suite's frame: every Engine, real or simulated, passes the same tests.
//
// A Subject makes an Engine that already has the image matriarch/contract:1, and takes away what a
// test left behind. Another Engine joins with one INSTANTIATE_TEST_SUITE_P (see real_engine.cpp).
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "controller/engine/engine.hpp"

namespace matriarch::controller {

inline constexpr const char* contract_image = "matriarch/contract:1";
inline constexpr const char* contract_label = "social.matriarch.contract";

struct Subject {
    std::string name{};
    /// Why it cannot be tested here; empty: it can.
    std::function<std::string()> obstacle{};
    std::function<std::unique_ptr<Engine>()> make{};
    /// Removes every container, network and volume whose name begins so.
    std::function<void(const std::string& prefix)> clean_up{};

    friend void PrintTo(const Subject& subject, std::ostream* out) { *out << subject.name; }
};

class EngineContract : public testing::TestWithParam<Subject> {
 protected:
    void SetUp() override;
    void TearDown() override;

    /// A name nobody else uses.
    [[nodiscard]] std::string name(const std::string& suffix) const { return prefix_ + suffix; }

    /// Creates it on a network of its own; fails the test where that fails. Returns its id.
    std::string create(const std::string& suffix, std::vector<std::string> command);
    std::string create(reconcilers::ContainerSpec spec);
    std::string create_and_start(const std::string& suffix, std::vector<std::string> command);

    /// A spec that runs for ten minutes, with no network.
    [[nodiscard]] reconcilers::ContainerSpec spec(const std::string& suffix) const;

    [[nodiscard]] reconcilers::ObservedContainer inspect(const std::string& id);
    /// Looks until it has exited; fails the test after ten seconds.
    reconcilers::ObservedContainer wait_for_exit(const std::string& id);

    std::unique_ptr<Engine> engine_{};
    std::map<std::string, std::string> network_ids_{};
    Call call_{};

 private:
    std::string prefix_{};
};

#define EXPECT_KIND(result, expected)                                                    \
    do {                                                                                 \
        const auto& result_ = (result);                                                  \
        ASSERT_FALSE(result_.has_value());                                               \
        EXPECT_EQ(result_.error().kind, ErrorKind::expected) << result_.error().message; \
    } while (false)

#define EXPECT_OK(result)                                             \
    do {                                                              \
        const auto& result_ = (result);                               \
        ASSERT_TRUE(result_.has_value()) << to_text(result_.error()); \
    } while (false)

}  // namespace matriarch::controller
