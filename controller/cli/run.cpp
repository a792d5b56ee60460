// run: the controller with its HTTP server, until it is asked to stop.
#include "controller/base/files.hpp"
#include "controller/base/lock.hpp"
#include "controller/base/log.hpp"
#include "controller/cli/commands.hpp"
#include "controller/http/server.hpp"
#include "controller/http/token.hpp"
#include "specs/yaml.hpp"

namespace matriarch::controller {

namespace {

/// A secret as people put it into files: with a line end behind it.
Result<Secret> secret_in(const std::string& path) {
    std::string text = TRY(read_secret_file(path, 4096)).reveal();
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty()) return fail(ErrorKind::invalid, "cannot use " + path + ": it is empty");
    return Secret(std::move(text));
}

Result<std::unique_ptr<Server>> serve(const RunOptions& options, const State& state,
                                      Controller& controller) {
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
        server.webhook_secret = TRY(secret_in(options.webhook_secret_file));
    }
    return Server::start(std::move(server), controller.pages(),
                         [&controller] { controller.nudge(); });
}

Result<std::vector<NoticeTarget>> load_targets(const std::string& option) {
    const std::string path = option.empty() ? "/etc/matriarch/notify.yaml" : option;
    const auto text = TRY(read_file(path, 64 * 1024));
    if (!text && !option.empty()) {
        return fail(ErrorKind::invalid, "cannot read " + path + ": there is no such file");
    }
    if (!text) return std::vector<NoticeTarget>{};
    const auto tree = TRY(specs::parse_yaml(*text, path));
    return parse_targets(tree);
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
    options.controller.notice_targets = TRY(load_targets(options.notify_file));
    Controller controller(*engine, state, *journal, options.controller);
    const auto server = TRY(serve(options, state, controller));
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
