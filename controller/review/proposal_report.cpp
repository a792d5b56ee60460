// What `matriarch propose` prints.
#include <boost/json.hpp>

#include "controller/review/proposals.hpp"

namespace matriarch::controller {

namespace json = boost::json;
using Standing = Proposed::Standing;

namespace {

const char* word_of(Standing standing) {
    switch (standing) {
        case Standing::opened:
            return "opened";
        case Standing::open:
            return "open";
        case Standing::declined:
            break;
    }
    return "declined";
}

}  // namespace

std::string proposals_text(const ProposalReport& report) {
    std::string text;
    for (const Proposed& one : report.proposals) {
        const Proposal& proposal = one.proposal;
        text += proposal.instance + ": " + to_text(proposal.from) + " to " + to_text(proposal.to) +
                (proposal.is_security ? " (security)" : "") + ": " + word_of(one.standing) + ", " +
                branch_of(proposal) +
                (one.number > 0 ? ", #" + std::to_string(one.number) : std::string()) + "\n";
    }
    for (const std::string& branch : report.superseded) text += "superseded: " + branch + "\n";
    if (text.empty() && report.problems.empty()) text = "nothing newer to be taken\n";
    return text;
}

std::string proposals_json(const ProposalReport& report) {
    json::array proposals;
    for (const Proposed& one : report.proposals) {
        proposals.push_back(
            {{"instance", one.proposal.instance},
             {"from", to_text(one.proposal.from)},
             {"to", to_text(one.proposal.to)},
             {"security", one.proposal.is_security},
             {"branch", branch_of(one.proposal)},
             {"state", word_of(one.standing)},
             {"number", one.number > 0 ? json::value(one.number) : json::value(nullptr)}});
    }
    json::array superseded;
    for (const std::string& branch : report.superseded) superseded.emplace_back(branch);
    json::array problems;
    for (const Error& problem : report.problems) problems.emplace_back(problem.message);
    return json::serialize(json::object{{"proposals", std::move(proposals)},
                                        {"superseded", std::move(superseded)},
                                        {"problems", std::move(problems)}});
}

}  // namespace matriarch::controller
