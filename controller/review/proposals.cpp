// Each proposal by itself: what cannot be opened or closed now is tried at the next look.
#include "controller/review/proposals.hpp"

#include <algorithm>

#include "controller/base/lock.hpp"
#include "controller/base/log.hpp"
#include "controller/review/registry.hpp"
#include "controller/review/update_check.hpp"
#include "specs/specs.hpp"

namespace matriarch::controller {

using Standing = Proposed::Standing;

namespace {

/// Until the first commit is in force.
constexpr std::chrono::milliseconds soon{1000};

std::string file_in(const git::Source& source, const std::string& file) {
    std::string folder = source.path;
    while (folder.ends_with('/')) folder.pop_back();
    return folder.empty() ? file : folder + "/" + file;
}

void log_report(const ProposalReport& report) {
    for (const Proposed& one : report.proposals) {
        if (one.standing != Standing::opened) continue;
        log::info("proposed a release", {{log::key::instance, one.proposal.instance},
                                         {"mastodon", to_text(one.proposal.to)},
                                         {"security", one.proposal.is_security},
                                         {"number", one.number}});
    }
    for (const std::string& branch : report.superseded) {
        log::info("withdrew a proposal", {{"branch", branch}});
    }
}

}  // namespace

bool Proposer::Present::has_branch(const std::string& name) const {
    return std::any_of(branches.begin(), branches.end(),
                       [&](const auto& branch) { return branch.name == name; });
}

int Proposer::Present::open_pull(const std::string& branch) const {
    const auto found = std::find_if(pulls.begin(), pulls.end(), [&](const PullRequest& pull) {
        return pull.is_from_here && pull.from == branch;
    });
    return found == pulls.end() ? 0 : found->number;
}

Proposer::Proposer(ProposalOptions options, const State& state)
    : options_(std::move(options)), state_(state) {
    options_.source.state_folder = (state.root() / "proposals.git").string();
    if (options_.forge) forge_.emplace(*options_.forge, "");
}

git::Source Proposer::on(const std::string& branch) const {
    git::Source source = options_.source;
    source.branch = branch;
    return source;
}

Result<specs::Available> Proposer::available_to(const specs::Instance& instance,
                                                ProposalReport& report, std::stop_token stop) {
    const specs::ImageRef image = specs::resolved_images(instance).mastodon;
    const std::string name = repository_text(image);
    if (!instance.images.mastodon.tag.empty() || !instance.images.mastodon.digest.empty()) {
        return fail(ErrorKind::invalid, "cannot propose a release for " + instance.name +
                                            ": images.mastodon names a tag or a digest of its own");
    }
    if (!specs::allows_image(options_.policy, image)) {
        return fail(ErrorKind::refused, "this host does not allow images from " + name);
    }
    if (!seen_.contains(name)) {
        specs::Available found;
        for (const specs::Version& one : TRY(releases_of(image, stop))) found.emplace(one, false);
        seen_[name] = std::move(found);
    }
    specs::Available available = seen_[name];
    if (options_.policy.update_check.empty()) return available;
    if (!checked_.contains(instance.mastodon)) {
        auto checked =
            ask_update_check(options_.policy.update_check, instance.mastodon, std::move(stop));
        // The tags are known all the same.
        if (!checked) report.problems.push_back(checked.error());
        checked_[instance.mastodon] = checked ? std::move(*checked) : specs::Available{};
    }
    // Only what there is an image of can be taken.
    for (const auto& [version, is_urgent] : checked_[instance.mastodon]) {
        const auto here = available.find(version);
        if (here != available.end()) here->second = here->second || is_urgent;
    }
    for (const auto& [version, is_urgent] : available) {
        if (is_urgent) seen_[name][version] = true;
    }
    return available;
}

std::vector<Proposal> Proposer::gather(const Fleet& fleet, ProposalReport& report,
                                       std::set<std::string>& not_judged, std::stop_token stop) {
    seen_.clear();
    checked_.clear();
    std::vector<Proposal> proposals;
    for (const auto& [name, instance] : fleet.instances) {
        const auto available = available_to(instance, report, stop);
        if (!available) {
            report.problems.push_back(available.error());
            not_judged.insert(name);
            continue;
        }
        const auto file = file_in(options_.source, fleet.file_of.at(name));
        for (Proposal& one : proposals_for(instance, file, *available)) {
            proposals.push_back(std::move(one));
        }
    }
    sort_proposals(proposals);
    return proposals;
}

Result<Proposed> Proposer::propose(const Proposal& proposal, const Present& present,
                                   std::stop_token stop) {
    const std::string branch = branch_of(proposal);
    const std::string& base = options_.source.branch;
    Proposed done{.proposal = proposal, .number = present.open_pull(branch)};
    const bool is_asked = done.number > 0;
    if (forge_ && !is_asked && TRY(forge_->has_pull_from(base, branch, stop))) {
        done.standing = Standing::declined;
        return done;
    }
    TRY(git::write_branch(on(branch), writing_of(proposal, base), options_.within, stop));
    if (is_asked || (!forge_ && present.has_branch(branch))) return done;
    if (forge_) {
        done.number = TRY(forge_->open_pull(
            {.from = branch, .base = base, .title = title_of(proposal), .body = body_of(proposal)},
            stop));
    }
    done.standing = Standing::opened;
    return done;
}

/// The branch first: where somebody has added to it, both stay.
Result<bool> Proposer::withdraw(const std::string& branch, const Present& present,
                                const std::vector<Proposal>& proposals, std::stop_token stop) {
    const bool is_there = present.has_branch(branch);
    if (is_there && !TRY(git::remove_proposal(on(branch), options_.within, stop))) return false;
    if (const int number = present.open_pull(branch); forge_ && number > 0) {
        TRY(forge_->close_pull(number, superseded_text(branch, proposals), stop));
    }
    return true;
}

Result<ProposalReport> Proposer::look(const Fleet& fleet, std::stop_token stop) {
    const Lock lock = TRY(Lock::take(state_.root() / "proposals.lock", "proposals"));
    ProposalReport report;
    std::set<std::string> not_judged;
    const auto proposals = gather(fleet, report, not_judged, stop);
    if (const auto kept = keep_releases(state_, seen_); !kept) {
        report.problems.push_back(kept.error());
    }
    Present present{.branches = TRY(git::list_proposals(options_.source, options_.within, stop))};
    if (forge_) present.pulls = TRY(forge_->open_pulls(options_.source.branch, stop));
    for (const Proposal& proposal : proposals) {
        auto done = propose(proposal, present, stop);
        if (stop.stop_requested()) return fail(ErrorKind::stopped, "stopping");
        if (done) report.proposals.push_back(std::move(*done));
        if (!done) report.problems.push_back(done.error());
    }
    std::set<std::string> old;
    for (const auto& branch : present.branches) old.insert(branch.name);
    for (const auto& pull : present.pulls) {
        if (pull.is_from_here) old.insert(pull.from);
    }
    for (const std::string& branch : old) {
        if (!is_superseded(branch, proposals, not_judged)) continue;
        const auto gone = withdraw(branch, present, proposals, stop);
        if (!gone) report.problems.push_back(gone.error());
        if (gone && *gone) report.superseded.push_back(branch);
    }
    return report;
}

ProposalWatch::ProposalWatch(Proposer proposer, std::chrono::milliseconds every, Base base)
    : proposer_(std::move(proposer)),
      every_(every),
      base_(std::move(base)),
      thread_([this](std::stop_token stop) { run(stop); }) {}

ProposalWatch::~ProposalWatch() = default;

void ProposalWatch::run(std::stop_token stop) {
    std::string told;
    while (!stop.stop_requested()) {
        const auto fleet = base_();
        if (fleet) {
            const auto report = proposer_.look(*fleet, stop);
            if (stop.stop_requested()) return;
            if (report) log_report(*report);
            std::string wrong = report ? "" : report.error().message;
            if (report && !report->problems.empty()) wrong = report->problems.front().message;
            if (!wrong.empty() && wrong != told) {
                log::warn("could not propose releases", {{log::key::error, wrong}});
            }
            told = wrong;
        }
        std::unique_lock lock(mutex_);
        pause_.wait_for(lock, stop, fleet ? every_ : std::min(every_, soon), [] { return false; });
    }
}

}  // namespace matriarch::controller
