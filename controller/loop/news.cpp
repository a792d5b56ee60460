// Asked only where neither the Engine nor an earlier question of ours knows.
#include "controller/loop/news.hpp"

namespace matriarch::controller {

using reconcilers::Time;

Result<std::optional<std::string>> News::since(
    Time valid_from, const reconcilers::ObservedContainer& container,
    const std::function<bool(const std::string&)>& makes_sense, const Call& call) {
    const auto known = told_.find(container.id);
    const Time told_at = known == told_.end() ? Time{} : known->second.at;
    const bool is_heard = container.health_at > valid_from && makes_sense(container.health_output);
    if (is_heard && container.health_at >= told_at) return container.health_output;
    if (told_at > valid_from) return known->second.text;
    if (is_heard) return container.health_output;
    if (!container.spec.health) return std::nullopt;
    const Time asked_at = machine_.now();
    const auto& test = container.spec.health->test;
    const auto answer = engine_.execute(container.id, {"/bin/sh", "-c", test.back()}, call);
    if (!answer && answer.error().kind == ErrorKind::stopped) return fail(answer.error());
    if (!answer || answer->exit_code != 0 || !makes_sense(answer->out)) {
        told_.erase(container.id);
        return std::nullopt;
    }
    told_[container.id] = {.text = answer->out, .at = asked_at};
    return answer->out;
}

}  // namespace matriarch::controller
