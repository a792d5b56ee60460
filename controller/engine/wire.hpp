// Wire: the Engine API's JSON <-> our types. Nothing else in the program sees the Engine's JSON.
//
// Reading is strict where we decide on it: a field that is missing or of another type is an error
// (unavailable: nothing is known), never a default. Writing makes bodies from typed values only.
// Source of every field: Engine API v1.41 (/work/shared/facts, docker-engine-api).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/engine/engine.hpp"

namespace matriarch::controller::wire {

/// Where a container asks for names that the Engine does not know, if it is to ask nobody: itself.
inline constexpr const char* nobody = "127.0.0.1";

// What the Engine says. Errors of each: unavailable (not JSON, or not what was asked for).

[[nodiscard]] Result<reconcilers::ObservedContainer> read_container(std::string_view json);
[[nodiscard]] Result<reconcilers::ObservedNetwork> read_network(std::string_view json);
/// The Engine's list leaves out who is attached: `is_used` says nothing here.
[[nodiscard]] Result<std::vector<reconcilers::ObservedNetwork>> read_network_list(
    std::string_view json);
[[nodiscard]] Result<reconcilers::ObservedVolume> read_volume(std::string_view json);
[[nodiscard]] Result<std::vector<reconcilers::ObservedVolume>> read_volume_list(
    std::string_view json);
[[nodiscard]] Result<reconcilers::ImageFacts> read_image(std::string_view json);
[[nodiscard]] Result<std::vector<ContainerSummary>> read_container_list(std::string_view json);
/// All but `api`.
[[nodiscard]] Result<EngineFacts> read_info(std::string_view json);
[[nodiscard]] Result<Event> read_event(std::string_view json);
/// "Id" of what was just made.
[[nodiscard]] Result<std::string> read_id(std::string_view json);

struct ExecState {
    bool is_running{false};
    int exit_code{0};
};
[[nodiscard]] Result<ExecState> read_exec(std::string_view json);

/// One line of a pull's progress. `error` set: the pull has failed, whatever the status was.
struct PullLine {
    std::string status{};
    std::string id{};
    std::int64_t current{0};
    std::string error{};
};
[[nodiscard]] Result<PullLine> read_pull_line(std::string_view json);

/// The Engine's own words from the body of a refusal, redacted, on one line.
[[nodiscard]] std::string read_message(std::string_view body);

// What we ask.

/// Errors: invalid (a network without an id).
[[nodiscard]] Result<std::string> write_container(const reconcilers::CreateContainer& create);
[[nodiscard]] std::string write_network(const reconcilers::CreateNetwork& network);
[[nodiscard]] std::string write_volume(const reconcilers::CreateVolume& volume);
[[nodiscard]] std::string write_limits(const reconcilers::UpdateLimits& update);
[[nodiscard]] std::string write_connect(const reconcilers::ConnectNetwork& connect);
[[nodiscard]] std::string write_disconnect(const reconcilers::DisconnectNetwork& disconnect);
[[nodiscard]] std::string write_exec(const std::vector<std::string>& command);
/// {"key": ["value", ...]}: the form of every `filters` parameter.
[[nodiscard]] std::string write_filter(
    const std::map<std::string, std::vector<std::string>>& filters);

}  // namespace matriarch::controller::wire
