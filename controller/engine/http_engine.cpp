// HttpEngine: version, errors, and every call that reads or changes one thing.
//
// Volumes are in volumes.cpp, what streams (pull, exec, logs) in streams.cpp, the event stream in
// events.cpp.
#include "controller/engine/http_engine.hpp"

#include "controller/engine/refusal.hpp"
#include "controller/engine/text.hpp"
#include "controller/engine/wire.hpp"

namespace matriarch::controller {
namespace {

using reconcilers::ObservedContainer;
using reconcilers::ObservedNetwork;

std::string container_path(const std::string& id) {
    return "/containers/" + escape(id);
}

// Its share of the time that is left, for a method of several calls.
Call rest_of(const Call& call, std::chrono::steady_clock::time_point begin) {
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    return {.within = std::max(call.within - spent, std::chrono::milliseconds(0)),
            .stop = call.stop};
}

}  // namespace

HttpEngine::HttpEngine(Endpoint endpoint, CallObserver observer)
    : transport_(std::move(endpoint), std::move(observer)) {}

Result<std::string> HttpEngine::negotiate(const Call& call) {
    Result<Response> answer = transport_.request({.target = "/_ping"}, call);
    const std::string purpose = "cannot talk to the Engine";
    if (!answer) return fail(led_by(purpose, std::move(answer).error()));
    if (answer->status != 200) return fail(refusal(purpose, answer->status, answer->body));
    std::string chosen = TRY(choose_version(answer->api_version));
    const std::lock_guard lock(mutex_);
    version_ = chosen;
    return chosen;
}

Result<std::string> HttpEngine::version(const Call& call) {
    {
        const std::lock_guard lock(mutex_);
        if (!version_.empty()) return version_;
    }
    return negotiate(call);
}

void HttpEngine::forget_version() {
    const std::lock_guard lock(mutex_);
    version_.clear();
}

Result<Response> HttpEngine::send(const Question& question, const BodyPiece* piece, StreamEnd end,
                                  const Call& call) {
    const auto begin = std::chrono::steady_clock::now();
    Result<std::string> chosen = version(call);
    if (!chosen) return fail(led_by(question.purpose, std::move(chosen).error()));
    const Request request{
        .method = question.method, .target = "/v" + *chosen + question.path, .body = question.body};
    const Call rest = rest_of(call, begin);
    Result<Response> answer = piece == nullptr ? transport_.request(request, rest)
                                               : transport_.stream(request, *piece, end, rest);
    if (answer) return answer;
    // It may come back as another one.
    if (answer.error().kind == ErrorKind::unavailable) forget_version();
    return fail(led_by(question.purpose, std::move(answer).error()));
}

Result<Response> HttpEngine::ask(const Question& question, const Call& call) {
    Response answer = TRY(send(question, nullptr, StreamEnd::by_deadline, call));
    if (answer.status < 300 || answer.status == 304) return answer;
    return fail(refusal(question.purpose, answer.status, answer.body));
}

Result<std::optional<std::string>> HttpEngine::look(const Question& question, const Call& call) {
    Response answer = TRY(send(question, nullptr, StreamEnd::by_deadline, call));
    if (answer.status == 200) return std::move(answer.body);
    if (answer.status == 404) return std::nullopt;
    return fail(refusal(question.purpose, answer.status, answer.body));
}

Result<void> HttpEngine::listen(const Question& question, const BodyPiece& piece, StreamEnd end,
                                const Call& call) {
    const Response answer = TRY(send(question, &piece, end, call));
    if (answer.status < 300) return {};
    return fail(refusal(question.purpose, answer.status, answer.body));
}

Result<EngineFacts> HttpEngine::facts(const Call& call) {
    const Question question{.purpose = "cannot ask the Engine about itself", .path = "/info"};
    const Response answer = TRY(ask(question, call));
    EngineFacts facts = TRY(understood(question.purpose, wire::read_info(answer.body)));
    facts.api = TRY(version(call));
    return facts;
}

Result<std::vector<ContainerSummary>> HttpEngine::list_containers(const std::string& label,
                                                                  const Call& call) {
    Question question{.purpose = "cannot list containers", .path = "/containers/json?all=1"};
    if (!label.empty()) {
        question.path += "&filters=" + escape(wire::write_filter({{"label", {label}}}));
    }
    const Response answer = TRY(ask(question, call));
    return understood(question.purpose, wire::read_container_list(answer.body));
}

Result<std::optional<ObservedContainer>> HttpEngine::inspect_container(
    const std::string& id_or_name, const Call& call) {
    const Question question{.purpose = "cannot inspect container " + id_or_name,
                            .path = container_path(id_or_name) + "/json"};
    const std::optional<std::string> body = TRY(look(question, call));
    if (!body) return std::nullopt;
    ObservedContainer container = TRY(understood(question.purpose, wire::read_container(*body)));
    // The Engine also takes the beginning of an id for a name; we never mean that.
    if (container.id != id_or_name && container.name != id_or_name) return std::nullopt;
    return container;
}

Result<std::optional<ObservedNetwork>> HttpEngine::inspect_network(const std::string& id_or_name,
                                                                   const Call& call) {
    const Question question{.purpose = "cannot inspect network " + id_or_name,
                            .path = "/networks/" + escape(id_or_name)};
    const std::optional<std::string> body = TRY(look(question, call));
    if (!body) return std::nullopt;
    ObservedNetwork network = TRY(understood(question.purpose, wire::read_network(*body)));
    if (network.id != id_or_name && network.name != id_or_name) return std::nullopt;
    return network;
}

Result<std::vector<std::string>> HttpEngine::list_networks(const std::string& name,
                                                           const Call& call) {
    // The Engine's filter also lets through names that contain this one.
    const Question question{
        .purpose = "cannot list the networks called " + name,
        .path = "/networks?filters=" + escape(wire::write_filter({{"name", {name}}}))};
    const Response answer = TRY(ask(question, call));
    std::vector<std::string> ids;
    for (auto& network : TRY(understood(question.purpose, wire::read_network_list(answer.body)))) {
        if (network.name == name) ids.push_back(std::move(network.id));
    }
    return ids;
}

Result<std::optional<reconcilers::ImageFacts>> HttpEngine::inspect_image(
    const std::string& reference, const Call& call) {
    const Question question{.purpose = "cannot inspect image " + reference,
                            .path = "/images/" + escape(reference, "/:@") + "/json"};
    const std::optional<std::string> body = TRY(look(question, call));
    if (!body) return std::nullopt;
    return TRY(understood(question.purpose, wire::read_image(*body)));
}

Result<std::string> HttpEngine::create_network(const reconcilers::CreateNetwork& network,
                                               const Call& call) {
    const Question question{.purpose = "cannot create network " + network.name,
                            .method = "POST",
                            .path = "/networks/create",
                            .body = wire::write_network(network)};
    const Response answer = TRY(ask(question, call));
    return understood(question.purpose, wire::read_id(answer.body));
}

Result<void> HttpEngine::remove_image(const std::string& id, const Call& call) {
    TRY(ask({.purpose = "cannot remove image " + id,
             .method = "DELETE",
             .path = "/images/" + escape(id) + "?force=0"},
            call));
    return {};
}

Result<void> HttpEngine::remove_network(const std::string& id, const Call& call) {
    TRY(ask({.purpose = "cannot remove network " + id,
             .method = "DELETE",
             .path = "/networks/" + escape(id)},
            call));
    return {};
}

Result<std::string> HttpEngine::create_container(const reconcilers::CreateContainer& container,
                                                 const Call& call) {
    const auto begin = std::chrono::steady_clock::now();
    const reconcilers::ContainerSpec& spec = container.spec;
    Question question{.purpose = "cannot create container " + spec.name,
                      .method = "POST",
                      .path = "/containers/create?name=" + escape(spec.name)};
    question.body = TRY(understood(question.purpose, wire::write_container(container)));
    const Response answer = TRY(ask(question, call));
    std::string id = TRY(understood(question.purpose, wire::read_id(answer.body)));
    // Where one of these fails, the next pass sees a network missing.
    for (auto next = spec.networks.begin(); next != spec.networks.end(); ++next) {
        if (next == spec.networks.begin()) continue;
        const auto& [name, aliases] = *next;
        const auto network = container.network_ids.find(name);
        if (network == container.network_ids.end()) {
            return fail(ErrorKind::invalid, question.purpose + ": network " + name + " has no id");
        }
        TRY(connect_network({.network_id = network->second,
                             .network = name,
                             .id = id,
                             .name = spec.name,
                             .aliases = aliases},
                            rest_of(call, begin)));
    }
    return id;
}

Result<void> HttpEngine::start_container(const std::string& id, const Call& call) {
    TRY(ask({.purpose = "cannot start container " + id,
             .method = "POST",
             .path = container_path(id) + "/start"},
            call));
    return {};
}

Result<void> HttpEngine::unpause_container(const std::string& id, const Call& call) {
    TRY(ask({.purpose = "cannot unpause container " + id,
             .method = "POST",
             .path = container_path(id) + "/unpause"},
            call));
    return {};
}

Result<void> HttpEngine::signal_container(const std::string& id, const std::string& signal,
                                          const Call& call) {
    TRY(ask({.purpose = "cannot signal container " + id,
             .method = "POST",
             .path = container_path(id) + "/kill?signal=" + escape(signal)},
            call));
    return {};
}

Result<void> HttpEngine::remove_container(const std::string& id, const Call& call) {
    TRY(ask({.purpose = "cannot remove container " + id,
             .method = "DELETE",
             .path = container_path(id) + "?v=0&force=0"},
            call));
    return {};
}

Result<void> HttpEngine::update_limits(const reconcilers::UpdateLimits& update, const Call& call) {
    TRY(ask({.purpose = "cannot update container " + update.name,
             .method = "POST",
             .path = container_path(update.id) + "/update",
             .body = wire::write_limits(update)},
            call));
    return {};
}

Result<void> HttpEngine::connect_network(const reconcilers::ConnectNetwork& connect,
                                         const Call& call) {
    TRY(ask(
        {.purpose = "cannot connect container " + connect.name + " to network " + connect.network,
         .method = "POST",
         .path = "/networks/" + escape(connect.network_id) + "/connect",
         .body = wire::write_connect(connect)},
        call));
    return {};
}

Result<void> HttpEngine::disconnect_network(const reconcilers::DisconnectNetwork& disconnect,
                                            const Call& call) {
    TRY(ask({.purpose = "cannot disconnect container " + disconnect.name + " from network " +
                        disconnect.network,
             .method = "POST",
             .path = "/networks/" + escape(disconnect.network_id) + "/disconnect",
             .body = wire::write_disconnect(disconnect)},
            call));
    return {};
}

}  // namespace matriarch::controller
