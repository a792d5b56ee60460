// One instance of the fleet replaced by what was kept of it.
#include "controller/loop/goal.hpp"

namespace matriarch::controller {

Result<std::shared_ptr<const Fleet>> goal_of(const InstanceFolder& folder,
                                             std::shared_ptr<const Fleet> fleet) {
    const auto back = TRY(load_rollback(folder));
    if (!back || back->instead_of != fleet->revision) return fleet;
    return std::make_shared<const Fleet>(with_generation(*fleet, back->to));
}

Fleet with_generation(Fleet fleet, const Generation& generation) {
    fleet.revision = generation.revision;
    fleet.instances[generation.instance.name] = generation.instance;
    if (!generation.secret_file.empty()) {
        fleet.secret_files[generation.instance.secrets] = generation.secret_file;
    }
    return fleet;
}

Generation generation_of(const Fleet& fleet, const std::string& name) {
    Generation kept{.revision = fleet.revision, .instance = fleet.instances.at(name)};
    const auto secret_file = fleet.secret_files.find(kept.instance.secrets);
    if (secret_file != fleet.secret_files.end()) kept.secret_file = secret_file->second;
    kept.source = fleet.source;
    const auto file = fleet.file_of.find(name);
    if (file != fleet.file_of.end()) kept.file = file->second;
    return kept;
}

}  // namespace matriarch::controller
