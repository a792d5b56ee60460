// Admission: what must be true before anything is touched: the host allows what the file names, the
// limits fit into its memory, and the disk keeps its reserve.
//
// Refuses in words, and never stops what runs.
#include <algorithm>

#include "reconcilers/reconcilers.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

/// What the system and the Engine need for themselves.
constexpr Bytes system_share = mib(256);

void check_policy(const Wanted& wanted, const World& world, Steps& steps) {
    for (const specs::ImageRef& image : wanted_images(wanted)) {
        if (specs::allows_image(wanted.policy, image)) continue;
        steps.block({.code = "registry-not-allowed",
                     .message = "this host does not allow images from " + repository_text(image),
                     .hint = "Allow it in /etc/matriarch/policy.yaml: registries: [" +
                             repository_text(image) + "]."});
    }
    const std::string& now = wanted.instance.backups.repository;
    const std::string& known = world.identity.backup_repository;
    if (!known.empty() && known != now && !specs::allows_backup_repository(wanted.policy, now)) {
        steps.block({.code = "backup-repository-moved",
                     .message = "backups.repository was " + known +
                                " when it was deployed, and is " + now + " now",
                     .hint = "Allow it in /etc/matriarch/policy.yaml: backup_repositories: [\"" +
                             now + "\"]."});
    }
}

void check_memory(const Wanted& wanted, const World& world, Steps& steps) {
    if (world.host.memory.count == 0) return;
    // A neighbour that came later is refused itself; it takes nothing away from who is here
    // already.
    Bytes sum = world.identity.volumes.empty() ? wanted.memory_of_others : Bytes{};
    for (const ContainerSpec& spec : wanted_containers(wanted))
        sum.count += spec.limits.memory.count;
    if (sum.count + system_share.count <= world.host.memory.count) return;
    const auto in_mib = [](Bytes bytes) {
        return std::to_string(bytes.count / mib(1).count) + " MiB";
    };
    steps.block({.code = "host-memory",
                 .message = "the memory limits of this host's instances sum to " + in_mib(sum) +
                            "; the host has " + in_mib(world.host.memory),
                 .hint = "Lower the limits; examples/small-server shows some for 2 GB."});
}

bool writes_much(const Action& action) {
    if (std::holds_alternative<PullImage>(action)) return true;
    const auto* create = std::get_if<CreateContainer>(&action);
    if (create == nullptr) return false;
    const std::string& role = create->spec.role;
    return role == "backup" || role == "postgres-init" || changes_schema(role);
}

}  // namespace

void plan_admission(const Wanted& wanted, const World& world, Steps& steps) {
    check_policy(wanted, world, steps);
    check_memory(wanted, world, steps);
}

void only_keep_running(Steps& steps) {
    std::erase_if(steps.steps, [](const Step& step) {
        return !std::holds_alternative<StartContainer>(step.action) &&
               !std::holds_alternative<UnpauseContainer>(step.action) &&
               !std::holds_alternative<ConnectNetwork>(step.action) &&
               !std::holds_alternative<DisconnectNetwork>(step.action) &&
               !std::holds_alternative<ConfigureEdge>(step.action) && !is_wait(step.action);
    });
}

void keep_reserve(const Wanted& wanted, const World& world, Steps& steps) {
    const Bytes reserve = wanted.instance.storage.reserve;
    if (!world.host.disk_free || *world.host.disk_free >= reserve) return;
    const auto held =
        std::erase_if(steps.steps, [](const Step& step) { return writes_much(step.action); });
    if (held == 0) return;
    steps.block({.code = "host-disk",
                 .message = "the disk has " +
                            std::to_string(world.host.disk_free->count / mib(1).count) +
                            " MiB free, and storage.reserve keeps " + to_text(reserve),
                 .hint = "Free some space (docker image ls, media), or lower storage.reserve."});
}

}  // namespace matriarch::reconcilers
