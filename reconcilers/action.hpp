// Action: the closed list of things matriarch can do to the world. Nothing else exists.
//
// Each is one Engine call (or one durable local write), addressed by id wherever a thing already
// exists. There is no action that removes a volume, and none that prunes.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <variant>

#include "reconcilers/container.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::reconcilers {

/// POST /images/create, on the pull thread.
struct PullImage {
    specs::ImageRef image{};
};
/// DELETE /images/{id}, never by force: one that we pulled; the Engine refuses if something uses
/// it.
struct RemoveImage {
    std::string id{};
    std::string reference{};
};
/// POST /networks/create
struct CreateNetwork {
    std::string name{};
    bool internal{false};
    std::map<std::string, std::string> labels{};
};
/// DELETE /networks/{id}: a double of ours that nothing uses, or a rehearsal's; the Engine refuses
/// if something does.
struct RemoveNetwork {
    std::string id{};
    std::string name{};
};
/// Writes down who the data volumes are, before they are made or used. Local and durable. A volume
/// without a uuid gets one when the step is applied (the planner is pure and makes no random
/// numbers).
struct PinIdentity {
    Identity identity{};
};
/// POST /volumes/create
struct CreateVolume {
    std::string name{};
    std::map<std::string, std::string> labels{};
};
/// POST /containers/create
struct CreateContainer {
    ContainerSpec spec{};
    /// Image to run: reference with the digest it resolved to.
    std::string image{};
    /// Network name -> id.
    std::map<std::string, std::string> network_ids{};
};
/// POST /containers/{id}/start
struct StartContainer {
    std::string id{};
    std::string name{};
};
/// POST /containers/{id}/unpause
struct UnpauseContainer {
    std::string id{};
    std::string name{};
};
/// Sidekiq finishes what it has in hand and fetches no more.
inline constexpr const char* quiet_signal = "SIGTSTP";
/// POST /containers/{id}/kill with a signal; returns as soon as it is sent.
struct SignalContainer {
    std::string id{};
    std::string name{};
    std::string signal{"SIGTERM"};
};
/// DELETE /containers/{id}, never with its volumes, only when it does not run.
struct RemoveContainer {
    std::string id{};
    std::string name{};
};
/// POST /containers/{id}/update
struct UpdateLimits {
    std::string id{};
    std::string name{};
    specs::Limits limits{};
    std::string restart{};
};
/// POST /networks/{id}/connect
struct ConnectNetwork {
    std::string network_id{};
    std::string network{};
    std::string id{};
    std::string name{};
    std::vector<std::string> aliases{};
};
/// POST /networks/{id}/disconnect
struct DisconnectNetwork {
    std::string network_id{};
    std::string network{};
    std::string id{};
    std::string name{};
};
/// POST /containers/{id}/exec in the edge: what it serves, and whom it sends requests to, both
/// whole. Written into its volume; a changed configuration replaces the old one without a restart.
struct ConfigureEdge {
    std::string id{};
    std::string name{};
    std::string config{};
    /// Names of containers.
    std::set<std::string> routes{};
};
/// POST /containers/{id}/exec in a job that has fetched them: the secrets of a backup, into the
/// folder of what was generated. Never in a log, a volume or an argument.
struct TakeSecrets {
    std::string id{};
    std::string name{};
};
/// Writes down that something failed, so that it is not tried again as it is. Local and durable.
struct RememberFailure {
    std::string key{};
    std::string name{};
    std::string what{};
};
/// Nothing to do but look again after a time.
struct Wait {
    std::string resource{};
    std::chrono::milliseconds again{500};
};

using Action = std::variant<PullImage, RemoveImage, CreateNetwork, RemoveNetwork, PinIdentity,
                            CreateVolume, CreateContainer, StartContainer, UnpauseContainer,
                            SignalContainer, RemoveContainer, UpdateLimits, ConnectNetwork,
                            DisconnectNetwork, ConfigureEdge, TakeSecrets, RememberFailure, Wait>;

/// "create container example-social-web-1"
[[nodiscard]] std::string in_words(const Action& action);

/// "pull", "create", "start", "unpause", "quiet", "stop", "kill", "remove", "update", "connect",
/// "disconnect", "configure", "pin", "take", "remember", "wait for"
[[nodiscard]] std::string verb(const Action& action);

/// What it acts on: "container example-social-web-1", "image ghcr.io/...", ...
[[nodiscard]] std::string resource(const Action& action);

[[nodiscard]] bool is_wait(const Action& action);

}  // namespace matriarch::reconcilers
