// A world that does what it is told, at once and without failing: what previews run on.
//
// Not a test double of the Engine (that one, with its faults, lives in tests/support).
#include <algorithm>

#include "reconcilers/archive.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/preview.hpp"
#include "reconcilers/rehearsal.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/schema.hpp"
#include "specs/specs.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

constexpr const char* simulated_time = "simulated";

ObservedContainer* by_id(World& world, const std::string& id) {
    for (auto& [name, container] : world.containers) {
        if (container.id == id) return &container;
    }
    return nullptr;
}

void create(World& world, const CreateContainer& action) {
    ObservedContainer container{.id = "simulated-" + action.spec.name,
                                .name = action.spec.name,
                                .spec = action.spec,
                                .image_reference = specs::to_text(action.spec.image)};
    const ImageFacts* image = world.image(action.spec.image);
    if (image != nullptr) {
        container.image_id = image->id;
        world.images_by_id[image->id] = *image;
        // As the Engine fills in what the spec leaves to the image.
        if (!container.spec.command && !container.spec.entrypoint) {
            container.spec.command = image->command;
        }
        if (!container.spec.entrypoint) container.spec.entrypoint = image->entrypoint;
        if (container.spec.user.empty()) container.spec.user = image->user;
        if (container.spec.working_folder.empty()) {
            container.spec.working_folder = image->working_folder;
        }
        if (container.spec.stop_signal.empty()) container.spec.stop_signal = image->stop_signal;
    }
    container.network_ids = action.network_ids;
    world.containers[container.name] = std::move(container);
}

void migrate(World& world, const std::string& image_id, bool is_whole = true) {
    const auto files = world.migrations.find(image_id);
    if (files == world.migrations.end()) return;
    for (const auto& [version, name] : files->second.regular) world.schema.applied.insert(version);
    if (!is_whole) return;
    for (const auto& [version, name] : files->second.post_deployment) {
        world.schema.applied.insert(version);
    }
}

/// There is a backup, it can be read, and it needs what its host would have needed.
void bring_back(World& world, const std::string& role, const Wanted& wanted) {
    const std::string& which = wanted.instance.bootstrap.restore;
    if (role == list_role && !which.empty() && !world.repository.is_known) {
        const Snapshot set{.id = which,
                           .kind = database_kind,
                           .slot = world.now,
                           .taken = world.now,
                           .is_complete = true};
        Snapshot media = set;
        media.kind = media_kind;
        world.repository = {.is_known = true,
                            .id = simulated_time,
                            .listed_at = world.now,
                            .snapshots = {set, media}};
    } else if (role == restore_fetch_role || role == recover_role) {
        if (const auto one = to_restore(world)) world.fetched = FetchedSet{.slot = one->slot};
    } else if (role == restore_database_role) {
        world.schema.applied = {"00000000000000"};
    }
}

/// What a job's end changes beside itself.
void finish_job(World& world, ObservedContainer& job, const Wanted& wanted,
                const Forecast& forecast) {
    job.state = RunState::exited;
    job.finished_at = world.now;
    const std::string& role = job.spec.role;
    if (role == "migrations") {
        world.migrations.emplace(job.image_id, forecast(job.spec.image, world));
    } else if (changes_schema(role)) {
        migrate(world, job.image_id, role != "premigrate");
    } else {
        bring_back(world, role, wanted);
    }
}

void pin(World& world, Identity identity) {
    for (auto& [name, volume] : identity.volumes) {
        if (volume.uuid.empty()) volume.uuid = "simulated-" + name;
    }
    world.identity = std::move(identity);
}

/// With a list of migrations goes what it told.
void remove(World& world, const std::string& id) {
    const ObservedContainer* container = by_id(world, id);
    if (container != nullptr && container->spec.role == "migrations") {
        world.migrations.erase(container->image_id);
    }
    std::erase_if(world.containers, [&](const auto& entry) { return entry.second.id == id; });
}

void remove_network(World& world, const RemoveNetwork& action) {
    std::erase_if(world.networks, [&](const auto& one) { return one.second.id == action.id; });
    const auto doubled = world.doubled_networks.find(action.name);
    if (doubled == world.doubled_networks.end()) return;
    std::erase_if(doubled->second, [&](const auto& network) { return network.id == action.id; });
    if (doubled->second.size() != 1) return;
    world.networks[action.name] = doubled->second.front();
    world.doubled_networks.erase(doubled);
}

void disconnect(World& world, const DisconnectNetwork& action) {
    ObservedContainer* container = by_id(world, action.id);
    if (container == nullptr) return;
    container->spec.networks.erase(action.network);
    container->network_ids.erase(action.network);
}

void start(ObservedContainer& container, Time now) {
    container.state = RunState::running;
    container.health = container.spec.health ? Health::starting : Health::none;
    container.started_at = now;
    container.workers.reset();
}

}  // namespace

