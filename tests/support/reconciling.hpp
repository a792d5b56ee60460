// Builders for tests of the reconcilers: an instance, a world, and the planner run on both.
#pragma once

#include <string>

#include "reconcilers/preview.hpp"

namespace matriarch::reconcilers::testing {

/// The same with what is wanted as what was settled before.
[[nodiscard]] Wanted settled(Wanted wanted);

/// "canary-NAME" for each secret without which no release boots.
[[nodiscard]] std::map<std::string, Secret> canary_secrets();

/// A small instance with secrets; no image of it is on the host.
[[nodiscard]] Wanted small_instance(const std::string& version = "v4.4.8");

/// The migrations of the images of tests: 4.4 has 1 and 2; 4.5 adds a regular 3; 4.6 adds a regular
/// 5 and a post-deployment 4, which is older than its newest regular one.
[[nodiscard]] MigrationFiles migrations_of(const specs::ImageRef& image);

/// Where planning came to an end.
struct Ending {
    World world{};
    Plan plan{};
    int passes{0};
    bool is_settled{false};
};

/// Plans and simulates until nothing is left to do, or nothing can be done.
[[nodiscard]] Ending run_to_end(const Wanted& wanted, World world);

/// The world after a first deployment.
[[nodiscard]] World deployed(const Wanted& wanted);

/// Words of every step of a plan, one a line: "create container a-web-1: not found".
[[nodiscard]] std::string steps_of(const Plan& plan);

}  // namespace matriarch::reconcilers::testing
