// Faults around calls; what reads, and what is neither a container's life nor its making.
#include "tests/model/simulated_engine.hpp"

#include <algorithm>

#include "reconcilers/archive.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "tests/model/acts.hpp"
#include "tests/model/perform.hpp"

namespace matriarch::model {

using reconcilers::ObservedContainer;
using reconcilers::ObservedNetwork;
using reconcilers::ObservedVolume;

namespace {

/// How many changes an old list is behind.
constexpr std::size_t views_kept = 3;

}  // namespace

void SimulatedEngine::plan(Schedule schedule, std::string instance) {
    instance_ = std::move(instance);
    const bool is_naming =
        is_naming_wanted_ || std::any_of(schedule.begin(), schedule.end(),
                                         [](const Fault& fault) { return !fault.place.empty(); });
    course_ = {.schedule = std::move(schedule), .is_naming = is_naming, .views = {view()}};
}

void SimulatedEngine::go_on_from(const Course& course, const Schedule& more) {
    course_ = course;
    course_.schedule.insert(course_.schedule.end(), more.begin(), more.end());
}

std::optional<Fault> SimulatedEngine::begin(CallMade& made) {
    made.number = course_.calls++;
    const std::size_t write = made.is_write ? course_.writes++ : 0;
    if (course_.is_naming) {
        course_.places.next(made.verb, made.is_write, name_of(made));
        made.place = course_.places.place();
    }
    std::optional<Fault> fault;
    std::erase_if(course_.schedule, [&](const Fault& one) {
        bool is_due = one.counts_writes ? made.is_write && one.at == write : one.at == made.number;
        if (!one.place.empty()) is_due = course_.places.is_at(one.place);
        if (!is_due) return false;
        made.victim = course_.is_naming && one.victim.empty()
                          ? victim_of(host_, one.kind, one.target, instance_)
                          : one.victim;
        if (is_call_fault(one.kind)) {
            if (!fault) fault = one;
        } else if (act(host_, one, instance_)) {
            keep_view();
            ++course_.surprises;
            if (struck) struck(one, made);
            if (after) after();
        }
        return true;
    });
    if (before) before(made);
    return fault;
}

std::string SimulatedEngine::name_of(const CallMade& made) const {
    const auto container = host_.containers.find(made.object);
    const auto network = host_.networks.find(made.object);
    if (container != host_.containers.end()) {
        return short_name(container->second.seen.name, instance_);
    }
    return short_name(network == host_.networks.end() ? made.object : network->second.name,
                      instance_);
}

void SimulatedEngine::end() {
    if (after) after();
}

void SimulatedEngine::arrive() {
    for (std::size_t i = 0; i < course_.late.size();) {
        if (course_.late[i].first > host_.now) {
            ++i;
            continue;
        }
        const auto effect = std::move(course_.late[i].second);
        course_.late.erase(course_.late.begin() + static_cast<std::ptrdiff_t>(i));
        effect();
        ++course_.surprises;
        keep_view();
    }
}

std::optional<Time> SimulatedEngine::last_arrival() const {
    std::optional<Time> last;
    for (const auto& [at, effect] : course_.late) last = std::max(last.value_or(at), at);
    return last;
}

void SimulatedEngine::keep_view() {
    course_.views.push_back(view());
    if (course_.views.size() > views_kept) course_.views.pop_front();
}

SimulatedEngine::List SimulatedEngine::view() const {
    List list;
    for (const auto& [id, one] : host_.containers) {
        list.push_back({.id = id,
                        .name = one.seen.name,
                        .labels = one.seen.spec.labels,
                        .state = reconcilers::to_text(one.seen.state),
                        .image_id = one.seen.image_id});
    }
    return list;
}

/// States from before; what was made since is there, and what was removed since still is.
SimulatedEngine::List SimulatedEngine::stale_view() const {
    List list = course_.views.empty() ? List{} : course_.views.front();
    for (ContainerSummary& now : view()) {
        const auto is_it = [&](const auto& one) { return one.id == now.id; };
        if (std::none_of(list.begin(), list.end(), is_it)) list.push_back(std::move(now));
    }
    return list;
}

Result<EngineFacts> SimulatedEngine::facts(const Call& call) {
    return read({.verb = "facts", .role = "engine"}, call, []() -> Result<EngineFacts> {
        return EngineFacts{.id = "simulated",
                           .version = "20.10",
                           .api = "1.41",
                           .data_root = "/var/lib/docker",
                           .operating_system = "simulated",
                           .memory = mib(64 * 1024),
                           .cpus = 2};
    });
}

Result<std::vector<ContainerSummary>> SimulatedEngine::list_containers(const std::string& label,
                                                                       const Call& call) {
    arrive();
    // A pass begins with the list of ours; who else is there is asked in the middle of one.
    CallMade made{
        .verb = label.empty() ? "survey" : "list", .object = "containers", .role = "containers"};
    const auto matches = [&](const ContainerSummary& one) {
        const auto equals = label.find('=');
        const auto found = one.labels.find(label.substr(0, equals));
        if (label.empty()) return true;
        if (found == one.labels.end()) return false;
        return equals == std::string::npos || found->second == label.substr(equals + 1);
    };
    return read(std::move(made), call, [&]() -> Result<List> {
        List list = is_stale_ ? stale_view() : view();
        std::erase_if(list, [&](const auto& one) { return !matches(one); });
        return list;
    });
}

Result<std::optional<ObservedContainer>> SimulatedEngine::inspect_container(
    const std::string& id_or_name, const Call& call) {
    arrive();
    const auto find = [&]() -> const SimulatedContainer* {
        const SimulatedContainer* one = host_.by_id(id_or_name);
        return one != nullptr ? one : std::as_const(host_).by_name(id_or_name);
    };
    CallMade made = on_container("inspect", false, id_or_name);
    return read(std::move(made), call, [&]() -> Result<std::optional<ObservedContainer>> {
        const SimulatedContainer* one = find();
        if (one == nullptr) return std::nullopt;
        return host_.inspect(*one);
    });
}

bool SimulatedEngine::is_network_used(const std::string& id) const {
    return std::any_of(host_.containers.begin(), host_.containers.end(), [&](const auto& entry) {
        const ObservedContainer& one = entry.second.seen;
        return one.is_running() &&
               std::any_of(one.network_ids.begin(), one.network_ids.end(),
                           [&](const auto& joined) { return joined.second == id; });
    });
}

std::vector<std::string> SimulatedEngine::networks_called(const std::string& id_or_name) const {
    std::vector<std::string> ids;
    for (const auto& [id, network] : host_.networks) {
        if (id == id_or_name || network.name == id_or_name) ids.push_back(id);
    }
    return ids;
}

Result<std::optional<ObservedNetwork>> SimulatedEngine::inspect_network(
    const std::string& id_or_name, const Call& call) {
    return read({.verb = "inspect", .object = id_or_name, .role = "network"}, call,
                [&]() -> Result<std::optional<ObservedNetwork>> {
                    const auto ids = networks_called(id_or_name);
                    if (ids.empty()) return std::nullopt;
                    if (ids.size() > 1) return fail(ErrorKind::conflict, "2 matches: ambiguous");
                    ObservedNetwork found = host_.networks.at(ids.front());
                    found.is_used = is_network_used(found.id);
                    return found;
                });
}

Result<std::vector<std::string>> SimulatedEngine::list_networks(const std::string& name,
                                                                const Call& call) {
    return read({.verb = "find", .object = name, .role = "network"}, call,
                [&]() -> Result<std::vector<std::string>> { return networks_called(name); });
}

Result<std::optional<ObservedVolume>> SimulatedEngine::inspect_volume(const std::string& name,
                                                                      const Call& call) {
    return read({.verb = "inspect", .object = name, .role = "volume"}, call,
                [&]() -> Result<std::optional<ObservedVolume>> {
                    const auto found = host_.volumes.find(name);
                    if (found == host_.volumes.end()) return std::nullopt;
                    return found->second.seen;
                });
}

Result<std::vector<ObservedVolume>> SimulatedEngine::list_volumes(const std::string& label,
                                                                  const Call& call) {
    arrive();
    return read({.verb = "find", .object = label, .role = "volume"}, call,
                [&]() -> Result<std::vector<ObservedVolume>> {
                    std::vector<ObservedVolume> found;
                    const auto equals = label.find('=');
                    for (const auto& [name, volume] : host_.volumes) {
                        const auto value = volume.seen.labels.find(label.substr(0, equals));
                        if (value == volume.seen.labels.end()) continue;
                        const bool is_it = equals == std::string::npos ||
                                           value->second == label.substr(equals + 1);
                        if (is_it) found.push_back(volume.seen);
                    }
                    return found;
                });
}

Result<std::optional<reconcilers::ImageFacts>> SimulatedEngine::inspect_image(
    const std::string& reference, const Call& call) {
    return read({.verb = "inspect", .object = reference, .role = "image"}, call,
                [&]() -> Result<std::optional<reconcilers::ImageFacts>> {
                    for (const auto& [text, image] : host_.images) {
                        if (text == reference || image.facts.id == reference) return image.facts;
                    }
                    return std::nullopt;
                });
}

Result<void> SimulatedEngine::pull_image(const specs::ImageRef& image,
                                         const std::function<void(const std::string&)>& progress,
                                         const Call& call) {
    CallMade made{
        .verb = "pull", .is_write = true, .object = specs::to_text(image), .role = "image"};
    return write(std::move(made), call, [this, image, progress](bool is_half) -> Result<void> {
        if (progress) progress("Downloading");
        if (host_.now < host_.registry_down_until) {
            return fail(ErrorKind::unavailable, "the registry does not answer");
        }
        TRY(has_room());
        if (!is_half) host_.images[specs::to_text(image)] = published_image(image);
        return {};
    });
}

Result<void> SimulatedEngine::remove_image(const std::string& id, const Call& call) {
    CallMade made{.verb = "remove", .is_write = true, .object = id, .role = "image"};
    return write(std::move(made), call, [this, id](bool) -> Result<void> {
        for (const auto& [container, one] : host_.containers) {
            if (one.seen.image_id == id) return fail(ErrorKind::conflict, "a container has it");
        }
        const auto gone = std::erase_if(
            host_.images, [&](const auto& image) { return image.second.facts.id == id; });
        if (gone == 0) return fail(ErrorKind::conflict, "no such image");
        return {};
    });
}

Result<std::string> SimulatedEngine::create_network(const reconcilers::CreateNetwork& network,
                                                    const Call& call) {
    CallMade made{.verb = "create", .is_write = true, .object = network.name, .role = "network"};
    // As in the Engine: it looks for the name first, and makes the network a good while later.
    const bool exists = !networks_called(network.name).empty();
    return write(std::move(made), call, [this, network, exists](bool) -> Result<std::string> {
        if (exists) return fail(ErrorKind::conflict, "network " + network.name + " exists");
        const std::string id = host_.new_id("network");
        host_.networks[id] = {
            .id = id, .name = network.name, .internal = network.internal, .labels = network.labels};
        return id;
    });
}

Result<void> SimulatedEngine::remove_network(const std::string& id, const Call& call) {
    CallMade made{.verb = "remove", .is_write = true, .object = id, .role = "network"};
    return write(std::move(made), call, [this, id](bool) -> Result<void> {
        if (is_network_used(id)) return fail(ErrorKind::conflict, "it has active endpoints");
        if (host_.networks.erase(id) == 0) return fail(ErrorKind::conflict, "no such network");
        return {};
    });
}

Result<void> SimulatedEngine::create_volume(const reconcilers::CreateVolume& volume,
                                            const Call& call) {
    CallMade made{.verb = "create", .is_write = true, .object = volume.name, .role = "volume"};
    made.volume = &volume;
    return write(std::move(made), call, [this, volume](bool) -> Result<void> {
        host_.make_volume(volume.name, volume.labels);
        return {};
    });
}

/// The one command that changes something: "sh -c SCRIPT sh CONFIG ROUTE...", in the edge.
Result<Output> SimulatedEngine::configure(const std::string& id,
                                          const std::vector<std::string>& command,
                                          const Call& call) {
    const std::set<std::string> routes{command.begin() + 5, command.end()};
    CallMade made = on_container("configure", true, id);
    made.routes = &routes;
    return write(std::move(made), call, [this, id, command](bool) -> Result<Output> {
        SimulatedContainer* one = TRY(known(id));
        Traffic* traffic = host_.traffic_of(*one);
        if (!one->seen.is_running() || traffic == nullptr) {
            return fail(ErrorKind::conflict, id + " does not run");
        }
        if (host_.is_disk_full()) return Output{.exit_code = 1, .err = "no space"};
        traffic->config = command[4];
        traffic->routes = {command.begin() + 5, command.end()};
        return Output{};
    });
}

Result<Output> SimulatedEngine::execute(const std::string& id,
                                        const std::vector<std::string>& command, const Call& call) {
    arrive();
    const bool configures = command.size() > 4 && command[2].find("routes/") != std::string::npos;
    if (configures) return configure(id, command, call);
    CallMade made = on_container("execute", false, id);
    return read(std::move(made), call, [&]() -> Result<Output> {
        const SimulatedContainer* one = TRY(known(id));
        if (!one->seen.is_running()) return fail(ErrorKind::conflict, id + " does not run");
        if (role_of(*one) == reconcilers::restore_secrets_role) {
            return Output{.out = host_.vault.secrets};
        }
        const SimulatedHost::Answer answer = host_.answer(*one, host_.now);
        // Asked so many times in a row (see controller/loop/health_questions.cpp).
        const int looks = command.size() == 6 ? std::stoi(command.back()) : 1;
        const auto last = host_.now + (looks - 1) * std::chrono::milliseconds(200);
        const bool dies = one->next == SimulatedContainer::Next::dies && one->next_at <= last;
        if (!answer.is_yes || dies) return Output{.exit_code = 1, .err = "not yet"};
        if (command.front() != "psql") return Output{.out = answer.text};
        Output output;
        for (const std::string& version : host_.cluster_of(*one)->applied) {
            output.out += version + "\n";
        }
        return output;
    });
}

Result<Output> SimulatedEngine::logs(const std::string& id, int, const Call& call) {
    arrive();
    CallMade made = on_container("logs", false, id);
    return read(std::move(made), call, [&]() -> Result<Output> {
        const SimulatedContainer* one = TRY(known(id));
        return Output{.out = one->printed,
                      .err = one->seen.exit_code == 0 ? "" : "it went wrong\n"};
    });
}

Result<void> SimulatedEngine::follow_logs(const std::string& id, int last_lines,
                                          const std::function<void(bool, std::string_view)>& piece,
                                          const Call& call) {
    const Output output = TRY(logs(id, last_lines, call));
    piece(false, output.out);
    piece(true, output.err);
    return {};
}

/// Events are hints: a controller that never hears one must reach the same end.
Result<void> SimulatedEngine::watch_events(const std::function<void(const Event&)>&, const Call&) {
    return fail(ErrorKind::unavailable, "the event stream ended");
}

}  // namespace matriarch::model