void simulate(World& world, const Action& action) {
    if (const auto* pull = std::get_if<PullImage>(&action)) {
        const std::string name = specs::to_text(pull->image);
        world.images[name] = {.id = "sha256:" + sha256("simulated " + name)};
    } else if (const auto* spare_image = std::get_if<RemoveImage>(&action)) {
        world.images.erase(spare_image->reference);
        std::erase_if(world.pulled,
                      [&](const PulledImage& one) { return one.id == spare_image->id; });
    } else if (const auto* network = std::get_if<CreateNetwork>(&action)) {
        world.networks[network->name] = {.id = "simulated-" + network->name,
                                         .name = network->name,
                                         .internal = network->internal,
                                         .labels = network->labels};
    } else if (const auto* spare = std::get_if<RemoveNetwork>(&action)) {
        remove_network(world, *spare);
    } else if (const auto* identity = std::get_if<PinIdentity>(&action)) {
        pin(world, identity->identity);
    } else if (const auto* volume = std::get_if<CreateVolume>(&action)) {
        world.volumes[volume->name] = {
            .name = volume->name, .labels = volume->labels, .created_at = simulated_time};
    } else if (const auto* made = std::get_if<CreateContainer>(&action)) {
        create(world, *made);
    } else if (const auto* started = std::get_if<StartContainer>(&action)) {
        if (auto* container = by_id(world, started->id)) start(*container, world.now);
    } else if (const auto* unpaused = std::get_if<UnpauseContainer>(&action)) {
        if (auto* container = by_id(world, unpaused->id)) container->state = RunState::running;
    } else if (const auto* signal = std::get_if<SignalContainer>(&action)) {
        if (auto* container = by_id(world, signal->id)) {
            auto& since = signal->signal == quiet_signal ? container->quieting_since
                                                         : container->stopping_since;
            since = world.now;
        }
    } else if (const auto* removed = std::get_if<RemoveContainer>(&action)) {
        remove(world, removed->id);
    } else if (const auto* update = std::get_if<UpdateLimits>(&action)) {
        if (auto* container = by_id(world, update->id)) {
            container->spec.limits = update->limits;
            container->spec.memory_and_swap.reset();
            container->spec.restart = update->restart;
        }
    } else if (const auto* connect = std::get_if<ConnectNetwork>(&action)) {
        if (auto* container = by_id(world, connect->id)) {
            container->spec.networks[connect->network] = connect->aliases;
            container->network_ids[connect->network] = connect->network_id;
        }
    } else if (const auto* cut = std::get_if<DisconnectNetwork>(&action)) {
        disconnect(world, *cut);
    } else if (const auto* edge = std::get_if<ConfigureEdge>(&action)) {
        world.edge.config = sha256(edge->config);
        world.edge.routes = edge->routes;
    } else if (std::holds_alternative<TakeSecrets>(action)) {
        if (world.identity.restoring) world.identity.restoring->has_secrets = true;
    } else if (const auto* failure = std::get_if<RememberFailure>(&action)) {
        world.failures[failure->key] = failure->what;
    }
}

void simulate_time(World& world, const Wanted& wanted, const Forecast& forecast) {
    world.now += std::chrono::seconds(1);
    for (auto& [name, container] : world.containers) {
        if (container.stopping_since && container.is_running()) {
            container.state = RunState::exited;
            container.stopping_since.reset();
            container.quieting_since.reset();
        }
        container.may_be_stopping = false;
        if (!container.is_running() || container.spec.role == restore_secrets_role) continue;
        if (container.workers) container.workers->busy = 0;
        if (container.spec.labels.contains(label::subject)) {
            finish_job(world, container, wanted, forecast);
        } else if (container.health == Health::starting || container.health == Health::unhealthy) {
            container.health = Health::healthy;
        }
    }
    const Names names(wanted.instance);
    const ObservedContainer* edge = world.container(names.edge);
    world.edge.is_known = edge != nullptr && edge->is_ready();
    if (world.now >= world.window_opens) world.is_window_open = true;
    // What is previewed is what comes of a rehearsal that passes.
    if (must_rehearse(wanted)) {
        for (const auto& [reference, image] : world.images) {
            world.rehearsals.try_emplace(image.id, Rehearsal{.phases = {{.name = "simulated"}}});
        }
    }
    const ObservedContainer* postgres = world.container(names.postgres);
    world.schema.is_known = postgres != nullptr && postgres->is_ready();
    // A database that could not be asked is not an empty one: it has what its server came with.
    if (world.identity.is_set_up && world.schema.applied.empty()) {
        for (const auto& [name, container] : world.containers) {
            if (is_app_role(container.spec.role)) migrate(world, container.image_id);
        }
    }
    if (world.schema.is_known && world.schema.system_identifier.empty()) {
        world.schema.system_identifier = world.identity.database_system.empty()
                                             ? simulated_time
                                             : world.identity.database_system;
    }
}

}  // namespace matriarch::reconcilers
