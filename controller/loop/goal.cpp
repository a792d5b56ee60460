// One instance of the fleet replaced by what was kept of it.
#include "controller/loop/goal.hpp"

namespace matriarch::controller {

Result<std::shared_ptr<const Fleet>> goal_of(const InstanceFolder& folder,
                                             std::shared_ptr<const Fleet> fleet) {
    const auto back = TRY(load_rollback(folder));
    if (!back || back->instead_of != fleet->revision) return fleet;
    const Generation& kept = back->to;
    auto goal = std::make_shared<Fleet>(*fleet);
    goal->revision = kept.revision;
    goal->instances[folder.name] = kept.instance;
    if (!kept.secret_file.empty()) goal->secret_files[kept.instance.secrets] = kept.secret_file;
    return std::shared_ptr<const Fleet>(std::move(goal));
}

Generation generation_of(const Fleet& fleet, const std::string& name) {
    Generation kept{.revision = fleet.revision, .instance = fleet.instances.at(name)};
    const auto secret_file = fleet.secret_files.find(kept.instance.secrets);
    if (secret_file != fleet.secret_files.end()) kept.secret_file = secret_file->second;
    return kept;
}

}  // namespace matriarch::controller
