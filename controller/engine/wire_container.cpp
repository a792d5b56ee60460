// Wire, the inspection of a container: projected to what we decide; all else that somebody could
// have given it is listed in `foreign`, so that no privilege goes unseen.
#include <algorithm>

#include "controller/engine/wire.hpp"
#include "controller/engine/wire_fields.hpp"
#include "reconcilers/labels.hpp"

namespace matriarch::controller::wire {
namespace {

using reconcilers::ContainerSpec;
using reconcilers::ObservedContainer;

constexpr std::int64_t shared_memory_default = 64 * 1024 * 1024;  // the Engine's (--shm-size)
constexpr std::size_t health_output_max = 4096;                   // as the Engine itself keeps

void read_mounts(const Fields& root, ContainerSpec& spec) {
    for (const Fields& mount : root.objects("Mounts")) {
        const std::string type = mount.text("Type");
        const std::string target = mount.text("Destination");
        if (type == "volume") {
            spec.mounts.push_back(
                {.volume = mount.text("Name"), .target = target, .read_only = !mount.flag("RW")});
        } else if (type == "tmpfs") {
            spec.foreign.push_back("tmpfs " + target);
        } else {
            spec.foreign.push_back(type + " " + mount.text("Source") + ":" + target);
        }
    }
    std::sort(spec.mounts.begin(), spec.mounts.end());
}

void read_resolvers(const Fields& host, ContainerSpec& spec) {
    const auto resolvers = host.texts("Dns");
    spec.asks_nobody = resolvers == std::vector<std::string>{nobody};
    if (spec.asks_nobody) return;
    for (const std::string& one : resolvers) spec.foreign.push_back("dns " + one);
}

void read_networks(const Fields& settings, ObservedContainer& container) {
    for (const auto& [name, endpoint] : settings.object_map("Networks")) {
        if (name == "none" || name == "host") continue;
        std::vector<std::string> aliases = endpoint.texts("Aliases");
        // Engines below 26 add the short id to what was asked for; 25 and later also have DNSNames.
        std::erase(aliases, container.id.substr(0, 12));
        std::sort(aliases.begin(), aliases.end());
        aliases.erase(std::unique(aliases.begin(), aliases.end()), aliases.end());
        container.spec.networks.emplace(name, std::move(aliases));
        container.network_ids.emplace(name, endpoint.text("NetworkID"));
    }
}

int port_number(const std::string& text) {
    const bool is_number =
        !text.empty() && text.size() <= 5 &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return is_number ? std::stoi(text) : 0;  // 0: the Engine chooses one
}

void read_ports(const Fields& host, ContainerSpec& spec) {
    const Fields bindings = host.object("PortBindings");
    for (const std::string& key : bindings.names()) {
        const std::size_t slash = std::min(key.find('/'), key.size());
        const std::string protocol = key.substr(std::min(slash + 1, key.size()));
        if (protocol != "tcp" && protocol != "udp") spec.foreign.push_back("port " + key);
        for (const Fields& binding : bindings.objects(key)) {
            spec.ports.push_back({.container = port_number(key.substr(0, slash)),
                                  .host = port_number(binding.text("HostPort")),
                                  .address = binding.text("HostIp"),
                                  .udp = protocol == "udp"});
        }
    }
    std::sort(spec.ports.begin(), spec.ports.end());
}

void read_security(const Fields& host, ContainerSpec& spec) {
    for (std::string name : host.texts("CapAdd")) {
        if (name.starts_with("CAP_")) name.erase(0, 4);
        spec.capabilities.push_back(name);
        spec.foreign.push_back("cap-add " + name);
    }
    std::sort(spec.capabilities.begin(), spec.capabilities.end());
    const std::vector<std::string> dropped = host.texts("CapDrop");
    const bool drops_all = std::any_of(dropped.begin(), dropped.end(), [](const std::string& name) {
        return name == "ALL" || name == "CAP_ALL";
    });
    if (drops_all) {
        // Then what is added is all there is, and the type can say it.
        std::erase_if(spec.foreign, [](const auto& text) { return text.starts_with("cap-add "); });
    } else {
        spec.foreign.emplace_back("default capabilities");
    }
    spec.no_new_privileges = false;
    for (const std::string& option : host.texts("SecurityOpt")) {
        if (option == "no-new-privileges" || option == "no-new-privileges:true" ||
            option == "no-new-privileges=true") {
            spec.no_new_privileges = true;
        } else {
            spec.foreign.push_back("security-opt " + option);
        }
    }
}

void read_limits(const Fields& host, ContainerSpec& spec) {
    spec.limits.memory = {host.number("Memory")};
    // -1 is what an Engine says of every container where the kernel does not count swap.
    const std::int64_t swap = host.number("MemorySwap");
    if (swap > 0 && swap != spec.limits.memory.count) spec.memory_and_swap = {swap};
    spec.limits.cpus = {host.number("NanoCpus")};
    spec.cpu_weight = host.small_number("CpuShares");
    spec.limits.pids = std::max<std::int64_t>(host.number("PidsLimit"), 0);
    const std::int64_t shared = host.number("ShmSize");
    spec.shared_memory = {shared == shared_memory_default ? 0 : shared};
    for (const Fields& limit : host.objects("Ulimits")) {
        const std::string name = limit.text("Name");
        const std::int64_t soft = limit.number("Soft");
        const std::int64_t hard = limit.number("Hard");
        if (soft == hard && name == "memlock") {
            spec.memlock = soft;
        } else if (soft == hard && name == "nofile") {
            spec.open_files = soft;
        } else {
            spec.foreign.push_back("ulimit " + name + "=" + std::to_string(soft) + ":" +
                                   std::to_string(hard));
        }
    }
    const Fields policy = host.object("RestartPolicy");
    spec.restart = policy.text("Name");
    if (spec.restart.empty()) spec.restart = "no";
    const std::int64_t tries = policy.number("MaximumRetryCount");
    if (tries > 0) spec.restart += ":" + std::to_string(tries);
}

void read_config(const Fields& config, ContainerSpec& spec) {
    spec.entrypoint = read_words(config, "Entrypoint");
    spec.command = read_words(config, "Cmd");
    spec.user = config.text("User");
    spec.working_folder = config.text("WorkingDir");
    for (auto& [name, value] : read_environment(config)) {
        spec.environment.add(name, reconcilers::hidden(Secret(value)));
    }
    spec.labels = config.text_map("Labels");
    const auto role = spec.labels.find(reconcilers::label::role);
    if (role != spec.labels.end()) spec.role = role->second;
    spec.health = read_health_check(config);
    spec.stop_signal = config.text("StopSignal");
    if (config.has("StopTimeout")) {
        spec.stop_grace = std::chrono::seconds(config.number("StopTimeout"));
    }
}

void read_state(const Fields& state, ObservedContainer& container) {
    using reconcilers::Health;
    using reconcilers::RunState;
    static const std::map<std::string, RunState> states = {
        {"created", RunState::created},   {"running", RunState::running},
        {"paused", RunState::paused},     {"restarting", RunState::restarting},
        {"removing", RunState::removing}, {"exited", RunState::exited},
        {"dead", RunState::dead}};
    static const std::map<std::string, Health> healths = {{"", Health::none},
                                                          {"none", Health::none},
                                                          {"starting", Health::starting},
                                                          {"healthy", Health::healthy},
                                                          {"unhealthy", Health::unhealthy}};
    const auto run_state = states.find(state.required_text("Status"));
    if (run_state == states.end()) {
        state.note("Status", "is none that is known");
    } else {
        container.state = run_state->second;
    }
    const Fields health = state.object("Health");
    const auto answer = healths.find(health.text("Status"));
    if (answer == healths.end()) {
        health.note("Status", "is none that is known");
    } else {
        container.health = answer->second;
    }
    const std::vector<Fields> checks = health.objects("Log");
    if (!checks.empty()) {
        container.health_at = checks.back().time("Start");
        container.health_output = checks.back().text("Output").substr(0, health_output_max);
    }
    container.exit_code = state.small_number("ExitCode");
    container.oom_killed = state.flag("OOMKilled");
    container.error = state.text("Error");
    container.started_at = state.time("StartedAt");
    container.finished_at = state.time("FinishedAt");
}

// Whether there is a health check that has yet to say something. Without this, a container that was
// started an instant ago would count as ready.
bool is_asked(const ContainerSpec& spec) {
    return spec.health && !spec.health->test.empty() && spec.health->test.front() != "NONE";
}

}  // namespace

Result<ObservedContainer> read_container(std::string_view text) {
    Document document(text);
    TRY(document.check());
    const Fields root(document, document.root(), "");
    const Fields config = root.required_object("Config");
    const Fields host = root.required_object("HostConfig");

    ObservedContainer container;
    container.id = root.required_text("Id");
    container.name = root.required_text("Name");
    if (container.name.starts_with('/')) container.name.erase(0, 1);
    container.image_id = root.required_text("Image");
    container.image_reference = config.required_text("Image");
    container.restart_count = root.small_number("RestartCount");
    container.created_at = root.time("Created");

    ContainerSpec& spec = container.spec;
    spec.name = container.name;
    // A reference that is none (a bare id) stays empty: a difference to anything wanted.
    spec.image = specs::parse_image(container.image_reference).value_or(specs::ImageRef{});
    spec.init = host.flag("Init");
    read_config(config, spec);
    read_limits(host, spec);
    read_resolvers(host, spec);
    read_mounts(root, spec);
    read_ports(host, spec);
    read_security(host, spec);
    read_foreign(config, host, spec.foreign);
    const std::string hostname = config.text("Hostname");
    if (hostname != container.id.substr(0, 12)) spec.hostname = hostname;
    read_networks(root.required_object("NetworkSettings"), container);
    read_state(root.required_object("State"), container);
    if (container.is_running() && container.health == reconcilers::Health::none && is_asked(spec)) {
        container.health = reconcilers::Health::starting;
    }
    std::sort(spec.foreign.begin(), spec.foreign.end());
    TRY(document.check());
    return container;
}

}  // namespace matriarch::controller::wire
