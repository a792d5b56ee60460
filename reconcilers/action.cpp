// Actions in words: one verb and one resource each, the same everywhere (plan, journal, log,
// comment).
#include "reconcilers/action.hpp"

namespace matriarch::reconcilers {
namespace {

template <class... Visitors>
struct Overload : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors>
Overload(Visitors...) -> Overload<Visitors...>;

}  // namespace

std::string verb(const Action& action) {
    return std::visit(Overload{[](const PullImage&) { return "pull"; },
                               [](const RemoveImage&) { return "remove"; },
                               [](const CreateNetwork&) { return "create"; },
                               [](const RemoveNetwork&) { return "remove"; },
                               [](const PinIdentity&) { return "pin"; },
                               [](const CreateVolume&) { return "create"; },
                               [](const CreateContainer&) { return "create"; },
                               [](const StartContainer&) { return "start"; },
                               [](const UnpauseContainer&) { return "unpause"; },
                               [](const SignalContainer& signal) {
                                   if (signal.signal == quiet_signal) return "quiet";
                                   return signal.signal == "SIGKILL" ? "kill" : "stop";
                               },
                               [](const RemoveContainer&) { return "remove"; },
                               [](const UpdateLimits&) { return "update"; },
                               [](const ConnectNetwork&) { return "connect"; },
                               [](const DisconnectNetwork&) { return "disconnect"; },
                               [](const ConfigureEdge&) { return "configure"; },
                               [](const TakeSecrets&) { return "take"; },
                               [](const RememberFailure&) { return "remember"; },
                               [](const Wait&) { return "wait for"; }},
                      action);
}

std::string resource(const Action& action) {
    return std::visit(
        Overload{[](const PullImage& pull) { return "image " + specs::to_text(pull.image); },
                 [](const RemoveImage& image) { return "image " + image.reference; },
                 [](const CreateNetwork& network) { return "network " + network.name; },
                 [](const RemoveNetwork& network) { return "network " + network.name; },
                 [](const PinIdentity&) { return std::string("identity of the data volumes"); },
                 [](const CreateVolume& volume) { return "volume " + volume.name; },
                 [](const CreateContainer& create) { return "container " + create.spec.name; },
                 [](const ConnectNetwork& connect) {
                     return "container " + connect.name + " to network " + connect.network;
                 },
                 [](const DisconnectNetwork& disconnect) {
                     return "container " + disconnect.name + " from network " + disconnect.network;
                 },
                 [](const TakeSecrets&) { return std::string("secrets of the backup"); },
                 [](const RememberFailure& failure) { return "that " + failure.name + " failed"; },
                 [](const Wait& wait) { return wait.resource; },
                 [](const auto& container) { return "container " + container.name; }},
        action);
}

std::string in_words(const Action& action) {
    return verb(action) + " " + resource(action);
}

bool is_wait(const Action& action) {
    return std::holds_alternative<Wait>(action);
}

const char* to_text(RunState state) {
    switch (state) {
        case RunState::created:
            return "created";
        case RunState::running:
            return "running";
        case RunState::paused:
            return "paused";
        case RunState::restarting:
            return "restarting";
        case RunState::removing:
            return "removing";
        case RunState::exited:
            return "exited";
        case RunState::dead:
            return "dead";
    }
    return "dead";
}

}  // namespace matriarch::reconcilers
