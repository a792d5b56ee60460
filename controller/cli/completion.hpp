// Completion scripts for shells, made from the same definition that reads the command line.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace matriarch::controller {

[[nodiscard]] int completion_command(const CLI::App& app, const std::string& shell);

}  // namespace matriarch::controller
