// Continuous archiving, as its scripts behave (reconcilers/archive_scripts.cpp): by the socket that
// is in a volume of its own, of whichever cluster is there.
#include "reconcilers/labels.hpp"
#include "tests/model/host.hpp"

namespace matriarch::model {

const SimulatedContainer* SimulatedHost::server_by_socket(const SimulatedContainer& one) const {
    const auto socket_of = [](const SimulatedContainer& some) {
        for (const reconcilers::Mount& mount : some.seen.spec.mounts) {
            if (mount.target == "/var/run/postgresql") return mount.volume;
        }
        return std::string();
    };
    for (const auto& [id, other] : containers) {
        const bool serves = other.seen.is_running() && other.ready_at <= now;
        if (serves && role_of(other) == "postgres" && !socket_of(one).empty() &&
            socket_of(other) == socket_of(one) && cluster_of(other) != nullptr) {
            return &other;
        }
    }
    return nullptr;
}

/// It streams from whichever cluster is there; each has an archive of its own.
SimulatedHost::Answer SimulatedHost::archive_says(const SimulatedContainer& one) const {
    const SimulatedContainer* server = server_by_socket(one);
    if (server == nullptr) return {};
    const std::string& system = cluster_of(*server)->system;
    bool has_base = false;
    for (const reconcilers::Mount& mount : one.seen.spec.mounts) {
        const auto volume = volumes.find(mount.volume);
        if (volume == volumes.end() || !volume->second.archived) continue;
        has_base = has_base || volume->second.archived->system == system;
    }
    const auto until = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    return {.is_yes = true,
            .text = "archive " + system + "-1\ncaught_up " + std::to_string(until) + "\nbases " +
                    (has_base ? "1" : "0") + "\n"};
}

void SimulatedHost::make_base(SimulatedContainer& one) {
    const SimulatedContainer* server = server_by_socket(one);
    if (server == nullptr || is_disk_full()) return end(one, 1);
    const Cluster& cluster = *cluster_of(*server);
    for (const reconcilers::Mount& mount : one.seen.spec.mounts) {
        if (!mount.target.starts_with("/var/lib/postgresql")) continue;
        make_volume(mount.volume, {}).archived =
            Staged{.system = cluster.system, .applied = cluster.applied, .begun = now};
    }
    end(one, 0);
}

void SimulatedHost::recover(SimulatedContainer& one) {
    if (is_disk_full()) return end(one, 1);
    for (const reconcilers::Mount& mount : one.seen.spec.mounts) {
        const auto volume = volumes.find(mount.volume);
        if (volume == volumes.end() || !volume->second.archived) continue;
        vault.recovered = volume->second.archived;
        const std::string& subject = one.seen.spec.labels.at(reconcilers::label::subject);
        vault.recovered->slot = subject.substr(0, subject.find(' '));
        return end(one, 0);
    }
    end(one, 1);
}

}  // namespace matriarch::model
