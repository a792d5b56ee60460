// The life of a commit: seen, read in the child, judged whole, and then in force or reported on.
#include "controller/loop/source_watch.hpp"

#include "controller/base/log.hpp"
#include "controller/loop/publish.hpp"
#include "controller/loop/requirements.hpp"
#include "controller/loop/signature.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {

namespace {

WallTime wall_now() {
    return SystemClock().now();
}

/// "new: start container alpha-web-1; downtime: brief, not none"
std::string in_words(const Departure& departure) {
    std::string text;
    for (const std::string& one : departure.what) text += (text.empty() ? "" : "; ") + one;
    return text;
}

Error rewritten(const git::Revision& revision) {
    return {.kind = ErrorKind::refused,
            .message = "commit " + revision.id +
                       " is not a descendant of the one in force: the branch was rewritten",
            .hint = "Push a descendant, or start matriarch run once with --allow-rewrite."};
}

Error not_as_reviewed(const std::string& commit, const Departure& departure) {
    const std::string pull = "pull request " + std::to_string(departure.number);
    return {.kind = ErrorKind::refused,
            .message = "commit " + commit + " is not in force: " +
                       (departure.number == 0
                            ? "no merged pull request showed what it does to " + departure.instance
                            : "it would do other things to " + departure.instance + " than " +
                                  pull + " showed: " + in_words(departure)),
            .hint =
                "This host's policy (as_reviewed) takes only what was reviewed. Merge a pull "
                "request on top of it, an empty commit will do: it is planned against the server "
                "as it is now. Once the server is as it was, this one goes on by itself."};
}

Error not_compared(const std::string& commit, const Error& why) {
    return {.kind = ErrorKind::unavailable,
            .message = "commit " + commit +
                       " waits: what it would do cannot be compared with what was reviewed: " +
                       why.message,
            .hint = why.hint};
}

}  // namespace

std::string departures_fact(const std::string& commit) {
    return "not-as-reviewed " + commit;
}

