// Engine: the container engine as one interface. Every method is one call of the Engine API 1.41+.
//
// Implementations: HttpEngine (the real one), SimulatedEngine (tests/support). Both pass the same
// contract suite. All calls block until they are answered, their deadline passes, or the stop token
// is set. Mutations take ids, never names. Errors of every method, unless it says otherwise:
// unavailable (no answer, too late, 5xx, garbage), conflict (404 or 409: the world changed),
// stopped, invalid (4xx: we asked for something impossible; the Engine's own words are in the
// message).
//
// This list is the golden list: nothing else is ever asked of an Engine. No archive endpoints, no
// build, no commit, no prune, no DELETE /volumes.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "reconcilers/action.hpp"
#include "reconcilers/world.hpp"
#include "specs/values/result.hpp"

namespace matriarch::controller {

/// How long a call may take, and what ends it early.
struct Call {
    std::chrono::milliseconds within{std::chrono::seconds(10)};
    std::stop_token stop{};
};

struct EngineFacts {
    std::string id{};
    std::string version{};
    std::string api{};
    std::string data_root{};
    std::string operating_system{};
    Bytes memory{};
    int cpus{0};
    bool live_restore{false};
};

/// What a list says of a container: for discovery only, never a reason to act.
struct ContainerSummary {
    std::string id{};
    std::string name{};
    std::map<std::string, std::string> labels{};
    std::string state{};
    std::string image_id{};
};

/// Standard output and standard error of something that ran, and how it ended.
struct Output {
    int exit_code{0};
    std::string out{};
    std::string err{};
};

/// One line of the event stream: a wake-up, never a fact.
struct Event {
    std::string type{};
    std::string action{};
    std::string id{};
    std::map<std::string, std::string> attributes{};
    std::int64_t time_ns{0};
};

class Engine {
 public:
    virtual ~Engine() = default;

    /// GET /info; the API version is the one negotiated at /_ping.
    [[nodiscard]] virtual Result<EngineFacts> facts(const Call& call) = 0;

    /// GET /containers/json?all=1, filtered by label ("key" or "key=value"; empty: all).
    [[nodiscard]] virtual Result<std::vector<ContainerSummary>> list_containers(
        const std::string& label, const Call& call) = 0;

    /// GET /containers/{id}/json. Nothing: there is no such container (404). The whole id or the
    /// exact name; the beginning of an id finds nothing. Networks alike.
    [[nodiscard]] virtual Result<std::optional<reconcilers::ObservedContainer>> inspect_container(
        const std::string& id_or_name, const Call& call) = 0;

    /// GET /networks/{name}. Nothing: 404. Errors: conflict where two networks share the name.
    [[nodiscard]] virtual Result<std::optional<reconcilers::ObservedNetwork>> inspect_network(
        const std::string& id_or_name, const Call& call) = 0;

    /// GET /networks: the ids of all of exactly this name, which need not be one.
    [[nodiscard]] virtual Result<std::vector<std::string>> list_networks(const std::string& name,
                                                                         const Call& call) = 0;

    /// GET /volumes/{name}. Nothing: 404.
    [[nodiscard]] virtual Result<std::optional<reconcilers::ObservedVolume>> inspect_volume(
        const std::string& name, const Call& call) = 0;

    /// GET /volumes, filtered by label ("key" or "key=value").
    [[nodiscard]] virtual Result<std::vector<reconcilers::ObservedVolume>> list_volumes(
        const std::string& label, const Call& call) = 0;

    /// GET /images/{reference}/json. Nothing: 404.
    [[nodiscard]] virtual Result<std::optional<reconcilers::ImageFacts>> inspect_image(
        const std::string& reference, const Call& call) = 0;

    /// POST /images/create. Reads the whole progress stream: an error inside a 200 is an error
    /// here. Errors: unavailable (registry), refused (authorisation), invalid (no such image or
    /// tag).
    [[nodiscard]] virtual Result<void> pull_image(
        const specs::ImageRef& image, const std::function<void(const std::string&)>& progress,
        const Call& call) = 0;

