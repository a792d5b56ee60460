// Continuous archiving, as its scripts behave (reconcilers/archive_scripts.cpp): by the socket that
// is in a volume of its own, of whichever cluster is there.
#include <algorithm>

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
    int bases = 0;
    for (const reconcilers::Mount& mount : one.seen.spec.mounts) {
        const auto volume = volumes.find(mount.volume);
        if (volume != volumes.end()) bases += volume->second.bases;
    }
    const auto until = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    return {.is_yes = true,
            .text = "archive " + cluster_of(*server)->system + "-1\ncaught_up " +
                    std::to_string(until) + "\nbases " + std::to_string(bases) + "\n"};
}

void SimulatedHost::make_base(SimulatedContainer& one) {
    if (server_by_socket(one) == nullptr || is_disk_full()) return end(one, 1);
    for (const reconcilers::Mount& mount : one.seen.spec.mounts) {
        const bool is_archive = mount.target.starts_with("/var/lib/postgresql");
        if (is_archive) ++make_volume(mount.volume, {}).bases;
    }
    end(one, 0);
}

}  // namespace matriarch::model
