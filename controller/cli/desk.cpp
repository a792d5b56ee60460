// Files and the journal; never the Engine.
#include "controller/cli/desk.hpp"

#include <condition_variable>
#include <mutex>

#include "controller/base/lock.hpp"
#include "controller/loop/observe.hpp"
#include "controller/store/identity.hpp"

namespace matriarch::controller {

Result<Desk> desk_of(const CommonOptions& common, const std::string& name, const Clock& clock) {
    const State state = TRY(state_of(common));
    Desk desk{.folder = TRY(state.instance(name))};
    const auto identity = TRY(load_identity(desk.folder));
    if (identity.volumes.empty()) {
        return fail(ErrorKind::invalid, "cannot find instance " + name,
                    "matriarch status lists the ones this host knows.");
    }
    desk.journal = TRY(Journal::open(state.journal(), clock));
    desk.instance.name = name;
    desk.instance.backups.repository = identity.backup_repository;
    return desk;
}

Result<reconcilers::ObservedRepository> known_repository(Desk& desk) {
    const auto text = TRY(desk.journal->fact(repository_fact(desk.instance)));
    return text ? parse_repository_fact(*text).value_or(reconcilers::ObservedRepository{})
                : reconcilers::ObservedRepository{};
}

Result<void> needs_controller(const Desk& desk) {
    if (!Lock::take(desk.folder.lock(), "instance " + desk.folder.name)) return {};
    return fail(ErrorKind::refused, "no controller works on " + desk.folder.name,
                "Start matriarch run: it does the work.");
}

Result<std::optional<std::string>> said_since(Desk& desk, const std::string& type,
                                              const std::string& status, WallTime since) {
    for (const RecordedCondition& one : TRY(desk.journal->conditions(desk.instance.name))) {
        if (one.type == type && one.status == status && one.since >= since) return one.message;
    }
    return std::optional<std::string>();
}

void wait_a_little(std::stop_token stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any nothing;
    nothing.wait_for(lock, stop, std::chrono::milliseconds(500), [] { return false; });
}

}  // namespace matriarch::controller
