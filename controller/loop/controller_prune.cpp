// What runs of an instance whose file is gone: removed where the host says so twice over, by
// allowing it and by a commit without that file; kept, and told, where anything looks like a slip.
#include "controller/base/log.hpp"
#include "controller/loop/controller.hpp"
#include "controller/loop/departed.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {

using std::chrono::steady_clock;

namespace {

void tell_of(Journal& journal, const std::string& instance, const std::string& kind,
             const std::string& message, const std::string& revision) {
    log::info("removal", {{log::key::instance, instance}, {"message", message}});
    const auto written = journal.add_event(
        {.instance = instance, .kind = kind, .message = message, .revision = revision});
    if (!written) log::warn("could not write", {{log::key::error, written.error().message}});
}

}  // namespace

std::string Controller::decide_fate(const std::string& name, const Fleet& fleet) {
    if (!prunes()) {
        return "nothing: bring its file back, or docker compose -p " + name +
               " down; run --prune, or prune: true in the host's policy, would remove it";
    }
    const auto begun = begin_removal(name, fleet);
    if (begun) return "its containers and networks are removed; its data stays";
    const Error& why = begun.error();
    return "nothing: " + why.message + (why.hint.empty() ? "" : ". " + why.hint);
}

Result<void> Controller::begin_removal(const std::string& name, const Fleet& fleet) {
    const InstanceFolder folder = TRY(state_.instance(name));
    const Generation last = TRY(removable(folder, fleet));
    if (leaving_.contains(name)) return {};
    Leaving leaving{.wanted = {.instance = last.instance,
                               .revision = fleet.revision,
                               .policy = options_.policy}};
    leaving.lock = TRY(Lock::take(folder.lock(), "instance " + name));
    leaving_.emplace(name, std::move(leaving));
    return {};
}

void Controller::prune(std::stop_token stop) {
    const auto fleet = watch_.fleet();
    for (auto one = leaving_.begin(); one != leaving_.end() && !stop.stop_requested();) {
        auto& [name, leaving] = *one;
        const auto folder = state_.instance(name);
        // The commit in force may be another one by now.
        bool is_over = !folder || !fleet || !removable(*folder, *fleet);
        if (!is_over && leaving.due <= steady_clock::now()) {
            const auto done = remove(name, leaving, stop);
            is_over = done && *done;
            if (!done) {
                leaving.due = steady_clock::now() + leaving.backoff.next();
                log::warn("removal failed", {{log::key::instance, name},
                                             {log::key::error, done.error().message},
                                             {log::key::hint, done.error().hint}});
            }
        }
        one = is_over ? leaving_.erase(one) : std::next(one);
    }
}

/// One pass; whether it was the last.
Result<bool> Controller::remove(const std::string& name, Leaving& leaving, std::stop_token stop) {
    const Discovery discovery = TRY(observer_.discover_one(name, {.stop = stop}));
    const Pass::Removal removal =
        TRY(pass_.remove(leaving.wanted, discovery, options_.interval, stop));
    const std::string& revision = leaving.wanted.revision;
    const bool has_changed = !removal.steps.changes_nothing();
    if (has_changed && !leaving.has_changed) {
        tell_of(journal_, name, "Removal",
                "its file is gone since commit " + short_digest(revision) +
                    ": its containers and networks are removed",
                revision);
    }
    leaving.has_changed = leaving.has_changed || has_changed;
    leaving.backoff.reset();
    leaving.due = steady_clock::now() + removal.next;
    const auto& blocked = removal.steps.blocked;
    const std::string in_the_way =
        blocked.empty() ? "" : blocked.front().message + ". " + blocked.front().hint;
    if (!in_the_way.empty() && in_the_way != leaving.told) {
        tell_of(journal_, name, "Removal-blocked", in_the_way, revision);
    }
    leaving.told = in_the_way;
    if (!removal.steps.is_settled()) return false;
    removed_.insert(name);
    if (leaving.has_changed) tell_of(journal_, name, "Removed", removal.stays, revision);
    return true;
}

}  // namespace matriarch::controller
