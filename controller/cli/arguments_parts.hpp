// What the readers of arguments share: all options, and how a command is declared.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "controller/cli/commands.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace matriarch::controller {

/// All options of all commands, filled in by CLI11.
struct Options {
    CommonOptions common{};
    PlanOptions plan{};
    ApplyOptions apply{};
    RunOptions run{};
    ProposeOptions propose{};
    LogOptions logs{};
    EventOptions events{};
    DriftOptions drift{};
    RestoreOptions restore{};
    std::string version{};
    std::string path{};
    std::string instance{};
    std::string reason{"by command"};
    std::string shell{};
    std::string token{};
    std::chrono::milliseconds within{std::chrono::minutes(30)};
};

/// The command that was named, with its options.
using Chosen = std::function<int()>;

CLI::App* command(CLI::App& app, Chosen& chosen, const std::string& name, const std::string& help,
                  const std::string& example, Chosen what);

/// A duration option, written like everywhere else: 30s, 5m.
CLI::Option* duration(CLI::App* command, const std::string& name, std::chrono::milliseconds& value,
                      const std::string& help);

void add_run(CLI::App& app, Chosen& chosen, Options& options, std::stop_token stop);
void add_propose(CLI::App& app, Chosen& chosen, Options& options, std::stop_token stop);

}  // namespace matriarch::controller
