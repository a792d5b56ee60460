// Who is told of what differs: people by notices; and what is left of instances that git no longer
// names, which nobody else looks at any more.
#include <algorithm>

#include "controller/base/log.hpp"
#include "controller/loop/controller.hpp"

namespace matriarch::controller {

namespace {

/// How long a report on the branch tells of what is over.
constexpr std::chrono::hours told_of{7 * 24};

}  // namespace

void Controller::tell(const std::string& instance, const std::vector<Trouble>& troubles) {
    for (Notice& notice : notices_.look(instance, troubles, SystemClock().now())) {
        notice.trouble.message = redactor_.redact(notice.trouble.message);
        notifier_.send(notice);
    }
}

std::vector<DigestPart> Controller::digest_since(WallTime since) {
    std::vector<DigestPart> parts;
    for (const auto& [name, tended] : tended_) {
        if (!tended.last) continue;
        auto drifts = journal_.drifts({.instance = name, .ended_since = since});
        // A goal of before is none while a new commit is not made ready yet.
        const bool is_goal = !tended.wanted.instance.name.empty();
        parts.push_back(
            {.status = tended.last->status,
             .is_suspended = tended.is_suspended,
             .is_rolled_back = is_goal && tended.goal->revision != tended.fleet->revision,
             .drifts = drifts ? std::move(*drifts) : std::vector<RecordedDrift>{}});
    }
    return parts;
}

void Controller::tell_digests() {
    const WallTime now = SystemClock().now();
    const auto due = digests_.take_due(notifier_.digests(), now);
    if (!due) {
        log::warn("no digest is told", {{log::key::error, due.error().message}});
        return;
    }
    for (const DueDigest& digest : *due) {
        const std::string text = redactor_.redact(digest_text(digest_since(digest.since)));
        notifier_.send({.kind = NoticeKind::digest,
                        .trouble = {.type = "Digest", .message = text},
                        .since = digest.since,
                        .at = now,
                        .schedule = digest.schedule});
    }
}

void Controller::write_drift_branch() {
    const auto fleet = watch_.fleet();
    if (!drift_branch_.is_wanted() || !fleet || (written_of_ == fleet && !is_drift_new_)) return;
    written_of_ = fleet;
    is_drift_new_ = false;
    const auto drifts = journal_.drifts({.ended_since = SystemClock().now() - told_of});
    if (!drifts) {
        log::warn("could not read the journal", {{log::key::error, drifts.error().message}});
        return;
    }
    std::set<std::string> names;
    for (const auto& [name, instance] : fleet->instances) names.insert(name);
    for (const RecordedDrift& drift : *drifts) names.insert(drift.instance);
    auto files = drift_files({names.begin(), names.end()}, *drifts);
    for (git::WrittenFile& file : files) file.content = redactor_.redact(file.content);
    drift_branch_.offer(std::move(files));
}

/// Once for each reason; it is tried again.
void Controller::cannot_write_drift(const Error& error) {
    log::warn("could not push the drift reports",
              {{log::key::error, error.message}, {log::key::hint, error.hint}});
    const auto written =
        journal_.add_event({.kind = "drift-reports-not-pushed", .message = to_text(error)});
    if (!written)
        log::warn("could not write the journal", {{log::key::error, written.error().message}});
}

Futility Controller::recalled_futility(const std::string& name, const std::string& revision) {
    const auto day_ago = SystemClock().now() - std::chrono::hours(24);
    const auto drifts = journal_.drifts({.instance = name, .ended_since = day_ago});
    return Futility::recalled(drifts ? *drifts : std::vector<RecordedDrift>{}, revision);
}

/// Reported. A file that is gone may be a mistake: what runs is left, unless the host says
/// otherwise (controller_prune.cpp).
void Controller::note_left(const Fleet& fleet, const Discovery& discovery) {
    // On one Engine there may be instances of other controllers.
    for (const std::string& name : state_.instance_names()) {
        const auto found = discovery.find(name);
        if (fleet.instances.contains(name)) continue;
        DriftSighting sighting{
            .instance = name, .revision = fleet.revision, .at = SystemClock().now()};
        if (found != discovery.end()) {
            sighting.items.push_back(
                {.resource = "instance " + name,
                 .difference = {.field = "instance file",
                                .desired = "absent, like its containers",
                                .actual = std::to_string(found->second.size()) + " containers"},
                 .risk = "it runs without anybody to look after it",
                 .heal = decide_fate(name, fleet)});
        } else if (prunes() && removed_.insert(name).second) {
            (void)decide_fate(name, fleet);  // it may have been cut off before its networks went
        }
        const auto noted = note_drift(journal_, sighting);
        if (!noted) log::warn("could not write", {{log::key::error, noted.error().message}});
        is_drift_new_ = is_drift_new_ || (noted && noted->is_changed);
    }
}

}  // namespace matriarch::controller
