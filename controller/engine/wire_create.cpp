// Wire, what we ask: bodies made from typed values. There is no way to pass anything through, so a
// device or a privilege cannot be asked for; of host paths there is one, a backup's repository.
#include <boost/json.hpp>

#include "controller/engine/wire.hpp"

namespace matriarch::controller::wire {
namespace {

namespace json = boost::json;
using reconcilers::ContainerSpec;

json::array list_of(const std::vector<std::string>& texts) {
    json::array list;
    for (const std::string& text : texts) list.emplace_back(text);
    return list;
}

json::object object_of(const std::map<std::string, std::string>& texts) {
    json::object object;
    for (const auto& [name, text] : texts) object[name] = text;
    return object;
}

std::int64_t nanoseconds(std::chrono::seconds seconds) {
    return std::chrono::nanoseconds(seconds).count();
}

json::object health_of(const reconcilers::HealthCheck& health) {
    // 0 would mean the image's own value; a millisecond is the Engine's least and reads back as 0
    // s.
    const std::int64_t start_period =
        health.start_period.count() == 0
            ? std::chrono::nanoseconds(std::chrono::milliseconds(1)).count()
            : nanoseconds(health.start_period);
    return {{"Test", list_of(health.test)},
            {"Interval", nanoseconds(health.interval)},
            {"Timeout", nanoseconds(health.timeout)},
            {"StartPeriod", start_period},
            {"Retries", health.retries}};
}

/// Who only reads gives an empty volume nothing: else the Engine copies what the image has there,
/// and its owner. A backup of media before the first upload would take the folder from Mastodon.
json::array mounts_of(const ContainerSpec& spec) {
    json::array mounts;
    for (const reconcilers::Mount& mount : spec.mounts) {
        mounts.push_back(
            json::object{{"Type", "volume"},
                         {"Source", mount.volume},
                         {"Target", mount.target},
                         {"ReadOnly", mount.read_only},
                         {"VolumeOptions", json::object{{"NoCopy", mount.read_only}}}});
    }
    return mounts;
}

/// Where a backup's repository is. The Engine makes the folder if it has to, as for `docker run
/// -v`.
json::array binds_of(const ContainerSpec& spec) {
    return {json::string(spec.repository + ":/repository")};
}

std::string port_key(const reconcilers::Port& port) {
    return std::to_string(port.container) + (port.udp ? "/udp" : "/tcp");
}

json::object bindings_of(const ContainerSpec& spec) {
    json::object bindings;
    for (const reconcilers::Port& port : spec.ports) {
        json::value& list = bindings[port_key(port)];
        if (!list.is_array()) list.emplace_array();
        list.get_array().push_back(
            json::object{{"HostIp", port.address}, {"HostPort", std::to_string(port.host)}});
    }
    return bindings;
}

json::array ulimits_of(const ContainerSpec& spec) {
    json::array limits;
    const auto add = [&limits](const char* name, long value) {
        if (value == 0) return;
        limits.push_back(json::object{{"Name", name}, {"Soft", value}, {"Hard", value}});
    };
    add("memlock", spec.memlock);
    add("nofile", spec.open_files);
    return limits;
}

json::object restart_of(const std::string& restart) {
    return {{"Name", restart}};
}

void add_limits(const specs::Limits& limits, json::object& object) {
    // MemorySwap is the sum of both: the same number means no swap.
    object["Memory"] = limits.memory.count;
    object["MemorySwap"] = limits.memory.count;
    object["NanoCpus"] = limits.cpus.nano;
    object["PidsLimit"] = limits.pids == 0 ? -1 : limits.pids;
}

json::object host_of(const ContainerSpec& spec, const std::string& network) {
    json::object host{
        {"NetworkMode", network},
        {"Mounts", mounts_of(spec)},
        {"PortBindings", bindings_of(spec)},
        {"RestartPolicy", restart_of(spec.restart)},
        {"CapDrop", json::array{"ALL"}},
        {"CapAdd", list_of(spec.capabilities)},
        {"SecurityOpt", json::array{}},
        {"Init", spec.init},
        {"Ulimits", ulimits_of(spec)},
        // Debug output of a busy Sidekiq must not fill the disk.
        {"LogConfig",
         json::object{{"Type", "json-file"},
                      {"Config", json::object{{"max-size", "10m"}, {"max-file", "3"}}}}}};
    if (!spec.repository.empty()) host["Binds"] = binds_of(spec);
    if (spec.no_new_privileges) host["SecurityOpt"] = json::array{"no-new-privileges:true"};
    if (spec.shared_memory.count > 0) host["ShmSize"] = spec.shared_memory.count;
    add_limits(spec.limits, host);
    if (spec.asks_nobody) host["Dns"] = json::array{wire::nobody};
    if (spec.cpu_weight != 0) host["CpuShares"] = spec.cpu_weight;
    return host;
}

json::object config_of(const ContainerSpec& spec, const std::string& image) {
    json::object config{{"Image", image},
                        {"Labels", object_of(spec.labels)},
                        {"StopTimeout", spec.stop_grace.count()}};
    if (spec.entrypoint) config["Entrypoint"] = list_of(*spec.entrypoint);
    if (spec.command) config["Cmd"] = list_of(*spec.command);
    if (!spec.user.empty()) config["User"] = spec.user;
    if (!spec.hostname.empty()) config["Hostname"] = spec.hostname;
    if (!spec.stop_signal.empty()) config["StopSignal"] = spec.stop_signal;
    if (spec.health) config["Healthcheck"] = health_of(*spec.health);
    json::array environment;
    for (const auto& [name, entry] : spec.environment) {
        environment.push_back(json::string(name + "=" + entry.value.reveal()));
    }
    config["Env"] = std::move(environment);
    json::object exposed;
    for (const reconcilers::Port& port : spec.ports) exposed[port_key(port)] = json::object();
    config["ExposedPorts"] = std::move(exposed);
    return config;
}

}  // namespace

Result<std::string> write_container(const reconcilers::CreateContainer& create) {
    const ContainerSpec& spec = create.spec;
    std::string network = "none";
    json::object endpoints;
    if (!spec.networks.empty()) {
        const auto& [name, aliases] = *spec.networks.begin();
        const auto found = create.network_ids.find(name);
        if (found == create.network_ids.end() || found->second.empty()) {
            return fail(ErrorKind::invalid, "network " + name + " has no id");
        }
        network = found->second;
        endpoints[network] = json::object{{"Aliases", list_of(aliases)}};
    }
    json::object body = config_of(spec, create.image);
    body["HostConfig"] = host_of(spec, network);
    body["NetworkingConfig"] = json::object{{"EndpointsConfig", std::move(endpoints)}};
    return json::serialize(body);
}

std::string write_network(const reconcilers::CreateNetwork& network) {
    return json::serialize(json::object{{"Name", network.name},
                                        {"CheckDuplicate", true},
                                        {"Driver", "bridge"},
                                        {"Internal", network.internal},
                                        {"Labels", object_of(network.labels)}});
}

std::string write_volume(const reconcilers::CreateVolume& volume) {
    return json::serialize(json::object{
        {"Name", volume.name}, {"Driver", "local"}, {"Labels", object_of(volume.labels)}});
}

std::string write_limits(const reconcilers::UpdateLimits& update) {
    json::object body;
    add_limits(update.limits, body);
    if (!update.restart.empty()) body["RestartPolicy"] = restart_of(update.restart);
    return json::serialize(body);
}

std::string write_connect(const reconcilers::ConnectNetwork& connect) {
    return json::serialize(
        json::object{{"Container", connect.id},
                     {"EndpointConfig", json::object{{"Aliases", list_of(connect.aliases)}}}});
}

std::string write_disconnect(const reconcilers::DisconnectNetwork& disconnect) {
    return json::serialize(json::object{{"Container", disconnect.id}, {"Force", false}});
}

std::string write_exec(const std::vector<std::string>& command) {
    return json::serialize(
        json::object{{"AttachStdout", true}, {"AttachStderr", true}, {"Cmd", list_of(command)}});
}

std::string write_filter(const std::map<std::string, std::vector<std::string>>& filters) {
    json::object object;
    for (const auto& [name, values] : filters) object[name] = list_of(values);
    return json::serialize(object);
}

}  // namespace matriarch::controller::wire
