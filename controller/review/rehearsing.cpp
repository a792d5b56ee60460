// One wish at a time for each instance: the next is written down once the one before is answered.
#include "controller/review/rehearsing.hpp"

#include <algorithm>

#include "controller/loop/observe.hpp"
#include "controller/store/identity.hpp"
#include "controller/store/requests.hpp"
#include "reconcilers/rehearsal.hpp"
#include "reconcilers/snapshots.hpp"
#include "specs/catalogue.hpp"

namespace matriarch::controller {

using reconcilers::Rehearsal;

namespace {

/// A copy that old says little of the rows there are now.
constexpr std::chrono::hours age_max{7 * 24};

Result<std::optional<Rehearsal>> known(Journal& journal, const std::string& instance,
                                       const specs::Version& version) {
    const auto text = TRY(journal.fact(rehearsal_fact(instance, version)));
    return text ? reconcilers::parse_rehearsal(*text) : std::nullopt;
}

/// As far as the repository is known.
Result<bool> has_backup(Journal& journal, const InstanceFolder& folder, WallTime now) {
    specs::Instance instance{.name = folder.name};
    instance.backups.repository = TRY(load_identity(folder)).backup_repository;
    const auto text = TRY(journal.fact(repository_fact(instance)));
    const auto repository = text ? parse_repository_fact(*text) : std::nullopt;
    return repository &&
           reconcilers::newest_complete(*repository, reconcilers::database_kind, now) != nullptr;
}

}  // namespace

bool wants_rehearsal(const reconcilers::Wanted& wanted, const reconcilers::Plan& plan) {
    const auto releases = specs::catalogue::releases();
    const bool is_known = std::any_of(releases.begin(), releases.end(), [&](const auto* release) {
        return release->version == plan.to;
    });
    // Of a release that the catalogue does not know, only its image tells what it migrates.
    const bool may_migrate = !plan.migrations.empty() || !(is_known || plan.are_from_image);
    return reconcilers::must_rehearse(wanted) && plan.from && *plan.from != plan.to &&
           plan.blocked.empty() && may_migrate;
}

Result<Rehearsed> ask_for_rehearsal(const State& state, Journal& journal,
                                    const std::string& instance, const specs::Version& version,
                                    WallTime now) {
    auto answer = TRY(known(journal, instance, version));
    if (answer && now - answer->ended <= age_max) return Rehearsed{.rehearsal = answer};
    const InstanceFolder folder = TRY(state.instance(instance));
    const Rehearsed waiting{.lacks_backup = !TRY(has_backup(journal, folder, now))};
    Requests requests = TRY(load_requests(folder));
    if (const auto& wish = requests.rehearsal) {
        const auto other = TRY(known(journal, instance, wish->version));
        if (!other || other->asked < wish->asked) return waiting;
    }
    requests.rehearsal = reconcilers::RehearsalWish{
        .version = version, .asked = std::chrono::floor<std::chrono::seconds>(now)};
    TRY(save_requests(folder, requests));
    return waiting;
}

}  // namespace matriarch::controller
