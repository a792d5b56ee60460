// Intent before, call, outcome after. What a lost answer left behind is seen by the next look.
#include "controller/loop/apply.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "controller/base/log.hpp"
#include "controller/base/random.hpp"
#include "controller/engine/text.hpp"
#include "controller/secrets/generated.hpp"
#include "controller/store/failures.hpp"
#include "controller/store/identity.hpp"
#include "reconcilers/caddyfile.hpp"
#include "reconcilers/restore.hpp"

namespace matriarch::controller {

using namespace reconcilers;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Creating and starting wait for disks and cgroups of a busy host (480 to 640 ms measured).
constexpr std::chrono::seconds slow_call{60};

template <class... Visitors>
struct Overload : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors>
Overload(Visitors...) -> Overload<Visitors...>;

Result<void> without_value(Result<std::string> result) {
    if (!result) return fail(std::move(result).error());
    return {};
}

}  // namespace

Result<void> Applier::pin(const Wanted& wanted, Identity identity) {
    const InstanceFolder folder = TRY(state_.make_instance(wanted.instance.name));
    for (auto& [name, volume] : identity.volumes) {
        if (volume.uuid.empty()) volume.uuid = random_uuid();
    }
    return save_identity(folder, identity);
}

Result<void> Applier::configure(const ConfigureEdge& edge, const Call& call) {
    // Also where the answer is lost: what it serves is asked for anew.
    observer_.note_configured(edge.id);
    const Output output = TRY(engine_.execute(edge.id, configure_command(edge), call));
    observer_.note_configured(edge.id);
    if (output.exit_code == 0) return {};
    return fail(ErrorKind::unavailable,
                "cannot configure " + edge.name + ": " + one_line(output.out + output.err),
                "What it served before it goes on serving. See docker logs " + edge.name + ".");
}

/// First the secrets, durably, then that they are there.
Result<void> Applier::take(const Wanted& wanted, const TakeSecrets& secrets, const Call& call) {
    const InstanceFolder folder = TRY(state_.make_instance(wanted.instance.name));
    const Output output = TRY(engine_.execute(secrets.id, secrets_command(), call));
    if (output.exit_code != 0) {
        return fail(ErrorKind::unavailable, "the secrets of the backup are not there yet",
                    "See docker logs " + secrets.name + ".");
    }
    const Secrets taken = TRY(load_env_text(output.out, "the secrets of the backup"));
    TRY(adopt_secrets(folder, taken, wanted.secrets));
    Identity identity = TRY(load_identity(folder));
    if (!identity.restoring) return fail(ErrorKind::conflict, "nothing is to be restored any more");
    identity.restoring->has_secrets = true;
    return save_identity(folder, identity);
}

Result<void> Applier::remember(const Wanted& wanted, const RememberFailure& failure) {
    const InstanceFolder folder = TRY(state_.make_instance(wanted.instance.name));
    return remember_failure(folder, failure.key, failure.what);
}

Result<void> Applier::perform(const Wanted& wanted, const Action& action, const Call& call) {
    const Call slow{.within = slow_call, .stop = call.stop};
    return std::visit(
        Overload{
            [&](const PullImage& pull) -> Result<void> {
                puller_.request(pull.image);
                return {};
            },
            [&](const RemoveImage& image) { return engine_.remove_image(image.id, slow); },
            [&](const CreateNetwork& network) -> Result<void> {
                return without_value(engine_.create_network(network, call));
            },
            [&](const RemoveNetwork& network) { return engine_.remove_network(network.id, call); },
            [&](const PinIdentity& identity) { return pin(wanted, identity.identity); },
            [&](const CreateVolume& volume) { return engine_.create_volume(volume, call); },
            [&](const CreateContainer& container) -> Result<void> {
                return without_value(engine_.create_container(container, slow));
            },
            [&](const StartContainer& start) { return engine_.start_container(start.id, slow); },
            [&](const UnpauseContainer& unpause) {
                return engine_.unpause_container(unpause.id, call);
            },
            [&](const SignalContainer& signal) {
                const auto sent = engine_.signal_container(signal.id, signal.signal, call);
                observer_.note_signal(signal.id, signal.signal, sent.has_value());
                return sent;
            },
            [&](const RemoveContainer& remove) {
                return engine_.remove_container(remove.id, slow);
            },
            [&](const UpdateLimits& update) { return engine_.update_limits(update, call); },
            [&](const ConnectNetwork& connect) { return engine_.connect_network(connect, call); },
            [&](const DisconnectNetwork& disconnect) {
                return engine_.disconnect_network(disconnect, call);
            },
            [&](const ConfigureEdge& edge) { return configure(edge, slow); },
            [&](const TakeSecrets& secrets) { return take(wanted, secrets, slow); },
            [&](const RememberFailure& failure) { return remember(wanted, failure); },
            [](const Wait&) -> Result<void> { return {}; }},
        action);
}

Result<void> Applier::apply_one(const Wanted& wanted, const Step& step, std::int64_t pass,
                                const Call& call) {
    const std::string what = verb(step.action);
    const std::string on = resource(step.action);
    // No intent, no effect: a full disk must not leave changes that nobody can explain.
    const std::int64_t row = TRY(journal_.intend({.pass = pass,
                                                  .instance = wanted.instance.name,
                                                  .revision = wanted.revision,
                                                  .action = what,
                                                  .resource = on,
                                                  .reason = step.reason}));
    const auto began = steady_clock::now();
    const Result<void> done = perform(wanted, step.action, call);
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
    const auto written =
        journal_.conclude(row, {.outcome = done ? Outcome::ok : Outcome::failed,
                                .error = done ? std::string() : done.error().message,
                                .took = took});
    if (!written)
        log::warn("could not write the journal", {{log::key::error, written.error().message}});
    if (done) {
        log::info("step", {{log::key::instance, wanted.instance.name},
                           {"action", what},
                           {log::key::resource, on},
                           {log::key::reason, step.reason},
                           {log::key::took_ms, took.count()}});
    }
    if (listener_) listener_(wanted.instance.name, step, done, took);
    return done;
}

Result<void> Applier::apply_all(const Wanted& wanted, const std::vector<const Step*>& work,
                                std::int64_t pass, const Call& call) {
    std::atomic<std::size_t> next = 0;
    std::vector<Result<void>> outcomes(work.size());
    const auto work_off = [&] {
        for (std::size_t i = next++; i < work.size() && !call.stop.stop_requested(); i = next++) {
            outcomes[i] = apply_one(wanted, *work[i], pass, call);
        }
    };
    {
        std::vector<std::jthread> others;
        while (others.size() + 1 < std::min(machine_.side_by_side, work.size())) {
            others.emplace_back(work_off);
        }
        work_off();
    }
    for (Result<void>& outcome : outcomes) {
        if (!outcome) return std::move(outcome);
    }
    return {};
}

Result<void> Applier::apply(const Wanted& wanted, const Steps& steps, const Call& call) {
    if (steps.changes_nothing()) return {};
    const std::int64_t pass = TRY(journal_.begin_pass(wanted.instance.name, wanted.revision));
    std::vector<const Step*> work;
    for (const Step& step : steps.steps) {
        if (!is_wait(step.action)) work.push_back(&step);
    }
    const Result<void> first_error = apply_all(wanted, work, pass, call);
    const auto written =
        journal_.end_pass(pass, first_error ? Outcome::ok : Outcome::failed,
                          first_error ? std::string() : first_error.error().message);
    if (!written)
        log::warn("could not write the journal", {{log::key::error, written.error().message}});
    return first_error;
}

}  // namespace matriarch::controller
