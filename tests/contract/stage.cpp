// Words of a script -> calls; inspections -> text.
#include "tests/contract/stage.hpp"

#include <sstream>
#include <stdexcept>

#include "tests/contract/engine_contract.hpp"

namespace matriarch::controller {
namespace {

/// Of what is not there: no Engine has it.
const std::string nobody(64, '0');

template <class Outcome>
std::string kind_of(const Outcome& outcome) {
    return outcome ? "ok" : to_text(outcome.error().kind);
}

std::int64_t number(const std::string& word) {
    return std::stoll(word);
}

std::vector<std::string> parted(const std::string& list) {
    std::vector<std::string> parts;
    std::istringstream text(list);
    for (std::string part; std::getline(text, part, ',');) parts.push_back(part);
    return parts;
}

/// Obeys a signal at once, which a shell in the foreground does not.
const std::vector<std::string> runs{"sh", "-c", "trap 'exit 0' TERM; sleep 600 & wait"};

}  // namespace

std::string Stage::id_of(const std::string& container) const {
    const auto found = containers_.find(container);
    return found == containers_.end() ? nobody : found->second;
}

std::string Stage::network_id(const std::string& network) const {
    const auto found = networks_.find(network);
    return found == networks_.end() ? std::string(64, network == "n" ? '1' : '2') : found->second;
}

std::string Stage::create(const ScriptCall& call) {
    reconcilers::CreateContainer wanted{.image = contract_image};
    reconcilers::ContainerSpec& spec = wanted.spec;
    spec.name = named(call.words.at(1));
    spec.labels = {{contract_label, "script"}};
    spec.command = runs;
    spec.limits = {.memory = mib(128)};
    for (std::size_t i = 2; i < call.words.size(); ++i) {
        const std::string& word = call.words[i];
        if (word == "on") {
            for (const std::string& network : parted(call.words.at(++i))) {
                spec.networks[named(network)] = {};
                wanted.network_ids[named(network)] = network_id(network);
            }
        } else if (word == "with") {
            spec.mounts = {{.volume = named(call.words.at(++i)), .target = "/data"}};
        } else if (word == "exits") {
            spec.command = {"sh", "-c", "exit " + call.words.at(++i)};
        } else if (word == "memory") {
            spec.limits.memory = mib(number(call.words.at(++i)));
        } else if (word == "always") {
            spec.restart = "always";
        } else {
            throw std::runtime_error("not a part of create: " + word);
        }
    }
    const auto id = engine_.create_container(wanted, call_);
    if (id) containers_[call.words.at(1)] = *id;
    return kind_of(id);
}

std::string Stage::on_network(const std::string& verb, const ScriptCall& call) {
    const std::string& network = call.words.at(1);
    if (verb == "network") {
        const auto id = engine_.create_network({.name = named(network),
                                                .internal = call.words.back() == "internal",
                                                .labels = {{contract_label, "script"}}},
                                               call_);
        if (id) networks_[network] = *id;
        return kind_of(id);
    }
    if (verb == "remove-network")
        return kind_of(engine_.remove_network(network_id(network), call_));
    if (verb == "find") {
        const auto found = engine_.list_networks(named(network), call_);
        return kind_of(found) + (found ? " " + std::to_string(found->size()) : "");
    }
    if (verb == "look") return kind_of(engine_.inspect_network(named(network), call_));
    throw std::runtime_error("not a call: " + verb);
}

std::string Stage::on_container(const std::string& verb, const ScriptCall& call) {
    const std::string name = call.words.at(1);
    const std::string id = id_of(name);
    if (verb == "start") return kind_of(engine_.start_container(id, call_));
    if (verb == "unpause") return kind_of(engine_.unpause_container(id, call_));
    if (verb == "stop") return kind_of(engine_.signal_container(id, "SIGTERM", call_));
    if (verb == "kill") return kind_of(engine_.signal_container(id, "SIGKILL", call_));
    if (verb == "remove") return kind_of(engine_.remove_container(id, call_));
    if (verb == "inspect") return kind_of(engine_.inspect_container(id, call_));
    if (verb == "logs") return kind_of(engine_.logs(id, 5, call_));
    if (verb == "update") {
        const specs::Limits limits{.memory = mib(number(call.words.at(2))),
                                   .cpus = {number(call.words.at(3)) * 1'000'000},
                                   .pids = number(call.words.at(4))};
        return kind_of(engine_.update_limits(
            {.id = id, .name = named(name), .limits = limits, .restart = "no"}, call_));
    }
    if (verb == "execute") {
        const auto output = engine_.execute(id, {"true"}, call_);
        return kind_of(output) + (output ? " " + std::to_string(output->exit_code) : "");
    }
    if (verb == "pause" || verb == "destroy") {
        (verb == "pause" ? hands_.pause : hands_.destroy)(id);
        return "ok";
    }
    const std::string network = call.words.at(2);
    if (verb == "connect") {
        return kind_of(engine_.connect_network({.network_id = network_id(network),
                                                .network = named(network),
                                                .id = id,
                                                .name = named(name)},
                                               call_));
    }
    if (verb == "disconnect") {
        return kind_of(engine_.disconnect_network({.network_id = network_id(network),
                                                   .network = named(network),
                                                   .id = id,
                                                   .name = named(name)},
                                                  call_));
    }
    throw std::runtime_error("not a call: " + verb);
}

std::string Stage::make(const ScriptCall& call) {
    const std::string& verb = call.words.at(0);
    if (verb == "create") return create(call);
    if (verb == "list") return kind_of(engine_.list_containers(contract_label, call_));
    if (verb == "image") return kind_of(engine_.inspect_image(contract_image, call_));
    if (verb == "volume") {
        return kind_of(engine_.create_volume(
            {.name = named(call.words.at(1)), .labels = {{contract_label, "script"}}}, call_));
    }
    const bool is_on_network =
        verb == "network" || verb == "remove-network" || verb == "find" || verb == "look";
    return is_on_network ? on_network(verb, call) : on_container(verb, call);
}

std::string Stage::container_seen(const std::string& name) {
    const auto found = engine_.inspect_container(named(name), call_);
    if (!found) return name + " " + kind_of(found) + "\n";
    if (!*found) return "";
    const reconcilers::ObservedContainer& one = **found;
    std::ostringstream out;
    out << name << " " << reconcilers::to_text(one.state) << " code " << one.exit_code;
    out << " memory " << one.spec.limits.memory.count << " cpus " << one.spec.limits.cpus.nano
        << " pids " << one.spec.limits.pids << " restart " << one.spec.restart << " user '"
        << one.spec.user << "' image " << one.image_id << " stop '" << one.spec.stop_signal << "'";
    for (const auto& [key, value] : one.spec.labels) out << " label " << key << "=" << value;
    for (const auto& [key, value] : one.spec.environment) {
        out << " " << key << "=" << value.value.reveal();
    }
    for (const std::string& word : one.spec.entrypoint.value_or(std::vector<std::string>{})) {
        out << " entrypoint " << word;
    }
    for (const std::string& word : one.spec.command.value_or(std::vector<std::string>{})) {
        out << " '" << word << "'";
    }
    for (const auto& mount : one.spec.mounts) out << " " << mount.volume << ":" << mount.target;
    for (const auto& [network, aliases] : one.spec.networks) {
        out << " @" << network;
        for (const std::string& alias : aliases) out << "," << alias;
    }
    return out.str() + "\n";
}

std::string Stage::seen() {
    std::string text = container_seen("a") + container_seen("b");
    for (const std::string network : {"n", "m"}) {
        const auto found = engine_.inspect_network(named(network), call_);
        if (!found || !*found) continue;
        text += network + ((*found)->internal ? " internal" : "") +
                ((*found)->is_used ? " used" : " free") + "\n";
    }
    const auto volume = engine_.inspect_volume(named("v"), call_);
    if (volume && *volume) {
        text += "v";
        for (const auto& [key, value] : (*volume)->labels) text += " " + key + "=" + value;
    }
    return text;
}

}  // namespace matriarch::controller
