// rehearse: what was asked for is written down, and the controller tries it on a restored copy.
#include "controller/cli/commands.hpp"
#include "controller/cli/desk.hpp"
#include "controller/loop/observe.hpp"
#include "controller/loop/report.hpp"
#include "controller/store/published.hpp"
#include "controller/store/requests.hpp"

namespace matriarch::controller {

using reconcilers::Rehearsal;
using std::chrono::steady_clock;

namespace {

/// What git says now, by the controller's own account.
Result<specs::Version> wanted_version(const InstanceFolder& folder) {
    const auto status = TRY(published_status(folder));
    const std::string wanted = wanted_release(status.value_or(""));
    if (!wanted.empty()) return specs::parse_version(wanted);
    return fail(ErrorKind::invalid, "it is not known which version is wanted", "Say --to vX.Y.Z.");
}

Result<Rehearsal> rehearsed(const CommonOptions& common, const RehearseOptions& options,
                            std::stop_token stop) {
    const SystemClock clock;
    Desk desk = TRY(desk_of(common, options.instance, clock));
    TRY(needs_controller(desk));
    const specs::Version version =
        TRY(options.to.empty() ? wanted_version(desk.folder) : specs::parse_version(options.to));
    const WallTime began = clock.now();
    const auto asked = std::chrono::floor<std::chrono::seconds>(began);
    Requests requests = TRY(load_requests(desk.folder));
    requests.rehearsal = reconcilers::RehearsalWish{.version = version, .asked = asked};
    TRY(save_requests(desk.folder, requests));
    const auto deadline = steady_clock::now() + options.within;
    const std::string key = rehearsal_fact(options.instance, version);
    while (!stop.stop_requested() && steady_clock::now() < deadline) {
        const auto text = TRY(desk.journal->fact(key));
        auto known = text ? reconcilers::parse_rehearsal(*text) : std::nullopt;
        if (known && known->asked >= asked) return *known;
        const auto why = TRY(said_since(desk, "BackupsWork", "False", began));
        if (why) return fail(ErrorKind::failed, *why);
        wait_a_little(stop);
    }
    return fail(stop.stop_requested() ? ErrorKind::stopped : ErrorKind::failed,
                "it is not over yet; the controller goes on with it",
                "matriarch status " + options.instance + " shows what becomes of it.");
}

}  // namespace

int rehearse_command(const CommonOptions& common, const RehearseOptions& options,
                     std::stop_token stop) {
    const auto done = rehearsed(common, options, stop);
    if (!done) return failed_with(done.error());
    if (common.output == OutputForm::json) {
        print(rehearsal_json(*done));
    } else if (common.output == OutputForm::markdown) {
        print(rehearsal_markdown(*done));
    } else {
        print(options.instance + ": " + rehearsal_text(*done));
    }
    return done->has_passed() ? 0 : exit_code(ErrorKind::failed);
}

}  // namespace matriarch::controller
