// The real Engine of the tests, and what a person does to it beside the controller.
#pragma once

#include <memory>
#include <string>

#include "controller/engine/engine.hpp"

namespace matriarch::controller::by_hand {

/// Why there is no Engine to test (see MATRIARCH_TEST_ENGINE); empty: there is one.
[[nodiscard]] std::string obstacle();

/// A client of its own. Null (and a failed test) where it cannot be reached.
[[nodiscard]] std::unique_ptr<Engine> connect_to_engine();

/// "POST", "containers/ID/pause": whatever no call of Engine's does. Its status does not matter.
void ask(const std::string& method, const std::string& path);

}  // namespace matriarch::controller::by_hand
