// Proposal: another release for one instance, as a branch and a pull request. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/git/writer.hpp"
#include "controller/loop/fleet.hpp"
#include "specs/newer.hpp"

namespace matriarch::controller {

struct Proposal {
    std::string instance{};
    /// From the top of the repository.
    std::string file{};
    specs::Version from{};
    specs::Version to{};
    bool is_security{false};
    friend bool operator==(const Proposal&, const Proposal&) = default;
};

/// "matriarch/propose/example-social-v4.7.5".
[[nodiscard]] std::string branch_of(const Proposal& proposal);

/// Whether a branch of proposals is none of these any more, for an instance that could be judged.
[[nodiscard]] bool is_superseded(const std::string& branch, const std::vector<Proposal>& proposals,
                                 const std::set<std::string>& not_judged);

/// Security releases first, then by name. `path` is the watched folder inside the repository.
[[nodiscard]] std::vector<Proposal> proposals_for(const specs::Instance& instance,
                                                  const std::string& file,
                                                  const specs::Available& available);
void sort_proposals(std::vector<Proposal>& proposals);

[[nodiscard]] git::Writing writing_of(const Proposal& proposal, const std::string& base);
[[nodiscard]] std::string title_of(const Proposal& proposal);
/// What a reviewer reads before the plan.
[[nodiscard]] std::string body_of(const Proposal& proposal);
/// The same once it is closed.
[[nodiscard]] std::string superseded_text(const std::string& branch,
                                          const std::vector<Proposal>& proposals);

}  // namespace matriarch::controller
