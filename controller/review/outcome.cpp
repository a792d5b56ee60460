// The worst of all instances is what the commit is judged by.
#include "controller/review/outcome.hpp"

#include <algorithm>

namespace matriarch::controller {

namespace {

constexpr const char* outcome_context = "matriarch/applied";

std::string in_seconds(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

std::optional<CommitStatus> outcome_of(const std::string& commit,
                                       const std::vector<RecordedRevision>& instances,
                                       const std::string& otherwise) {
    CommitStatus status{.commit = commit, .context = outcome_context};
    std::chrono::milliseconds longest{};
    std::size_t all = 0;
    std::size_t done = 0;
    for (const RecordedRevision& one : instances) {
        if (one.revision != commit) continue;
        ++all;
        if (one.outcome == RevisionOutcome::settled && one.settled) {
            ++done;
            longest = std::max(longest, *one.settled - one.seen);
        } else if (one.outcome != RevisionOutcome::seen) {
            status.verdict = Verdict::failure;
            status.description =
                one.instance +
                (one.outcome == RevisionOutcome::failed ? " failed: " : " is held: ") + one.message;
        }
    }
    if (all == 0) return std::nullopt;
    if (status.verdict == Verdict::failure) return status;
    const std::string of_all = std::to_string(all) + (all == 1 ? " instance" : " instances");
    if (done < all) {
        status.description = std::to_string(done) + " of " + of_all + " done" +
                             (otherwise.empty() ? "" : ", otherwise than reviewed: " + otherwise);
        return status;
    }
    status.verdict = Verdict::success;
    status.description = "applied to " + of_all + ", " + in_seconds(longest) + " after the push" +
                         (otherwise.empty() ? "" : ", otherwise than reviewed: " + otherwise);
    return status;
}

bool is_unsettled(const std::string& commit, const std::string& instance,
                  const std::vector<RecordedRevision>& instances) {
    return std::any_of(instances.begin(), instances.end(), [&](const RecordedRevision& one) {
        return one.revision == commit && one.instance == instance &&
               one.outcome != RevisionOutcome::settled;
    });
}

CommitStatus refused_status(const std::string& commit, const Error& problem) {
    return {.commit = commit,
            .context = outcome_context,
            .verdict = Verdict::failure,
            .description = "held: " + problem.message};
}

}  // namespace matriarch::controller