SourceWatch::SourceWatch(WatchOptions options, Journal& journal, std::function<void()> changed)
    : options_(std::move(options)), journal_(journal), changed_(std::move(changed)) {
    report_.url = options_.source.url;
    report_.branch = options_.source.branch;
    thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

SourceWatch::~SourceWatch() {
    thread_.request_stop();
    nudged_.notify_all();
}

void SourceWatch::nudge() {
    const std::lock_guard guard(mutex_);
    is_nudged_ = true;
    nudged_.notify_all();
}

std::shared_ptr<const Fleet> SourceWatch::fleet() const {
    const std::lock_guard guard(mutex_);
    return fleet_;
}

SourceReport SourceWatch::report() const {
    const std::lock_guard guard(mutex_);
    return report_;
}

void SourceWatch::run(std::stop_token stop) {
    const auto accepted = git::read_accepted(options_.source, options_.within, stop);
    if (accepted && *accepted) {
        FleetReading reading = read_fleet(**accepted);
        if (reading.problems.empty()) take(std::move(reading.fleet));
    }
    while (!stop.stop_requested()) {
        look(stop);
        std::unique_lock lock(mutex_);
        nudged_.wait_for(lock, stop, options_.poll, [this] { return is_nudged_; });
        is_nudged_ = false;
    }
}

void SourceWatch::look(std::stop_token stop) {
    git::Source source = options_.source;
    {
        const std::lock_guard guard(mutex_);
        source.previous_commit = report_.accepted;
        source.known_commit = looks_again_ ? std::string() : report_.seen;
    }
    const auto revision = git::read_revision(source, options_.within, stop);
    if (!revision) {
        if (revision.error().kind == ErrorKind::stopped) return;
        bool is_news = false;
        {
            const std::lock_guard guard(mutex_);
            is_news =
                !report_.unreachable || report_.unreachable->message != revision.error().message;
            report_.unreachable = revision.error();
        }
        if (is_news) {
            log::warn("could not read git", {{log::key::error, revision.error().message},
                                             {log::key::hint, revision.error().hint}});
            changed_();
        }
        return;
    }
    {
        const std::lock_guard guard(mutex_);
        report_.checked_at = wall_now();
        report_.unreachable.reset();
    }
    if (!revision->unchanged) consider(*revision, stop);
}

void SourceWatch::consider(const git::Revision& revision, std::stop_token stop) {
    looks_again_ = false;
    {
        const std::lock_guard guard(mutex_);
        is_known_ = report_.seen == revision.id;
        report_.seen = revision.id;
    }
    if (revision.relation == git::Relation::rewritten && !options_.allow_rewrite) {
        refuse(revision, {rewritten(revision)});
        return;
    }
    FleetReading reading = read_fleet(revision);
    if (!reading.problems.empty()) {
        refuse(revision, std::move(reading.problems));
        return;
    }
    if (!meets_requirements(revision, reading.fleet, stop) ||
        !is_as_reviewed(revision, reading.fleet, stop)) {
        return;
    }
    if (const auto kept = git::accept(options_.source, revision.id, options_.within, stop); !kept) {
        log::warn("could not remember the commit", {{log::key::error, kept.error().message}});
    }
    for (const auto& [name, instance] : reading.fleet.instances) {
        see_commit(journal_, name, reading.fleet);
    }
    log::info("took a commit", {{log::key::revision, revision.id}, {"subject", revision.subject}});
    take(std::move(reading.fleet));
}

bool SourceWatch::meets_requirements(const git::Revision& revision, const Fleet& fleet,
                                     std::stop_token stop) {
    // The branch is back at the commit in force: nobody is asked about that again.
    if (revision.relation == git::Relation::same) return true;
    if (auto unmet = unmet_requirements(options_.policy, fleet); !unmet.empty()) {
        refuse(revision, std::move(unmet));
        return false;
    }
    if (const auto& signers = options_.policy.signers; !signers.empty()) {
        const auto signer = signer_of(revision, signers, options_.source.state_folder, stop);
        if (!signer) {
            looks_again_ = signer.error().kind == ErrorKind::unavailable;
            refuse(revision, {signer.error()});
            return false;
        }
        log::info("a commit is signed", {{log::key::revision, revision.id}, {"signer", *signer}});
    }
    if (!options_.reviewed) return true;
    const auto reviewed = options_.reviewed(revision, stop);
    if (reviewed) return true;
    // Approvals may still come, and a forge that is down comes back.
    looks_again_ = true;
    refuse(revision, {reviewed.error()});
    return false;
}

bool SourceWatch::is_as_reviewed(const git::Revision& revision, const Fleet& fleet,
                                 std::stop_token stop) {
    const auto in_force = this->fleet();
    // The first one ever cannot have been reviewed.
    if (!options_.departures || !in_force || revision.relation == git::Relation::same) return true;
    const auto found = options_.departures(revision, {*in_force, fleet}, stop);
    if (stop.stop_requested()) return false;
    if (!options_.policy.as_reviewed) {
        if (found) say_departures(revision.id, *found);
        return true;
    }
    if (found && found->empty()) return true;
    // The server may yet become what it was, and who cannot be asked comes back.
    looks_again_ = true;
    std::vector<Error> problems;
    if (!found) problems.push_back(not_compared(revision.id, found.error()));
    for (const Departure& one : found.value_or(std::vector<Departure>{})) {
        problems.push_back(not_as_reviewed(revision.id, one));
    }
    refuse(revision, std::move(problems));
    return false;
}

void SourceWatch::say_departures(const std::string& revision, const std::vector<Departure>& found) {
    std::string all;
    for (const Departure& one : found) {
        const std::string what = in_words(one);
        log::warn("a commit does other things than were reviewed",
                  {{log::key::revision, revision},
                   {log::key::instance, one.instance},
                   {"number", one.number},
                   {"what", what}});
        const auto written =
            journal_.add_event({.instance = one.instance,
                                .kind = "not-as-reviewed",
                                .message = "other than pull request " + std::to_string(one.number) +
                                           " showed: " + what,
                                .revision = revision});
        if (!written) {
            log::warn("could not write the journal", {{log::key::error, written.error().message}});
        }
        all += (all.empty() ? "" : "; ") + one.instance + ": " + what;
    }
    if (all.empty()) return;
    const auto kept = journal_.keep_fact(departures_fact(revision), all);
    if (!kept) log::warn("could not write the journal", {{log::key::error, kept.error().message}});
}

void SourceWatch::take(Fleet fleet) {
    const git::Source& source = options_.source;
    fleet.source = short_digest(sha256(source.url + "\n" + source.branch + "\n" + source.path));
    {
        const std::lock_guard guard(mutex_);
        report_.accepted = fleet.revision;
        report_.seen = fleet.revision;
        report_.problems.clear();
        fleet_ = std::make_shared<const Fleet>(std::move(fleet));
    }
    changed_();
}

void SourceWatch::refuse(const git::Revision& revision, std::vector<Error> problems) {
    {
        const std::lock_guard guard(mutex_);
        const bool is_said = is_known_ && !report_.problems.empty() &&
                             to_text(report_.problems.front()) == to_text(problems.front());
        if (is_said) return;
    }
    for (const Error& problem : problems) {
        log::error("refused a commit", {{log::key::revision, revision.id},
                                        {"where", problem.where},
                                        {log::key::error, problem.message},
                                        {log::key::hint, problem.hint}});
    }
    const auto written = journal_.add_event(
        {.kind = "commit-refused", .message = to_text(problems.front()), .revision = revision.id});
    if (!written)
        log::warn("could not write the journal", {{log::key::error, written.error().message}});
    {
        const std::lock_guard guard(mutex_);
        report_.problems = std::move(problems);
    }
    changed_();
}

}  // namespace matriarch::controller
