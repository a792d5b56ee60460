// Conditions change rarely; only changes are written.
#include "controller/loop/publish.hpp"

#include <algorithm>

#include "controller/base/log.hpp"
#include "controller/store/published.hpp"
#include "controller/store/releases.hpp"
#include "specs/specs.hpp"

namespace matriarch::controller {

using reconcilers::Condition;

namespace {

void note(const Result<void>& written) {
    if (!written) log::warn("could not publish", {{log::key::error, written.error().message}});
}

Condition source_condition(const SourceReport& source) {
    if (!source.problems.empty()) {
        return {"SourceAccepted", false, "CommitRefused",
                "commit " + source.seen + " is not in force: " + to_text(source.problems.front())};
    }
    if (source.unreachable)
        return {"SourceAccepted", true, "Unreachable", to_text(*source.unreachable)};
    return {"SourceAccepted", true, "InForce", ""};
}

/// What is out beyond the release that runs, or else the wanted one.
std::vector<specs::NewerRelease> newer_than(const State& state, specs::Instance instance,
                                            const std::string& running) {
    if (const auto version = specs::parse_version(running)) instance.mastodon = *version;
    auto available = specs::known_releases();
    const auto name = repository_text(specs::resolved_images(instance).mastodon);
    const auto seen = load_releases(state);
    if (const auto found = seen.find(name); found != seen.end()) {
        for (const auto& [version, is_urgent] : found->second) {
            available[version] = available[version] || is_urgent;
        }
    }
    return specs::newer_releases(instance, available);
}

/// Events are for people: a condition that turned, never every look.
void condition(Journal& journal, const Publication& publication, const Condition& now) {
    const auto changed = journal.set_condition({.instance = publication.name,
                                                .type = now.type,
                                                .status = now.is_true ? "True" : "False",
                                                .reason = now.reason,
                                                .message = now.message});
    if (!changed) {
        note(fail(changed.error()));
        return;
    }
    const bool is_noise = now.reason == "Progressing";
    if (!*changed || is_noise) return;
    const auto added =
        journal.add_event({.instance = publication.name,
                           .kind = now.type + (now.is_true ? "" : "-not") + "-" + now.reason,
                           .message = now.message,
                           .revision = publication.result->status.wanted_revision});
    if (!added) note(fail(added.error()));
    log::info("condition changed", {{log::key::instance, publication.name},
                                    {"condition", now.type},
                                    {"status", now.is_true},
                                    {log::key::reason, now.reason},
                                    {"message", now.message}});
}

/// Nothing: it never had to wait, and where there are no waves nobody wants to hear of them.
std::optional<Condition> wave_condition(Journal& journal, const Publication& publication) {
    const std::string& wave = publication.waits_for_wave;
    if (!wave.empty()) return Condition{"HeldByWave", true, "EarlierWave", "waits for " + wave};
    const auto known = journal.conditions(publication.name);
    const bool was_held = known && std::any_of(known->begin(), known->end(), [](const auto& one) {
                              return one.type == "HeldByWave";
                          });
    if (!was_held) return std::nullopt;
    return Condition{"HeldByWave", false, "NotHeld", ""};
}

RevisionOutcome outcome_of(const PassResult& result) {
    if (result.status.settled) return RevisionOutcome::settled;
    if (result.steps.blocked.empty()) return RevisionOutcome::seen;
    return result.steps.blocked.front().kind == ErrorKind::failed ? RevisionOutcome::failed
                                                                  : RevisionOutcome::blocked;
}

DriftNews drift_news(Journal& journal, const Publication& publication) {
    if (publication.is_unseen) return {};
    auto news = note_drift(journal, {.instance = publication.name,
                                     .revision = publication.result->status.wanted_revision,
                                     .items = publication.result->status.drift,
                                     .at = publication.result->status.seen,
                                     .is_healing = publication.is_healing,
                                     .cause = publication.drift_cause});
    if (news) return std::move(*news);
    note(fail(news.error()));
    return {};
}

}  // namespace

void see_commit(Journal& journal, const std::string& instance, const Fleet& fleet) {
    note(journal.see_revision({.instance = instance,
                               .revision = fleet.revision,
                               .author = fleet.author,
                               .subject = fleet.subject}));
}

Told publish_result(const State& state, Journal& journal, const Publication& publication) {
    const PassResult& result = *publication.result;
    auto conditions = result.status.conditions;
    if (!publication.source.url.empty()) conditions.push_back(source_condition(publication.source));
    conditions.push_back({"Suspended", publication.is_suspended,
                          publication.is_suspended ? "ByCommand" : "NotSuspended", ""});
    const bool is_back = !publication.instead_of.empty();
    conditions.push_back(
        {"RolledBack", is_back, is_back ? "ByCommand" : "NotRolledBack",
         is_back ? "commit " + publication.instead_of.substr(0, 12) +
                       " is set aside until another one is pushed, or matriarch resume " +
                       publication.name
                 : ""});
    if (auto held = wave_condition(journal, publication)) conditions.push_back(std::move(*held));
    for (const Condition& now : conditions) condition(journal, publication, now);
    const RevisionOutcome outcome = outcome_of(result);
    if (!result.status.wanted_revision.empty() && outcome != RevisionOutcome::seen &&
        (outcome != RevisionOutcome::settled || !publication.was_settled)) {
        note(journal.judge_revision(
            publication.name, result.status.wanted_revision, outcome,
            result.steps.blocked.empty() ? "" : result.steps.blocked.front().message));
    }
    Told told{.drift = drift_news(journal, publication)};
    StatusContext context{.is_suspended = publication.is_suspended,
                          .observed_at = SystemClock().now()};
    if (auto known = journal.conditions(publication.name)) context.conditions = std::move(*known);
    if (auto last = journal.last_settled(publication.name); last && *last) {
        context.running_revision = (*last)->revision;
    }
    if (publication.instance != nullptr) {
        context.newer = newer_than(state, *publication.instance, result.status.running_mastodon);
    }
    reconcilers::InstanceStatus shown = result.status;
    if (!publication.waits_for_wave.empty()) shown.waits_for = publication.waits_for_wave;
    told.status = status_json(shown, context);
    const auto folder = state.make_instance(publication.name);
    if (folder) note(publish_status(*folder, told.status));
    return told;
}

}  // namespace matriarch::controller
