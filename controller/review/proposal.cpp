// Names and words. A name says all that has to be known of a branch: nothing is written down here.
#include "controller/review/proposal.hpp"

#include <algorithm>

#include "specs/catalogue.hpp"

namespace matriarch::controller {

namespace {

struct Named {
    std::string instance{};
    specs::Version version{};
};

/// Nothing: it is not named as we name them.
std::optional<Named> parse_branch(const std::string& branch) {
    if (!branch.starts_with(git::proposal_branches)) return std::nullopt;
    const std::string rest = branch.substr(git::proposal_branches.size());
    const auto at = rest.rfind("-v");
    if (at == std::string::npos || at == 0) return std::nullopt;
    auto version = specs::parse_version(rest.substr(at + 1));
    if (!version || !version->is_plain()) return std::nullopt;
    return Named{.instance = rest.substr(0, at), .version = std::move(*version)};
}

std::string notes_url(const specs::Version& version) {
    return "https://github.com/mastodon/mastodon/releases/tag/" + to_text(version);
}

}  // namespace

std::string branch_of(const Proposal& proposal) {
    return std::string(git::proposal_branches) + proposal.instance + "-" + to_text(proposal.to);
}

bool is_superseded(const std::string& branch, const std::vector<Proposal>& proposals,
                   const std::set<std::string>& not_judged) {
    const auto named = parse_branch(branch);
    if (!named || not_judged.contains(named->instance)) return false;
    return std::none_of(proposals.begin(), proposals.end(),
                        [&](const Proposal& one) { return branch_of(one) == branch; });
}

std::vector<Proposal> proposals_for(const specs::Instance& instance, const std::string& file,
                                    const specs::Available& available) {
    std::vector<Proposal> proposals;
    for (const specs::NewerRelease& newer : specs::newer_releases(instance, available)) {
        proposals.push_back({.instance = instance.name,
                             .file = file,
                             .from = instance.mastodon,
                             .to = newer.version,
                             .is_security = newer.is_security});
    }
    return proposals;
}

void sort_proposals(std::vector<Proposal>& proposals) {
    std::stable_sort(proposals.begin(), proposals.end(), [](const auto& one, const auto& other) {
        return std::tuple(!one.is_security, one.instance) <
               std::tuple(!other.is_security, other.instance);
    });
}

git::Writing writing_of(const Proposal& proposal, const std::string& base) {
    return {.edits = {{.path = proposal.file,
                       .key = "mastodon",
                       .from = to_text(proposal.from),
                       .to = to_text(proposal.to)}},
            .base = base,
            .subject = title_of(proposal)};
}

std::string title_of(const Proposal& proposal) {
    return std::string(proposal.is_security ? "[security] " : "") + proposal.instance +
           ": Mastodon " + to_text(proposal.to);
}

std::string body_of(const Proposal& proposal) {
    std::string text = "`" + proposal.instance + "` runs " + to_text(proposal.from) + "; " +
                       to_text(proposal.to) + " is out";
    if (proposal.is_security) text += ", and closes security holes on the way there";
    text += ". The release notes: " + notes_url(proposal.to) + "\n";
    if (const std::string until = specs::catalogue::supported_until(proposal.from);
        !until.empty()) {
        text += "\nThe line of " + to_text(proposal.from) + " gets security fixes until " + until +
                ".\n";
    }
    return text +
           "\nMerging it is the upgrade. matriarch closes this once a newer release takes "
           "its place; who closes it by hand is not asked again.\n";
}

std::string superseded_text(const std::string& branch, const std::vector<Proposal>& proposals) {
    const auto named = parse_branch(branch);
    std::string now;
    for (const Proposal& one : proposals) {
        if (!named || one.instance != named->instance) continue;
        now += (now.empty() ? "" : " and ") + to_text(one.to);
    }
    if (now.empty()) return "Superseded: there is nothing newer to be taken any more.\n";
    return "Superseded: " + now + " is proposed now.\n";
}

}  // namespace matriarch::controller
