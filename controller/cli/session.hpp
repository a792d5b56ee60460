// Session: what most commands need: where state lives, which Engine, how output looks.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "controller/base/clock.hpp"
#include "controller/base/state.hpp"
#include "controller/engine/engine.hpp"
#include "controller/loop/fleet.hpp"
#include "controller/loop/report.hpp"
#include "controller/store/journal.hpp"
#include "specs/policy.hpp"

namespace matriarch::controller {

enum class OutputForm { text, json, markdown };

/// Options that every command takes.
struct CommonOptions {
    std::string state_dir{};
    OutputForm output{OutputForm::text};
    std::string log_level{"info"};
    bool log_json{false};
    std::string age_key{};
    std::string policy_file{};
};

/// Data goes to standard output, everything else to standard error.
void print(const std::string& data);
void complain(const Error& error);

/// complain() and the exit code of the error.
[[nodiscard]] int failed_with(const Error& error);

/// Prints all problems of a fleet (as JSON where asked) and returns the exit code.
[[nodiscard]] int refused_with(const std::vector<Error>& problems, OutputForm output);

/// The Engine that the environment names (DOCKER_HOST, ...), asked once.
[[nodiscard]] Result<std::unique_ptr<Engine>> connect_engine(std::stop_token stop);

/// The same for a command that looks once, and that has files to read first.
[[nodiscard]] Result<std::unique_ptr<Engine>> connect_eagerly(std::stop_token stop);

/// Instances of a fleet that a command works on. Errors: invalid (no such instance).
[[nodiscard]] Result<std::vector<specs::Instance>> chosen(const Fleet& fleet,
                                                          const std::string& only);

/// Where matriarch keeps what it must remember; makes nothing. Errors: invalid.
[[nodiscard]] Result<State> state_of(const CommonOptions& common);

/// The host's policy: `option`, else /etc/matriarch/policy.yaml, else the defaults. Errors:
/// invalid, unavailable; invalid too where a file that was named does not exist.
[[nodiscard]] Result<specs::Policy> load_policy(const std::string& option);

/// A file of the host: the one that was named, or the usual one, where there is one. Errors: as
/// load_policy.
[[nodiscard]] Result<std::optional<specs::Node>> load_host_file(const std::string& option,
                                                                const char* usual);

/// Whether somebody watches standard error.
[[nodiscard]] bool is_terminal();

}  // namespace matriarch::controller
