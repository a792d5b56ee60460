// What is offered while a push is under way, or too soon after one, waits; only the newest counts.
#include "controller/loop/drift_branch.hpp"

#include <algorithm>

#include "controller/base/log.hpp"
#include "controller/loop/report.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::controller {

Result<void> check_drift_branch(const std::string& branch, const std::string& watched) {
    const std::string hint =
        "Write --drift-branch matriarch/drift: a branch that nothing else writes to.";
    if (!branch.starts_with(our_branches)) {
        return fail(ErrorKind::invalid,
                    "cannot write reports to the branch '" + shown(branch, 60) +
                        "': its name does not begin with matriarch/",
                    hint);
    }
    if (branch != watched) return {};
    return fail(ErrorKind::invalid,
                "cannot write reports to the branch " + branch + ": the fleet is read from it",
                hint);
}

std::vector<git::WrittenFile> drift_files(const std::vector<std::string>& instances,
                                          const std::vector<RecordedDrift>& drifts) {
    std::vector<git::WrittenFile> files;
    for (const std::string& name : instances) {
        std::vector<RecordedDrift> own;
        std::copy_if(drifts.begin(), drifts.end(), std::back_inserter(own),
                     [&](const auto& drift) { return drift.instance == name; });
        files.push_back({.path = "reports/" + name + ".md", .content = drift_markdown(own)});
    }
    return files;
}

DriftBranch::DriftBranch(DriftBranchOptions options, std::function<void(const Error& error)> failed)
    : options_(std::move(options)), failed_(std::move(failed)) {
    if (is_wanted()) thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

DriftBranch::~DriftBranch() = default;

void DriftBranch::offer(std::vector<git::WrittenFile> files) {
    const std::lock_guard guard(mutex_);
    waiting_ = std::move(files);
    offered_.notify_all();
}

void DriftBranch::run(std::stop_token stop) {
    std::string told;
    while (!stop.stop_requested()) {
        git::Writing writing{.subject = "Drift as matriarch sees it"};
        {
            std::unique_lock lock(mutex_);
            if (!offered_.wait(lock, stop, [this] { return waiting_.has_value(); })) return;
            writing.files = std::move(*waiting_);
            waiting_.reset();
        }
        const auto commit = git::write_branch(options_.source, writing, options_.within, stop);
        if (stop.stop_requested()) return;
        if (!commit && commit.error().message != told) failed_(commit.error());
        told = commit ? "" : commit.error().message;
        if (commit && !commit->empty()) {
            log::info("pushed the drift reports", {{log::key::revision, *commit}});
        }
        std::unique_lock lock(mutex_);
        // What could not be pushed is tried again, unless there is something newer.
        if (!commit && !waiting_) waiting_ = std::move(writing.files);
        offered_.wait_for(lock, stop, options_.every, [] { return false; });
    }
}

}  // namespace matriarch::controller
