// What counts for one instance now: the commit in force, what a person went back to, or what it has
// while its wave waits for an earlier one.
#include "controller/loop/controller.hpp"
#include "controller/loop/goal.hpp"
#include "controller/loop/waves.hpp"

namespace matriarch::controller {

namespace {

constexpr std::size_t version_bytes_max = 200;

}  // namespace

/// Seen at the commit in force, not at the one before it.
bool Controller::is_done(const Fleet& fleet, const std::string& name) const {
    const auto found = tended_.find(name);
    if (found == tended_.end() || !found->second.last) return false;
    const reconcilers::InstanceStatus& status = found->second.last->status;
    return status.settled && status.ready && status.wanted_revision == fleet.revision;
}

Result<std::shared_ptr<const Fleet>> Controller::goal_for(const InstanceFolder& folder,
                                                          Tended& tended) {
    tended.waits_for_wave.clear();
    const auto& fleet = tended.fleet;
    auto goal = TRY(goal_of(folder, fleet));
    if (fleet->waves.empty()) {
        // Waves that come later must not go by it.
        TRY(remove_file(folder.let_through()));
        return goal;
    }
    if (goal != fleet) return goal;
    const auto settled = TRY(newest_settled(folder));
    const auto kept = TRY(read_file(folder.let_through(), version_bytes_max));
    const WavePast past{.settled = settled ? to_text(settled->instance.mastodon) : "",
                        .let_through = kept.value_or("")};
    const std::string wanted = to_text(fleet->instances.at(folder.name).mastodon);
    if (asks_its_wave(past, wanted)) {
        tended.waits_for_wave = earlier_wave(
            *fleet, folder.name, [&](const std::string& one) { return is_done(*fleet, one); });
    }
    if (!tended.waits_for_wave.empty()) {
        return std::make_shared<const Fleet>(with_generation(*fleet, *settled));
    }
    // Written down before anything is begun: from here on it goes all the way.
    if (past.let_through != wanted) TRY(write_file(folder.let_through(), wanted));
    return goal;
}

}  // namespace matriarch::controller
