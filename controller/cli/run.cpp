// run: the controller with its HTTP server, until it is asked to stop.
#include "controller/base/files.hpp"
#include "controller/base/lock.hpp"
#include "controller/base/log.hpp"
#include "controller/cli/commands.hpp"
#include "controller/cli/proposing.hpp"
#include "controller/http/server.hpp"
#include "controller/http/token.hpp"
#include "controller/review/approvals.hpp"
#include "controller/review/as_reviewed.hpp"
#include "controller/review/reviews.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {

namespace {

Result<std::unique_ptr<Server>> serve(const RunOptions& options, const State& state,
                                      Controller& controller, Reviews* reviews) {
    if (options.listen.empty()) return std::unique_ptr<Server>();
    const auto colon = options.listen.rfind(':');
    int port = -1;
    if (colon != std::string::npos) {
        const std::string digits = options.listen.substr(colon + 1);
        const bool is_number = !digits.empty() && digits.size() <= 5 &&
                               digits.find_first_not_of("0123456789") == std::string::npos;
        if (is_number) port = std::stoi(digits);
    }
    if (port < 0 || port > 65535) {
        return fail(ErrorKind::invalid, "cannot listen on " + options.listen,
                    "Write --listen 127.0.0.1:8080.");
    }
    ServerOptions server{
        .address = options.listen.substr(0, colon), .port = port, .host_names = options.host_names};
    server.token = TRY(load_or_make_token(state.token()));
    if (!options.webhook_secret_file.empty()) {
        server.webhook_secret = TRY(read_secret_line(options.webhook_secret_file));
    }
    return Server::start(std::move(server), controller.pages(), [&controller, reviews] {
        controller.nudge();
        if (reviews != nullptr) reviews->nudge();
    });
}

Result<std::vector<NoticeTarget>> load_targets(const std::string& option) {
    const auto tree = TRY(load_host_file(option, "/etc/matriarch/notify.yaml"));
    return tree ? parse_targets(*tree) : std::vector<NoticeTarget>{};
}

/// What reviews need beside the controller; each thread has one of its own.
struct ReviewGround {
    const State& state;
    const std::string& age_key;
    specs::Policy policy{};
    std::unique_ptr<Engine> engine{};
    Journal& journal;
};

/// Plans by the ground's own connection.
Planner planner_on(const ReviewGround& on) {
    return [&on](const Fleet& fleet, const auto& instances, std::stop_token stop) {
        return plan_instances(
            {.state = on.state, .age_key = on.age_key, .policy = on.policy, .engine = *on.engine},
            fleet, instances, std::move(stop));
    };
}

/// Who is asked whether people have approved of a commit.
Result<void> ask_for_approvals(const std::optional<ForgeSettings>& forge, WatchOptions& watch) {
    const specs::ReviewRule rule = watch.policy.reviews;
    if (rule.approvals == 0) return {};
    if (!forge) {
        if (!watch.policy.signers.empty()) {
            watch.reviewed = [rule](const git::Revision& revision, const std::stop_token&) {
                return approved_in_message(rule, revision);
            };
            return {};
        }
        return fail(ErrorKind::invalid,
                    "cannot ask for reviews: there is no forge, and anybody can write a line "
                    "Reviewed-by",
                    "Name the forge in /etc/matriarch/forge.yaml, or signers in the policy: then "
                    "who signed stands behind these lines.");
    }
    const std::string marker = "";  // it writes nothing
    watch.reviewed = [rule, branch = watch.source.branch,
                      asked = std::make_shared<Forge>(*forge, marker)](
                         const git::Revision& revision, std::stop_token stop) {
        return approved_at_forge(rule, *asked, revision, branch, std::move(stop));
    };
    return {};
}

/// What a commit would do is compared with what was reviewed of it, on the thread that reads git.
Result<void> compare_with_reviews(const std::optional<ForgeSettings>& forge, const ReviewGround& on,
                                  WatchOptions& watch) {
    if (!forge && on.policy.as_reviewed) {
        return fail(ErrorKind::invalid,
                    "cannot hold commits to what was reviewed: there is no forge to review them at",
                    "Name the forge in /etc/matriarch/forge.yaml, or take as_reviewed out of the "
                    "policy.");
    }
    if (!forge) return {};
    const std::string marker = "";  // it writes nothing
    const AsReviewed by{
        .planner = planner_on(on),
        .shown = [&on](const std::string& instance,
                       const std::string& digest) { return on.journal.reviewed(instance, digest); },
        .merged =
            [branch = watch.source.branch, asked = std::make_shared<Forge>(*forge, marker)](
                const git::Revision& revision, std::stop_token stop) {
                return merged_heads(*asked, revision, branch, std::move(stop));
            },
        .is_required = on.policy.as_reviewed};
    watch.departures = [by](const git::Revision& revision, const Fleets& fleets,
                            std::stop_token stop) {
        return departures(by, revision, fleets, std::move(stop));
    };
    return {};
}

Result<std::unique_ptr<Reviews>> review(const RunOptions& options,
                                        const std::optional<ForgeSettings>& settings,
                                        const ReviewGround& on, const Controller& controller) {
    if (!settings) return std::unique_ptr<Reviews>();
    ForgeSettings forge = *settings;
    const WatchOptions& watch = options.controller.watch;
    ReviewOptions reviews{
        .source = watch.source,
        .branch = watch.source.branch,
        .poll = watch.poll,
        .within = watch.within,
        .file = on.state.root() / ("reviews-" + short_digest(sha256(forge.url + forge.repository))),
        .policy = on.policy};
    reviews.source.state_folder = (on.state.root() / "reviews.git").string();
    const std::string marker =
        "<!-- matriarch plan " + options.controller.self.id.substr(0, 12) + " -->";
    return std::make_unique<Reviews>(
        std::move(reviews), Forge(std::move(forge), marker),
        Reviews::Sources{.base = [&controller] { return controller.fleet(); },
                         .source = [&controller] { return controller.source(); },
                         .planner = planner_on(on),
                         .rehearse =
                             [&on](const std::string& instance, const specs::Version& version) {
                                 return ask_for_rehearsal(on.state, on.journal, instance, version,
                                                          SystemClock().now());
                             },
                         .outcomes =
                             [&on] {
                                 constexpr int rows_max = 10'000;
                                 auto rows = on.journal.revisions({.rows_max = rows_max});
                                 return rows ? std::move(*rows) : std::vector<RecordedRevision>{};
                             },
                         .otherwise =
                             [&on](const std::string& commit) {
                                 const auto text = on.journal.fact(departures_fact(commit));
                                 return text ? text->value_or("") : "";
                             },
                         .keep =
                             [&on](int number, const std::vector<ReviewedPlan>& plans) {
                                 return on.journal.keep_reviewed(number, plans);
                             }});
}

Result<std::unique_ptr<ProposalWatch>> propose(const RunOptions& options, const State& state,
                                               const Controller& controller) {
    if (options.propose_every.count() == 0) return std::unique_ptr<ProposalWatch>();
    ProposalOptions proposals = TRY(proposal_options(
        options.controller.watch.source, options.controller.policy, options.forge_file));
    proposals.within = options.controller.watch.within;
    return std::make_unique<ProposalWatch>(Proposer(std::move(proposals), state),
                                           options.propose_every,
                                           [&controller] { return controller.fleet(); });
}

Result<void> run(const CommonOptions& common, RunOptions options, std::stop_token stop) {
    const State state = TRY(state_of(common));
    TRY(make_folder(state.root()));
    const Lock lock = TRY(Lock::take(state.lock(), "state folder " + state.root().string()));
    const SystemClock clock;
    const auto engine = TRY(connect_engine(stop));
    Ballast(state).tend();  // a full disk takes no journal
    const auto journal = TRY(Journal::open(state.journal(), clock));
    options.controller.watch.source.state_folder = (state.root() / "fleet.git").string();
    DriftBranchOptions& drift = options.controller.drift_branch;
    if (const std::string branch = drift.source.branch; !branch.empty()) {
        TRY(check_drift_branch(branch, options.controller.watch.source.branch));
        drift.source = options.controller.watch.source;
        drift.source.branch = branch;
        drift.source.path.clear();
        drift.source.state_folder = (state.root() / "drift.git").string();
    }
    options.controller.self = TRY(self_of(state));
    options.controller.policy = TRY(load_policy(common.policy_file));
    options.controller.watch.policy = options.controller.policy;
    const auto forge = TRY(load_forge(options.forge_file));
    if (forge && options.controller.watch.source.branch.empty()) {
        return fail(ErrorKind::invalid, "cannot review pull requests: the branch is not named",
                    "Add --branch: pull requests against it are reviewed.");
    }
    TRY(ask_for_approvals(forge, options.controller.watch));
    const auto ground = [&]() -> Result<ReviewGround> {
        return ReviewGround{.state = state,
                            .age_key = options.controller.age_key,
                            .policy = options.controller.policy,
                            .engine = forge ? TRY(connect_engine(stop)) : nullptr,
                            .journal = *journal};
    };
    const ReviewGround of_watch = TRY(ground());
    TRY(compare_with_reviews(forge, of_watch, options.controller.watch));
    options.controller.notice_targets = TRY(load_targets(options.notify_file));
    Controller controller(*engine, state, *journal, options.controller);
    const ReviewGround of_reviews = TRY(ground());
    const auto reviews = TRY(review(options, forge, of_reviews, controller));
    const auto proposals = TRY(propose(options, state, controller));
    const auto server = TRY(serve(options, state, controller, reviews.get()));
    if (server) log::info("listening", {{"port", server->port()}});
    controller.run(stop);
    return {};
}

}  // namespace

int run_command(const CommonOptions& common, const RunOptions& options, std::stop_token stop) {
    const auto ran = run(common, options, stop);
    if (!ran && ran.error().kind != ErrorKind::stopped) return failed_with(ran.error());
    return 0;
}

}  // namespace matriarch::controller
