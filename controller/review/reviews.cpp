// Git says which heads are new, the forge which of them are open. Each is planned by itself; what
// could not be said is tried again at the next look.
#include "controller/review/reviews.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include "controller/base/files.hpp"
#include "controller/base/log.hpp"
#include "controller/review/as_reviewed.hpp"
#include "controller/review/outcome.hpp"

namespace matriarch::controller {

namespace {

constexpr std::chrono::milliseconds soon{1000};
/// How often it is asked whether one has ended.
constexpr std::chrono::milliseconds rehearsals_every{5000};
/// After so long there is another look, at whatever is newest by then: thousands may be waiting.
constexpr std::chrono::seconds look_at_most{5};
/// What fails for one pull request (that is locked, say) does not for the others; what fails for
/// several does for all.
constexpr int failures_max = 3;
constexpr std::size_t file_bytes_max = 16 * std::size_t{1024} * 1024;

/// Those of a review's instances that are not yet as the commit in force wants them.
std::set<std::string> unsettled_in(const Review& review,
                                   const std::vector<RecordedRevision>& rows) {
    std::set<std::string> found;
    for (const InstanceReview& one : review.instances) {
        if (is_unsettled(review.base, one.name, rows)) found.insert(one.name);
    }
    return found;
}

}  // namespace

std::string print_said(const std::map<int, Said>& said) {
    std::string text;
    for (const auto& [number, one] : said) {
        text += std::to_string(number) + " " + one.head + " " + one.base + " " + one.comment;
        if (one.is_waiting) text += " waiting";
        if (!one.is_waiting && one.is_early) text += " early";
        text += "\n";
    }
    return text;
}

std::map<int, Said> parse_said(const std::string& text) {
    std::map<int, Said> said;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        int number = 0;
        Said one;
        if (!(words >> number >> one.head >> one.base) || number <= 0) continue;
        std::string state;
        words >> one.comment >> state;
        one.is_waiting = state == "waiting";
        one.is_early = state == "early";
        said[number] = std::move(one);
    }
    return said;
}

Reviews::Reviews(ReviewOptions options, Forge forge, Sources sources)
    : options_(std::move(options)),
      forge_(std::move(forge)),
      sources_(std::move(sources)),
      thread_([this](std::stop_token stop) { run(stop); }) {}

Reviews::~Reviews() = default;

void Reviews::nudge() {
    const std::lock_guard guard(mutex_);
    is_nudged_ = true;
    nudged_.notify_all();
}

void Reviews::run(std::stop_token stop) {
    if (const auto text = read_file(options_.file, file_bytes_max); text && *text) {
        said_ = parse_said(**text);
    }
    std::string told;
    while (!stop.stop_requested()) {
        const auto looked = look(stop);
        if (stop.stop_requested()) return;
        if (!looked && looked.error().message != told) {
            log::warn("could not review pull requests", {{log::key::error, looked.error().message},
                                                         {log::key::hint, looked.error().hint}});
        }
        told = looked ? "" : looked.error().message;
        // At the beginning the fleet is not read yet.
        const bool is_waiting = std::any_of(said_.begin(), said_.end(),
                                            [](const auto& one) { return one.second.is_waiting; });
        auto pause = options_.poll;
        if (!sources_.base()) pause = std::min(pause, soon);
        if (is_waiting) pause = std::min(pause, rehearsals_every);
        if (is_cut_) continue;
        std::unique_lock lock(mutex_);
        nudged_.wait_for(lock, stop, pause, [this] { return is_nudged_; });
        is_nudged_ = false;
    }
}

Result<std::map<int, std::string>> Reviews::open_of(const std::vector<git::PullHead>& pulls,
                                                    const std::string& base, std::stop_token stop) {
    // A list of thousands is a hundred calls: not one at each look of a series.
    if (open_ && open_->pulls == pulls && open_->base == base) return open_->from;
    Open open{.pulls = pulls, .base = base};
    for (PullRequest& one : TRY(forge_.open_pulls(options_.branch, std::move(stop)))) {
        open.from.emplace(one.number, std::move(one.from));
    }
    open_ = std::move(open);
    return open_->from;
}

Result<void> Reviews::look(std::stop_token stop) {
    if (!std::exchange(is_cut_, false)) open_.reset();
    // Whatever comes of telling, pull requests are looked at.
    auto looked = tell_refusal(stop);
    const auto base = sources_.base();
    if (!base) return looked;
    if (const auto told = tell_outcome(base->revision, stop); !told) looked = told;
    const auto pulls = TRY(git::list_pulls(options_.source, options_.within, stop));
    const auto is_new = [&](const git::PullHead& pull) {
        const auto known = said_.find(pull.number);
        return known == said_.end() || known->second.head != pull.commit ||
               known->second.base != base->revision || has_news(pull.number, known->second);
    };
    if (std::none_of(pulls.begin(), pulls.end(), is_new)) return looked;
    const auto open = TRY(open_of(pulls, base->revision, stop));
    const auto until = std::chrono::steady_clock::now() + look_at_most;
    int failures = 0;
    for (const git::PullHead& pull : pulls) {
        if (stop.stop_requested() || failures >= failures_max) break;
        if (!is_new(pull)) continue;
        const auto found = open.find(pull.number);
        if (found == open.end()) {
            // Kept in memory alone: it is cheap to find out again.
            said_[pull.number] = {pull.commit, base->revision, said_[pull.number].comment};
            continue;
        }
        if (std::chrono::steady_clock::now() > until) {
            is_cut_ = true;
            break;
        }
        auto reviewed = review(pull, found->second, *base, stop);
        if (reviewed) continue;
        const bool is_of_this_one = reviewed.error().kind == ErrorKind::invalid ||
                                    reviewed.error().kind == ErrorKind::refused;
        looked = fail(reviewed.error());
        failures = is_of_this_one ? failures + 1 : failures_max;
    }
    return looked;
}

