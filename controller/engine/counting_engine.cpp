// CountingEngine: one line a method. A new method of Engine does not compile until it is counted.
#include "controller/engine/counting_engine.hpp"

namespace matriarch::controller {

CallCounts CountingEngine::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void CountingEngine::reset() {
    const std::lock_guard lock(mutex_);
    counts_ = {};
}

void CountingEngine::note_read(const char* method) {
    const std::lock_guard lock(mutex_);
    ++counts_.by_method[method];
    ++counts_.total;
}

void CountingEngine::note_change(const char* method) {
    note_read(method);
    const std::lock_guard lock(mutex_);
    ++counts_.mutating;
}

Result<EngineFacts> CountingEngine::facts(const Call& call) {
    note_read("facts");
    return engine_.facts(call);
}

Result<std::vector<ContainerSummary>> CountingEngine::list_containers(const std::string& label,
                                                                      const Call& call) {
    note_read("list_containers");
    return engine_.list_containers(label, call);
}

Result<std::optional<reconcilers::ObservedContainer>> CountingEngine::inspect_container(
    const std::string& id_or_name, const Call& call) {
    note_read("inspect_container");
    return engine_.inspect_container(id_or_name, call);
}

Result<std::optional<reconcilers::ObservedNetwork>> CountingEngine::inspect_network(
    const std::string& id_or_name, const Call& call) {
    note_read("inspect_network");
    return engine_.inspect_network(id_or_name, call);
}

Result<std::vector<std::string>> CountingEngine::list_networks(const std::string& name,
                                                               const Call& call) {
    note_read("list_networks");
    return engine_.list_networks(name, call);
}

Result<std::optional<reconcilers::ObservedVolume>> CountingEngine::inspect_volume(
    const std::string& name, const Call& call) {
    note_read("inspect_volume");
    return engine_.inspect_volume(name, call);
}

Result<std::vector<reconcilers::ObservedVolume>> CountingEngine::list_volumes(
    const std::string& label, const Call& call) {
    note_read("list_volumes");
    return engine_.list_volumes(label, call);
}

Result<std::optional<reconcilers::ImageFacts>> CountingEngine::inspect_image(
    const std::string& reference, const Call& call) {
    note_read("inspect_image");
    return engine_.inspect_image(reference, call);
}

Result<void> CountingEngine::pull_image(const specs::ImageRef& image,
                                        const std::function<void(const std::string&)>& progress,
                                        const Call& call) {
    note_change("pull_image");
    return engine_.pull_image(image, progress, call);
}

Result<void> CountingEngine::remove_image(const std::string& id, const Call& call) {
    note_change("remove_image");
    return engine_.remove_image(id, call);
}

Result<std::string> CountingEngine::create_network(const reconcilers::CreateNetwork& network,
                                                   const Call& call) {
    note_change("create_network");
    return engine_.create_network(network, call);
}

Result<void> CountingEngine::remove_network(const std::string& id, const Call& call) {
    note_change("remove_network");
    return engine_.remove_network(id, call);
}

Result<void> CountingEngine::create_volume(const reconcilers::CreateVolume& volume,
                                           const Call& call) {
    note_change("create_volume");
    return engine_.create_volume(volume, call);
}

Result<std::string> CountingEngine::create_container(const reconcilers::CreateContainer& container,
                                                     const Call& call) {
    note_change("create_container");
    return engine_.create_container(container, call);
}

Result<void> CountingEngine::start_container(const std::string& id, const Call& call) {
    note_change("start_container");
    return engine_.start_container(id, call);
}

Result<void> CountingEngine::unpause_container(const std::string& id, const Call& call) {
    note_change("unpause_container");
    return engine_.unpause_container(id, call);
}

Result<void> CountingEngine::signal_container(const std::string& id, const std::string& signal,
                                              const Call& call) {
    note_change("signal_container");
    return engine_.signal_container(id, signal, call);
}

Result<void> CountingEngine::remove_container(const std::string& id, const Call& call) {
    note_change("remove_container");
    return engine_.remove_container(id, call);
}

Result<void> CountingEngine::update_limits(const reconcilers::UpdateLimits& update,
                                           const Call& call) {
    note_change("update_limits");
    return engine_.update_limits(update, call);
}

Result<void> CountingEngine::connect_network(const reconcilers::ConnectNetwork& connect,
                                             const Call& call) {
    note_change("connect_network");
    return engine_.connect_network(connect, call);
}

Result<void> CountingEngine::disconnect_network(const reconcilers::DisconnectNetwork& disconnect,
                                                const Call& call) {
    note_change("disconnect_network");
    return engine_.disconnect_network(disconnect, call);
}

Result<Output> CountingEngine::execute(const std::string& id,
                                       const std::vector<std::string>& command, const Call& call) {
    note_read("execute");
    return engine_.execute(id, command, call);
}

Result<Output> CountingEngine::logs(const std::string& id, int last_lines, const Call& call) {
    note_read("logs");
    return engine_.logs(id, last_lines, call);
}

Result<void> CountingEngine::follow_logs(
    const std::string& id, int last_lines,
    const std::function<void(bool is_error, std::string_view)>& piece, const Call& call) {
    note_read("follow_logs");
    return engine_.follow_logs(id, last_lines, piece, call);
}

Result<void> CountingEngine::watch_events(const std::function<void(const Event&)>& each,
                                          const Call& call) {
    note_read("watch_events");
    return engine_.watch_events(each, call);
}

}  // namespace matriarch::controller