    /// DELETE /images/{id}?force=0. Errors: conflict (a container has it, it has names in several
    /// repositories, or it is gone).
    [[nodiscard]] virtual Result<void> remove_image(const std::string& id, const Call& call) = 0;

    /// POST /networks/create. Returns the id.
    [[nodiscard]] virtual Result<std::string> create_network(
        const reconcilers::CreateNetwork& network, const Call& call) = 0;

    /// DELETE /networks/{id}. Errors: conflict (a container is attached), missing.
    [[nodiscard]] virtual Result<void> remove_network(const std::string& id, const Call& call) = 0;

    /// POST /volumes/create. The Engine returns an existing volume of that name unchanged.
    [[nodiscard]] virtual Result<void> create_volume(const reconcilers::CreateVolume& volume,
                                                     const Call& call) = 0;

    /// POST /containers/create. Returns the id. Errors: conflict (the name is taken). Mounts are of
    /// type volume and never make a volume: the caller has seen it. Where the spec has several
    /// networks the first is given at creation and the others are connected before returning.
    [[nodiscard]] virtual Result<std::string> create_container(
        const reconcilers::CreateContainer& container, const Call& call) = 0;

    /// POST /containers/{id}/start. Starting a running one is success (304).
    [[nodiscard]] virtual Result<void> start_container(const std::string& id, const Call& call) = 0;

    /// POST /containers/{id}/unpause
    [[nodiscard]] virtual Result<void> unpause_container(const std::string& id,
                                                         const Call& call) = 0;

    /// POST /containers/{id}/kill?signal=. Signalling a stopped one: conflict.
    [[nodiscard]] virtual Result<void> signal_container(const std::string& id,
                                                        const std::string& signal,
                                                        const Call& call) = 0;

    /// DELETE /containers/{id}?v=0&force=0
    [[nodiscard]] virtual Result<void> remove_container(const std::string& id,
                                                        const Call& call) = 0;

    /// POST /containers/{id}/update: Memory, MemorySwap (= Memory), NanoCpus, PidsLimit,
    /// RestartPolicy. The Engine takes 0 for memory or cpus as "leave it": a limit can be changed
    /// here, not removed.
    [[nodiscard]] virtual Result<void> update_limits(const reconcilers::UpdateLimits& update,
                                                     const Call& call) = 0;

    /// POST /networks/{id}/connect
    [[nodiscard]] virtual Result<void> connect_network(const reconcilers::ConnectNetwork& connect,
                                                       const Call& call) = 0;

    /// POST /networks/{id}/disconnect
    [[nodiscard]] virtual Result<void> disconnect_network(
        const reconcilers::DisconnectNetwork& disconnect, const Call& call) = 0;

    /// POST /containers/{id}/exec, POST /exec/{id}/start, GET /exec/{id}/json.
    [[nodiscard]] virtual Result<Output> execute(const std::string& id,
                                                 const std::vector<std::string>& command,
                                                 const Call& call) = 0;

    /// GET /containers/{id}/logs: the last lines (0: all), standard output and error apart.
    [[nodiscard]] virtual Result<Output> logs(const std::string& id, int last_lines,
                                              const Call& call) = 0;

    /// GET /containers/{id}/logs?follow=1: each piece as it comes, until the end or `stop`. The
    /// call's deadline is for the connection only.
    [[nodiscard]] virtual Result<void> follow_logs(
        const std::string& id, int last_lines,
        const std::function<void(bool is_error, std::string_view)>& piece, const Call& call) = 0;

    /// GET /events: blocks, calls `each` for every event that can change what an inspection says
    /// (the exec_* of health checks are left out) until the stream ends or `stop`. The call's
    /// deadline is for the connection only. Errors: unavailable (the stream ended), stopped.
    [[nodiscard]] virtual Result<void> watch_events(const std::function<void(const Event&)>& each,
                                                    const Call& call) = 0;
};

}  // namespace matriarch::controller
