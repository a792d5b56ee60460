// Where an instance's secrets come from, and when new ones may be made.
#include "controller/loop/prepare.hpp"

#include <algorithm>

#include "controller/base/files.hpp"
#include "controller/base/log.hpp"
#include "controller/secrets/age.hpp"
#include "controller/secrets/generated.hpp"
#include "controller/store/generation.hpp"
#include "controller/store/identity.hpp"
#include "reconcilers/labels.hpp"

namespace matriarch::controller {

namespace {

Result<Secrets> given_secrets(const Ground& ground, const specs::Instance& instance,
                              std::stop_token stop) {
    const std::string& source = instance.secrets;
    if (source.empty()) return Secrets{};
    if (source.starts_with("file:")) {
        const std::string path = source.substr(5);
        if (!specs::allows_secret_file(ground.policy, path)) {
            return fail(ErrorKind::refused,
                        "cannot read secrets from " + path + ": this host does not allow it",
                        "Move it below /etc/matriarch, or name its folder under secret_files in "
                        "/etc/matriarch/policy.yaml.");
        }
        return load_env_file(path);
    }
    return load_age_env({.content = ground.fleet.secret_files.at(source),
                         .where = source,
                         .identity = age_identity(ground.state, ground.age_key),
                         .stop = stop});
}

/// The environment of a container that has all of Mastodon's secrets.
Result<Secrets> running_environment(const Ground& ground, const std::string& name,
                                    std::stop_token stop) {
    const auto mine = ground.discovery.find(name);
    if (mine == ground.discovery.end()) return Secrets{};
    for (const ContainerSummary& summary : mine->second) {
        const auto role = summary.labels.find(reconcilers::label::role);
        if (role == summary.labels.end() || (role->second != "web" && role->second != "sidekiq")) {
            continue;
        }
        const auto container = TRY(ground.engine.inspect_container(summary.id, {.stop = stop}));
        if (!container) continue;
        Secrets environment;
        for (const auto& [key, value] : container->spec.environment) environment[key] = value.value;
        return environment;
    }
    return Secrets{};
}

Result<void> recover(const InstanceFolder& folder, const WantedSecrets& needed,
                     const Secrets& running) {
    const auto recovered = TRY(recover_generated(folder, needed, running));
    if (!recovered.empty()) {
        log::warn("recovered secrets from a running container",
                  {{log::key::instance, folder.name}, {"count", recovered.size()}});
    }
    return {};
}

/// What of a container's environment is a secret that we would have made.
Secrets only_needed(const WantedSecrets& needed, const Secrets& environment) {
    Secrets some;
    for (const std::string& name : names_of(needed)) {
        const auto found = environment.find(name);
        if (found != environment.end()) some.insert(*found);
    }
    return some;
}

/// Whether the Engine has anything that only a deployment leaves: data, or what works on it.
Result<bool> has_left_traces(const Ground& ground, const specs::Instance& instance,
                             std::stop_token stop) {
    const auto mine = ground.discovery.find(instance.name);
    if (mine != ground.discovery.end()) {
        for (const ContainerSummary& summary : mine->second) {
            const auto role = summary.labels.find(reconcilers::label::role);
            if (role == summary.labels.end()) continue;
            if (role->second == "postgres" || reconcilers::is_app_role(role->second)) return true;
        }
    }
    for (const auto& volume : reconcilers::wanted_volumes({.instance = instance})) {
        if (!volume.is_data) continue;
        if (TRY(ground.engine.inspect_volume(volume.name, {.stop = stop}))) return true;
    }
    return false;
}

/// The secrets are in the backup that the instance begins from, and not here yet.
Result<bool> awaits_backup(const Ground& ground, const specs::Instance& instance,
                           const reconcilers::Identity& identity, std::stop_token stop) {
    if (identity.restoring) return !identity.restoring->has_secrets;
    if (instance.bootstrap.restore.empty() || !identity.volumes.empty()) return false;
    return !TRY(has_left_traces(ground, instance, stop));
}

/// What opens the repository cannot come out of it.
Error no_password(const specs::Instance& instance, const InstanceFolder& folder) {
    const std::string& name = instance.backups.password;
    return {.kind = ErrorKind::refused,
            .message = "cannot begin " + instance.name + " from a backup: the secret " + name +
                       ", which opens " + instance.backups.repository + ", is not given",
            .hint = "Write " + name + "=... into " +
                    (instance.secrets.empty() ? folder.secrets().string() + " (mode 0600)"
                                              : instance.secrets) +
                    ": it was in secrets.env of the host that is lost."};
}

/// What the other instances of the fleet may take of the same host.
Bytes memory_of_others(const Fleet& fleet, const specs::Instance& instance) {
    Bytes sum{};
    for (const auto& [name, other] : fleet.instances) {
        if (name == instance.name || other.host != instance.host) continue;
        for (const auto& spec : reconcilers::wanted_containers({.instance = other})) {
            sum.count += spec.limits.memory.count;
        }
    }
    return sum;
}

}  // namespace

Result<bool> was_deployed(const Ground& ground, const specs::Instance& instance,
                          std::stop_token stop) {
    const InstanceFolder folder = TRY(ground.state.instance(instance.name));
    if (!TRY(load_identity(folder)).volumes.empty()) return true;
    if (ground.discovery.contains(instance.name)) return true;
    const reconcilers::Names names(instance);
    return TRY(ground.engine.inspect_volume(names.postgres_volume, {.stop = stop})).has_value();
}

Result<reconcilers::Wanted> prepare(const Ground& ground, const specs::Instance& instance,
                                    Purpose purpose, std::stop_token stop) {
    const Secrets given = TRY(given_secrets(ground, instance, stop));
    const InstanceFolder folder = TRY(ground.state.instance(instance.name));
    if (purpose == Purpose::work) TRY(make_folder(folder.root));
    const WantedSecrets needed{
        .has_record_encryption = instance.mastodon >= specs::Version{.major = 4, .minor = 3},
        .backup_password = instance.backups.password};
    Secrets known = merged(TRY(load_generated(folder)), given);
    const reconcilers::Wanted bare{.instance = instance,
                                   .secrets = known,
                                   .lacks_secrets = true,
                                   .revision = ground.fleet.revision,
                                   .policy = ground.policy,
                                   .memory_of_others = memory_of_others(ground.fleet, instance)};
    const auto identity = TRY(load_identity(folder));
    if (TRY(awaits_backup(ground, instance, identity, stop))) {
        const auto password = known.find(instance.backups.password);
        const bool has_password = password != known.end() && !password->second.is_empty();
        if (!has_password) return fail(no_password(instance, folder));
        return bare;
    }
    auto missing = missing_names(needed, known);
    const bool is_deployed = TRY(was_deployed(ground, instance, stop));
    if (!missing.empty() && is_deployed) {
        const Secrets running =
            only_needed(needed, TRY(running_environment(ground, instance.name, stop)));
        if (purpose == Purpose::work) TRY(recover(folder, needed, running));
        known = merged(running, known);
        missing = missing_names(needed, known);
    }
    if (!missing.empty()) {
        // A newer release may need keys that no older one had: those protect nothing yet.
        const bool are_new = std::all_of(
            missing.begin(), missing.end(),
            [](const std::string& name) { return name.starts_with("ACTIVE_RECORD_ENCRYPTION_"); });
        if (is_deployed && (!are_new || TRY(load_generated(folder)).empty())) {
            return fail(ErrorKind::refused,
                        "cannot work on " + instance.name + ": its data exists, but its secrets (" +
                            missing.front() + ", ...) are gone; new ones could not read the data",
                        "Put " + folder.secrets().string() +
                            " back from a backup, or name the old values in the secrets file.");
        }
        if (purpose == Purpose::work) known = TRY(generate_missing(folder, needed, given));
        for (const std::string& name : missing) known.try_emplace(name, Secret("to be generated"));
    }
    reconcilers::Wanted whole = bare;
    whole.secrets = std::move(known);
    whole.lacks_secrets = false;
    recall_settled(folder, ground.fleet, whole);
    return whole;
}

void recall_settled(const InstanceFolder& folder, const Fleet& fleet, reconcilers::Wanted& wanted) {
    wanted.settled = nullptr;
    const auto last = newest_settled(folder);
    if (!last || !*last) return;  // damaged: what drifted is not known until it settles again
    const auto secret_file = fleet.secret_files.find(wanted.instance.secrets);
    wanted.settled = std::make_shared<const specs::Instance>((*last)->instance);
    wanted.settled_had_other_secrets =
        (*last)->secret_file !=
        (secret_file == fleet.secret_files.end() ? std::string() : secret_file->second);
}

}  // namespace matriarch::controller
