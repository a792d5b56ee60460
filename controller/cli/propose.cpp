// propose: which releases are out, and a branch or pull request for each that could be taken.
#include "controller/base/files.hpp"
#include "controller/cli/commands.hpp"
#include "controller/cli/proposing.hpp"

namespace matriarch::controller {

namespace {

constexpr std::chrono::seconds git_within{60};

Result<ProposalReport> propose(const CommonOptions& common, const ProposeOptions& options,
                               std::stop_token stop) {
    const State state = TRY(state_of(common));
    TRY(make_folder(state.root()));
    const specs::Policy policy = TRY(load_policy(common.policy_file));
    ProposalOptions proposals = TRY(proposal_options(options.source, policy, options.forge_file));
    git::Source source = options.source;
    source.state_folder = (state.root() / "proposals.git").string();
    const auto revision = TRY(git::read_revision(source, git_within, stop));
    const FleetReading reading = read_fleet(revision);
    if (!reading.problems.empty()) return fail(reading.problems.front());
    return Proposer(std::move(proposals), state).look(reading.fleet, stop);
}

}  // namespace

Result<std::optional<ForgeSettings>> load_forge(const std::string& option) {
    const auto tree = TRY(load_host_file(option, "/etc/matriarch/forge.yaml"));
    if (!tree) return std::optional<ForgeSettings>();
    return std::optional<ForgeSettings>(TRY(parse_forge(*tree)));
}

Result<ProposalOptions> proposal_options(const git::Source& source, const specs::Policy& policy,
                                         const std::string& forge_file) {
    if (source.branch.empty()) {
        return fail(ErrorKind::invalid, "cannot propose releases: the branch is not named",
                    "Add --branch: proposals are made for it.");
    }
    return ProposalOptions{
        .source = source, .policy = policy, .forge = TRY(load_forge(forge_file))};
}

int propose_command(const CommonOptions& common, const ProposeOptions& options,
                    std::stop_token stop) {
    const auto report = propose(common, options, std::move(stop));
    if (!report) return failed_with(report.error());
    print(common.output == OutputForm::json ? proposals_json(*report) : proposals_text(*report));
    for (const Error& problem : report->problems) complain(problem);
    return report->problems.empty() ? 0 : exit_code(report->problems.front().kind);
}

}  // namespace matriarch::controller
