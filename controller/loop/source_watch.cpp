// The life of a commit: seen, read in the child, judged whole, and then in force or reported on.
#include "controller/loop/source_watch.hpp"

#include "controller/base/log.hpp"
#include "controller/loop/requirements.hpp"
#include "controller/loop/signature.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {

namespace {

WallTime wall_now() {
    return SystemClock().now();
}

Error rewritten(const git::Revision& revision) {
    return {.kind = ErrorKind::refused,
            .message = "commit " + revision.id +
                       " is not a descendant of the one in force: the branch was rewritten",
            .hint = "Push a descendant, or start matriarch run once with --allow-rewrite."};
}

}  // namespace

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
    if (!meets_requirements(revision, reading.fleet, stop)) return;
    if (const auto kept = git::accept(options_.source, revision.id, options_.within, stop); !kept) {
        log::warn("could not remember the commit", {{log::key::error, kept.error().message}});
    }
    for (const auto& [name, instance] : reading.fleet.instances) {
        const auto written = journal_.see_revision({.instance = name,
                                                    .revision = revision.id,
                                                    .author = revision.author,
                                                    .subject = revision.subject});
        if (!written)
            log::warn("could not write the journal", {{log::key::error, written.error().message}});
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
