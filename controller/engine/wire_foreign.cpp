// Wire, what somebody else gave a container: every field of the Engine's schema (v1.41, HostConfig
// and ContainerConfig) that ours never set, where it is not as the Engine has it by itself. Fields
// of later versions are left alone: what their own values are is not known here.
#include <algorithm>

#include "controller/engine/wire_fields.hpp"

namespace matriarch::controller::wire {
namespace {

// Lists of HostConfig that ours never have, and what an entry of each is called.
constexpr std::pair<const char*, const char*> foreign_lists[] = {
    {"DeviceCgroupRules", "device-cgroup-rule "},
    {"VolumesFrom", "volumes-from "},
    {"Links", "link "},
    {"ExtraHosts", "extra-host "},
    {"GroupAdd", "group-add "},
    {"DnsOptions", "dns-option "},
    {"DnsSearch", "dns-search "},
};

// Limits that nobody set are 0, empty or absent; -1 is what the Engine says for "not set" itself.
constexpr std::pair<const char*, const char*> foreign_numbers[] = {
    {"CpuPeriod", "cpu-period "},
    {"CpuQuota", "cpu-quota "},
    {"CpuRealtimePeriod", "cpu-rt-period "},
    {"CpuRealtimeRuntime", "cpu-rt-runtime "},
    {"CpuCount", "cpu-count "},
    {"CpuPercent", "cpu-percent "},
    {"IOMaximumIOps", "io-maxiops "},
    {"IOMaximumBandwidth", "io-maxbandwidth "},
    {"BlkioWeight", "blkio-weight "},
    {"MemoryReservation", "memory-reservation "},
    {"KernelMemory", "kernel-memory "},
    {"KernelMemoryTCP", "kernel-memory-tcp "},
    {"OomScoreAdj", "oom-score-adj "},
};

constexpr std::pair<const char*, const char*> foreign_texts[] = {
    {"CpusetCpus", "cpuset-cpus "},     {"CpusetMems", "cpuset-mems "},
    {"CgroupParent", "cgroup-parent "}, {"Cgroup", "cgroup "},
    {"VolumeDriver", "volume-driver "},
};

constexpr std::pair<const char*, const char*> foreign_devices[] = {
    {"BlkioWeightDevice", "blkio-weight-device "},  {"BlkioDeviceReadBps", "device-read-bps "},
    {"BlkioDeviceWriteBps", "device-write-bps "},   {"BlkioDeviceReadIOps", "device-read-iops "},
    {"BlkioDeviceWriteIOps", "device-write-iops "},
};

void read_limits_of_others(const Fields& host, std::vector<std::string>& foreign) {
    for (const auto& [key, word] : foreign_numbers) {
        const std::int64_t number = host.number(key);
        const bool is_set = std::string_view(key) == "OomScoreAdj" ? number != 0 : number > 0;
        if (is_set) foreign.push_back(word + std::to_string(number));
    }
    for (const auto& [key, word] : foreign_texts) {
        const std::string text = host.text(key);
        if (!text.empty()) foreign.push_back(word + text);
    }
    for (const auto& [key, word] : foreign_devices) {
        for (const Fields& device : host.objects(key))
            foreign.push_back(word + device.text("Path"));
    }
    for (const auto& [name, value] : host.text_map("StorageOpt")) {
        foreign.push_back("storage-opt " + name + "=" + value);
    }
    const std::int64_t swappiness =
        host.has("MemorySwappiness") ? host.number("MemorySwappiness") : -1;
    if (swappiness >= 0) foreign.push_back("memory-swappiness " + std::to_string(swappiness));
    const std::string isolation = host.text("Isolation");
    if (!isolation.empty() && isolation != "default") foreign.push_back("isolation " + isolation);
    const Fields log = host.object("LogConfig");
    const auto options = log.text_map("Config");
    const std::map<std::string, std::string> ours{{"max-file", "3"}, {"max-size", "10m"}};
    if (log.text("Type") != "json-file") {
        foreign.push_back("log-driver " + log.text("Type"));
    } else if (options != ours) {
        foreign.emplace_back("log-opt: not those that bound the size");
    }
}

void read_program(const Fields& config, std::vector<std::string>& foreign) {
    if (config.flag("Tty")) foreign.emplace_back("terminal");
    if (config.flag("OpenStdin")) foreign.emplace_back("interactive");
    if (config.flag("NetworkDisabled")) foreign.emplace_back("network disabled");
    const std::string domain = config.text("Domainname");
    if (!domain.empty()) foreign.push_back("domainname " + domain);
    const std::string address = config.text("MacAddress");
    if (!address.empty()) foreign.push_back("mac-address " + address);
}

/// Parts of /proc and /sys that the Engine hides from every container.
void read_holes(const Fields& host, std::vector<std::string>& foreign) {
    const auto lacks = [&](const char* key, const char* path) {
        const auto paths = host.texts(key);
        return host.has(key) && std::find(paths.begin(), paths.end(), path) == paths.end();
    };
    if (lacks("MaskedPaths", "/proc/kcore") || lacks("ReadonlyPaths", "/proc/sys")) {
        foreign.emplace_back("system paths unconfined");
    }
}

}  // namespace

void read_foreign(const Fields& config, const Fields& host, std::vector<std::string>& foreign) {
    read_limits_of_others(host, foreign);
    read_program(config, foreign);
    read_holes(host, foreign);
    if (host.flag("Privileged")) foreign.emplace_back("privileged");
    if (host.flag("PublishAllPorts")) foreign.emplace_back("publish-all");
    if (host.flag("AutoRemove")) foreign.emplace_back("auto-remove");
    if (host.flag("OomKillDisable")) foreign.emplace_back("oom-kill-disable");
    if (host.flag("ReadonlyRootfs")) foreign.emplace_back("read-only root");

    const auto name_space = [&](const char* key, const char* word) {
        const std::string mode = host.text(key);
        const bool is_own = mode.empty() || mode == "private" || mode == "shareable" ||
                            (std::string_view(key) == "NetworkMode" && mode != "host" &&
                             !mode.starts_with("container:"));
        if (!is_own) foreign.push_back(word + mode);
    };
    name_space("PidMode", "pid ");
    name_space("IpcMode", "ipc ");
    name_space("UTSMode", "uts ");
    name_space("UsernsMode", "userns ");
    name_space("NetworkMode", "network ");

    for (const auto& [key, word] : foreign_lists) {
        for (const std::string& entry : host.texts(key)) foreign.push_back(word + entry);
    }
    for (const auto& [name, value] : host.text_map("Sysctls")) {
        foreign.push_back("sysctl " + name + "=" + value);
    }
    for (const auto& [target, options] : host.text_map("Tmpfs"))
        foreign.push_back("tmpfs " + target);
    for (const Fields& device : host.objects("Devices")) {
        foreign.push_back("device " + device.text("PathOnHost"));
    }
    for (const Fields& request : host.objects("DeviceRequests")) {
        foreign.push_back("device-request " + request.text("Driver"));
    }
    const std::string runtime = host.text("Runtime");
    if (!runtime.empty() && runtime != "runc" && runtime != "io.containerd.runc.v2") {
        foreign.push_back("runtime " + runtime);
    }
}

}  // namespace matriarch::controller::wire
