// HttpEngine, volumes. There is no call that removes one.
#include "controller/engine/http_engine.hpp"
#include "controller/engine/refusal.hpp"
#include "controller/engine/text.hpp"
#include "controller/engine/wire.hpp"

namespace matriarch::controller {

Result<std::optional<reconcilers::ObservedVolume>> HttpEngine::inspect_volume(
    const std::string& name, const Call& call) {
    const Question question{.purpose = "cannot inspect volume " + name,
                            .path = "/volumes/" + escape(name)};
    const std::optional<std::string> body = TRY(look(question, call));
    if (!body) return std::nullopt;
    return TRY(understood(question.purpose, wire::read_volume(*body)));
}

Result<std::vector<reconcilers::ObservedVolume>> HttpEngine::list_volumes(const std::string& label,
                                                                          const Call& call) {
    const Question question{
        .purpose = "cannot list the volumes labelled " + label,
        .path = "/volumes?filters=" + escape(wire::write_filter({{"label", {label}}}))};
    const Response answer = TRY(ask(question, call));
    return understood(question.purpose, wire::read_volume_list(answer.body));
}

Result<void> HttpEngine::create_volume(const reconcilers::CreateVolume& volume, const Call& call) {
    TRY(ask({.purpose = "cannot create volume " + volume.name,
             .method = "POST",
             .path = "/volumes/create",
             .body = wire::write_volume(volume)},
            call));
    return {};
}

}  // namespace matriarch::controller