Result<void> Reviews::review(const git::PullHead& pull, const std::string& from, const Fleet& base,
                             std::stop_token stop) {
    const auto began = std::chrono::steady_clock::now();
    TRY(forge_.put_status({.commit = pull.commit,
                           .context = "matriarch",
                           .verdict = Verdict::pending,
                           .description = "planning against the live server",
                           .from = from},
                          stop));
    git::Source source = options_.source;
    source.branch = pull.ref;
    source.previous_commit = base.revision;
    const auto revision = git::read_revision(source, options_.within, stop);
    const auto rows = sources_.outcomes();  // as they are before it is planned
    Redactor redactor;
    Review review{.head = pull.commit, .base = base.revision};
    if (revision) {
        review = judge(*revision,
                       {.base = base,
                        .policy = options_.policy,
                        .planner = sources_.planner,
                        .rehearse = sources_.rehearse,
                        .redactor = redactor},
                       stop);
    } else if (revision.error().kind == ErrorKind::invalid) {
        review.problems = {revision.error()};  // what is in it cannot be read
    } else {
        return fail(revision.error());
    }
    // An Engine that does not answer now says nothing of the pull request: it is planned later.
    for (const InstanceReview& one : review.instances) {
        if (one.error && one.error->kind == ErrorKind::unavailable) return fail(*one.error);
    }
    const std::string comment = TRY(forge_.put_comment(
        pull.number, said_[pull.number].comment, redactor.redact(comment_text(review)), stop));
    TRY(sources_.keep(pull.number, plans_shown(pull.number, review)));
    for (CommitStatus& status : statuses_of(review)) {
        status.description = redactor.redact(status.description);
        status.from = from;
        TRY(forge_.put_status(status, stop));
    }
    waiting_[pull.number].clear();
    for (const InstanceReview& one : review.instances) {
        if (one.is_rehearsing) waiting_[pull.number].emplace_back(one.name, one.plan->to);
    }
    unsettled_[pull.number] = unsettled_in(review, rows);
    remember(pull.number, {.head = review.head,
                           .base = review.base,
                           .comment = comment,
                           .is_waiting = !waiting_[pull.number].empty(),
                           .is_early = !unsettled_[pull.number].empty()});
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    log::info(
        "reviewed a pull request",
        {{"number", pull.number}, {log::key::revision, review.head}, {"took_ms", took.count()}});
    return {};
}

/// A restart may tell it once more, which changes nothing.
Result<void> Reviews::tell(const CommitStatus& status, std::stop_token stop) {
    const std::string telling =
        std::to_string(static_cast<int>(status.verdict)) + " " + status.description;
    if (const auto told = told_.find(status.commit); told != told_.end()) {
        if (told->second == telling) return {};
    }
    TRY(forge_.put_status(status, std::move(stop)));
    // Of the commit in force and of the newest one: others are not told of again.
    if (told_.size() > 2) told_.clear();
    told_[status.commit] = telling;
    return {};
}

Result<void> Reviews::tell_outcome(const std::string& commit, std::stop_token stop) {
    const auto status = outcome_of(commit, sources_.outcomes(), sources_.otherwise(commit));
    return status ? tell(*status, std::move(stop)) : Result<void>{};
}

Result<void> Reviews::tell_refusal(std::stop_token stop) {
    const SourceReport source = sources_.source();
    if (source.problems.empty()) return {};
    return tell(refused_status(source.seen, source.problems.front()), std::move(stop));
}

bool Reviews::has_news(int number, const Said& said) const {
    if (said.is_early) {
        const auto names = unsettled_.find(number);
        if (names == unsettled_.end()) return true;  // of an earlier run
        const auto rows = sources_.outcomes();
        const auto is_settled = [&](const std::string& name) {
            return !is_unsettled(said.base, name, rows);
        };
        if (std::all_of(names->second.begin(), names->second.end(), is_settled)) return true;
    }
    if (!said.is_waiting) return false;
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return true;  // of an earlier run
    return std::any_of(found->second.begin(), found->second.end(), [this](const auto& one) {
        const auto answer = sources_.rehearse(one.first, one.second);
        return answer && answer->rehearsal;
    });
}

void Reviews::remember(int number, Said said) {
    said_[number] = std::move(said);
    std::map<int, Said> ours;
    std::copy_if(said_.begin(), said_.end(), std::inserter(ours, ours.end()),
                 [](const auto& one) { return !one.second.comment.empty(); });
    const auto kept = write_file(options_.file, print_said(ours));
    if (!kept) log::warn("could not write", {{log::key::error, kept.error().message}});
}

}  // namespace matriarch::controller
