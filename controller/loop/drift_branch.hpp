// DriftBranch: the drift reports as files on a branch of the fleet repository, so that drift has a
// history in git. On a thread of its own: a slow or refusing git server holds nothing up.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "controller/git/writer.hpp"
#include "controller/store/journal.hpp"

namespace matriarch::controller {

struct DriftBranchOptions {
    /// The fleet's repository, with our branch and a state folder of its own. Without a branch
    /// nothing is written.
    git::Source source{};
    /// At least this long between two pushes.
    std::chrono::milliseconds every{std::chrono::minutes(5)};
    /// How long one push may take.
    std::chrono::milliseconds within{std::chrono::minutes(1)};
};

/// Beginning of every branch that we write to: never one that a fleet is read from.
constexpr std::string_view our_branches = "matriarch/";

/// Errors: invalid (a name that is not ours, or the branch that is watched).
[[nodiscard]] Result<void> check_drift_branch(const std::string& branch,
                                              const std::string& watched);

/// reports/NAME.md of every instance named, from what was written down of them.
[[nodiscard]] std::vector<git::WrittenFile> drift_files(const std::vector<std::string>& instances,
                                                        const std::vector<RecordedDrift>& drifts);

class DriftBranch {
 public:
    /// `failed` is called from its thread with an error that was not the last one, too.
    DriftBranch(DriftBranchOptions options, std::function<void(const Error& error)> failed);
    ~DriftBranch();
    DriftBranch(const DriftBranch&) = delete;
    DriftBranch& operator=(const DriftBranch&) = delete;

    [[nodiscard]] bool is_wanted() const { return !options_.source.branch.empty(); }

    /// What the branch is to hold from now on.
    void offer(std::vector<git::WrittenFile> files);

 private:
    void run(std::stop_token stop);

    DriftBranchOptions options_;
    std::function<void(const Error& error)> failed_;
    std::mutex mutex_{};
    std::condition_variable_any offered_{};
    std::optional<std::vector<git::WrittenFile>> waiting_{};
    // Last: it uses all of the above.
    std::jthread thread_{};
};

}  // namespace matriarch::controller
