// The life of a container as the Engine sees it: made, started, signalled, changed, removed.
#include <algorithm>

#include "tests/model/perform.hpp"

namespace matriarch::model {

using reconcilers::RunState;
using Next = SimulatedContainer::Next;

namespace {

/// What Sidekiq has in hand when it is quieted.
constexpr milliseconds job_time{400};

/// As the Engine fills in what the request leaves to the image.
void fill_in(reconcilers::ObservedContainer& seen, const reconcilers::ImageFacts& image) {
    reconcilers::ContainerSpec& spec = seen.spec;
    if (!spec.command && !spec.entrypoint) spec.command = image.command;
    if (!spec.entrypoint) spec.entrypoint = image.entrypoint;
    if (spec.user.empty()) spec.user = image.user;
    if (spec.working_folder.empty()) spec.working_folder = image.working_folder;
    if (spec.stop_signal.empty()) spec.stop_signal = image.stop_signal;
    if (!spec.health) spec.health = image.health;
    for (const auto& [name, value] : image.environment) {
        spec.environment.add(name, reconcilers::hidden(Secret(value)));
    }
    for (const auto& [name, value] : image.labels) spec.labels.try_emplace(name, value);
    for (const std::string& target : image.volumes) {
        const bool is_mounted =
            std::any_of(spec.mounts.begin(), spec.mounts.end(),
                        [&](const auto& mount) { return mount.target == target; });
        if (!is_mounted) spec.mounts.push_back({.volume = "anonymous", .target = target});
    }
    std::sort(spec.mounts.begin(), spec.mounts.end());
}

}  // namespace

CallMade SimulatedEngine::on_container(const char* verb, bool is_write, const std::string& id) {
    const SimulatedContainer* one = host_.by_id(id);
    if (one == nullptr) one = std::as_const(host_).by_name(id);
    return {.verb = verb,
            .is_write = is_write,
            .object = one == nullptr ? id : one->seen.id,
            .role = one == nullptr ? "absent" : role_of(*one)};
}

Result<SimulatedContainer*> SimulatedEngine::known(const std::string& id) {
    SimulatedContainer* one = host_.by_id(id);
    if (one == nullptr) return fail(ErrorKind::conflict, "no such container: " + id);
    return one;
}

Result<void> SimulatedEngine::has_room() const {
    if (!host_.is_disk_full()) return {};
    return fail(ErrorKind::unavailable, "no space left on device");
}

/// What does not run joins any network: whether it is there shows at its start. One that is not is
/// called by its id.
void SimulatedEngine::join(SimulatedContainer& one, const std::string& network,
                           const std::vector<std::string>& aliases) {
    const auto found = host_.networks.find(network);
    const std::string& name = found == host_.networks.end() ? network : found->second.name;
    one.seen.network_ids[name] = network;
    one.seen.spec.networks[name] = aliases;
}

Result<std::string> SimulatedEngine::create(const reconcilers::CreateContainer& container,
                                            bool is_half) {
    if (std::as_const(host_).by_name(container.spec.name) != nullptr) {
        return fail(ErrorKind::conflict, container.spec.name + " is in use");
    }
    const auto image =
        std::find_if(host_.images.begin(), host_.images.end(), [&](const auto& entry) {
            const auto& facts = entry.second.facts;
            return container.image == facts.id || entry.first == container.image ||
                   std::any_of(
                       facts.repository_digests.begin(), facts.repository_digests.end(),
                       [&](const std::string& digest) {
                           return container.image.ends_with(digest.substr(digest.find('@')));
                       });
        });
    if (image == host_.images.end()) return fail(ErrorKind::conflict, "no such image");
    TRY(has_room());
    const std::string id = host_.new_id("container");
    SimulatedContainer one;
    one.seen.id = id;
    one.seen.name = container.spec.name;
    one.seen.spec = container.spec;
    one.seen.image_id = image->second.facts.id;
    one.seen.image_reference = container.image;
    one.seen.created_at = host_.now;
    one.has_no_network = container.network_ids.empty();
    one.seen.network_ids.clear();
    one.seen.spec.networks.clear();
    for (const auto& [name, network] : container.network_ids) {
        // The first network is given at the creation, the others are connected one by one.
        if (is_half && !one.seen.network_ids.empty()) break;
        join(one, network, container.spec.networks.at(name));
    }
    fill_in(one.seen, image->second.facts);
    for (const reconcilers::Mount& mount : one.seen.spec.mounts) {
        if (mount.volume != "anonymous") host_.make_volume(mount.volume, {});
    }
    host_.containers.emplace(id, std::move(one));
    return id;
}

Result<std::string> SimulatedEngine::create_container(const reconcilers::CreateContainer& container,
                                                      const Call& call) {
    const auto role = container.spec.role;
    CallMade made{.verb = "create", .is_write = true, .object = container.spec.name, .role = role};
    made.created = &container;
    return write(std::move(made), call,
                 [this, container](bool is_half) { return create(container, is_half); });
}

Result<void> SimulatedEngine::start(const std::string& id) {
    SimulatedContainer* one = TRY(known(id));
    if (one->seen.is_running()) return {};
    if (one->seen.state == RunState::paused) return fail(ErrorKind::conflict, "it is paused");
    for (const auto& [name, network] : one->seen.network_ids) {
        if (!host_.networks.contains(network)) {
            one->seen.exit_code = 128;
            return fail(ErrorKind::conflict, "network " + name + " not found");
        }
    }
    TRY(has_room());
    host_.begin(*one);
    return {};
}

Result<void> SimulatedEngine::start_container(const std::string& id, const Call& call) {
    return write(on_container("start", true, id), call, [this, id](bool) { return start(id); });
}

Result<void> SimulatedEngine::unpause_container(const std::string& id, const Call& call) {
    return write(on_container("unpause", true, id), call, [this, id](bool) -> Result<void> {
        SimulatedContainer* one = TRY(known(id));
        if (one->seen.state != RunState::paused) return fail(ErrorKind::conflict, "not paused");
        one->seen.state = RunState::running;
        return {};
    });
}

/// Also without a restart: what is killed by a call stays down until the Engine's next start.
Result<void> SimulatedEngine::signal(const std::string& id, const std::string& signal) {
    SimulatedContainer* one = TRY(known(id));
    if (!is_alive(*one)) return fail(ErrorKind::conflict, id + " is not running");
    if (signal == reconcilers::quiet_signal) {
        // Kept from being restarted by the call, as by any signal of `docker kill`.
        one->is_held_down = true;
        if (!one->is_quiet) one->busy_until = host_.now + job_time;
        one->is_quiet = true;
        return {};
    }
    const bool is_kill = signal == "SIGKILL";
    one->is_held_down = true;
    if (one->seen.state == RunState::paused) one->seen.state = RunState::running;
    if (one->seen.state == RunState::restarting || is_kill) {
        host_.end(*one, is_kill ? 137 : 143);
        return {};
    }
    one->next = Next::dies;
    one->next_at = host_.now + host_.stops_within;
    one->next_code = one->seen.spec.labels.contains("social.matriarch.subject") ? 143 : 0;
    return {};
}

Result<void> SimulatedEngine::signal_container(const std::string& id, const std::string& name,
                                               const Call& call) {
    CallMade made = on_container("signal", true, id);
    made.signal = &name;
    return write(std::move(made), call, [this, id, name](bool) { return signal(id, name); });
}

Result<void> SimulatedEngine::remove_container(const std::string& id, const Call& call) {
    return write(on_container("remove", true, id), call, [this, id](bool) -> Result<void> {
        SimulatedContainer* one = TRY(known(id));
        if (is_alive(*one)) return fail(ErrorKind::conflict, "it runs");
        host_.containers.erase(id);
        return {};
    });
}

Result<void> SimulatedEngine::update_limits(const reconcilers::UpdateLimits& update,
                                            const Call& call) {
    return write(on_container("update", true, update.id), call,
                 [this, update](bool) -> Result<void> {
                     SimulatedContainer* one = TRY(known(update.id));
                     TRY(has_room());
                     specs::Limits& limits = one->seen.spec.limits;
                     if (update.limits.memory.count != 0) limits.memory = update.limits.memory;
                     if (update.limits.cpus.nano != 0) limits.cpus = update.limits.cpus;
                     limits.pids = update.limits.pids;
                     one->seen.spec.memory_and_swap.reset();
                     one->seen.spec.restart = update.restart;
                     return {};
                 });
}

Result<void> SimulatedEngine::connect_network(const reconcilers::ConnectNetwork& connect,
                                              const Call& call) {
    return write(on_container("connect", true, connect.id), call,
                 [this, connect](bool) -> Result<void> {
                     SimulatedContainer* one = TRY(known(connect.id));
                     const auto network = host_.networks.find(connect.network_id);
                     const bool is_there = network != host_.networks.end();
                     if (!is_there && is_alive(*one)) {
                         return fail(ErrorKind::conflict, "no such network");
                     }
                     if (is_there && one->has_no_network) {
                         return fail(ErrorKind::invalid, "its network mode is none");
                     }
                     if (is_there && one->seen.network_ids.contains(network->second.name)) {
                         return fail(ErrorKind::conflict, "it is connected");
                     }
                     join(*one, connect.network_id, connect.aliases);
                     return {};
                 });
}

Result<void> SimulatedEngine::disconnect_network(const reconcilers::DisconnectNetwork& disconnect,
                                                 const Call& call) {
    return write(on_container("disconnect", true, disconnect.id), call,
                 [this, disconnect](bool) -> Result<void> {
                     SimulatedContainer* one = TRY(known(disconnect.id));
                     auto& joined = one->seen.network_ids;
                     const auto found = std::find_if(
                         joined.begin(), joined.end(),
                         [&](const auto& entry) { return entry.second == disconnect.network_id; });
                     if (found == joined.end()) {
                         return fail(ErrorKind::conflict, "it is not connected");
                     }
                     one->seen.spec.networks.erase(found->first);
                     joined.erase(found);
                     return {};
                 });
}

}  // namespace matriarch::model
