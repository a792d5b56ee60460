// Proposals: looks which releases are out, and opens a branch and a pull request for each that an
// instance could take. `matriarch propose` does it once, `run --propose-every` again and again.
//
// Everything is read off the repository and the forge: which branches there are, and which pull
// requests there ever were from them. A person's no (closed, or added to) is left as it is.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "controller/review/forge.hpp"
#include "controller/review/proposal.hpp"
#include "controller/store/releases.hpp"
#include "specs/policy.hpp"

namespace matriarch::controller {

struct ProposalOptions {
    /// The fleet's repository, its branch and folder, with a state folder of its own.
    git::Source source{};
    specs::Policy policy{};
    /// Where there is none, branches are all.
    std::optional<ForgeSettings> forge{};
    /// How long one look at git may take.
    std::chrono::milliseconds within{60'000};
};

/// What became of one.
struct Proposed {
    enum class Standing { opened, open, declined };
    Proposal proposal{};
    Standing standing{Standing::open};
    /// Of its pull request; 0: there is none.
    int number{0};
};

struct ProposalReport {
    std::vector<Proposed> proposals{};
    /// Branches whose pull requests were closed, or that were taken away.
    std::vector<std::string> superseded{};
    std::vector<Error> problems{};
};

class Proposer {
 public:
    Proposer(ProposalOptions options, const State& state);

    /// Errors: held (another process looks just now), unavailable, refused, invalid, stopped; what
    /// concerns one instance alone is among the report's problems.
    [[nodiscard]] Result<ProposalReport> look(const Fleet& fleet, std::stop_token stop);

 private:
    /// Where a proposal is, at the beginning of a look.
    struct Present {
        std::vector<git::BranchHead> branches{};
        std::vector<PullRequest> pulls{};

        [[nodiscard]] bool has_branch(const std::string& name) const;
        /// Its number; 0: none is open.
        [[nodiscard]] int open_pull(const std::string& branch) const;
    };
    [[nodiscard]] std::vector<Proposal> gather(const Fleet& fleet, ProposalReport& report,
                                               std::set<std::string>& not_judged,
                                               std::stop_token stop);
    [[nodiscard]] Result<specs::Available> available_to(const specs::Instance& instance,
                                                        ProposalReport& report,
                                                        std::stop_token stop);
    [[nodiscard]] Result<Proposed> propose(const Proposal& proposal, const Present& present,
                                           std::stop_token stop);
    [[nodiscard]] Result<bool> withdraw(const std::string& branch, const Present& present,
                                        const std::vector<Proposal>& proposals,
                                        std::stop_token stop);
    [[nodiscard]] git::Source on(const std::string& branch) const;

    ProposalOptions options_;
    const State& state_;
    std::optional<Forge> forge_{};
    SeenReleases seen_{};
    std::map<specs::Version, specs::Available> checked_{};
};

/// The same on a thread of its own, for the fleet in force.
class ProposalWatch {
 public:
    using Base = std::function<std::shared_ptr<const Fleet>()>;

    ProposalWatch(Proposer proposer, std::chrono::milliseconds every, Base base);
    ~ProposalWatch();
    ProposalWatch(const ProposalWatch&) = delete;
    ProposalWatch& operator=(const ProposalWatch&) = delete;

 private:
    void run(std::stop_token stop);

    Proposer proposer_;
    std::chrono::milliseconds every_;
    Base base_;
    std::mutex mutex_{};
    std::condition_variable_any pause_{};
    // Last: it uses all of the above.
    std::jthread thread_{};
};

/// A line for each, for people; the same for scripts: {"proposals": [...], "superseded": [...]}.
[[nodiscard]] std::string proposals_text(const ProposalReport& report);
[[nodiscard]] std::string proposals_json(const ProposalReport& report);

}  // namespace matriarch::controller
