// Each question is an exec in a thread of its own, bounded by its deadline.
#include "controller/loop/health_questions.hpp"

#include <algorithm>

#include "reconcilers/labels.hpp"
#include "reconcilers/wanted.hpp"

namespace matriarch::controller {

using reconcilers::Health;
using reconcilers::ObservedContainer;

namespace {

bool is_unknown(const ObservedContainer& container) {
    return container.is_running() && container.health == Health::starting &&
           container.spec.health && !container.spec.labels.contains(reconcilers::label::subject);
}

/// People are sent to Mastodon's code only once it answered several times.
int looks_wanted(const ObservedContainer& container) {
    return reconcilers::is_app_role(container.spec.role) ? reconcilers::looks_needed : 1;
}

std::vector<std::string> command(const reconcilers::HealthCheck& health) {
    if (health.test.size() == 2 && health.test[0] == "CMD-SHELL") {
        return {"/bin/sh", "-c", health.test[1]};
    }
    return {health.test.begin() + (health.test.empty() ? 0 : 1), health.test.end()};
}

}  // namespace

void HealthQuestions::begin(Question& question, const ObservedContainer& container,
                            const Call& call) {
    // As long as the Engine's own check may take, but never long enough to hold up an end.
    const auto within = std::min<std::chrono::milliseconds>(container.spec.health->timeout,
                                                            std::chrono::milliseconds(1500));
    question.asked_at = machine_.now();
    // A deferred question is put when its answer is taken: one after the other.
    const auto launch = machine_.side_by_side > 1 ? std::launch::async : std::launch::deferred;
    question.answer = std::async(
        launch,
        [this, id = container.id, what = command(*container.spec.health),
         once = Call{.within = within, .stop = call.stop}] { return execute_(id, what, once); });
}

Result<void> HealthQuestions::ask(reconcilers::World& world, const Call& call) {
    const auto until = std::chrono::steady_clock::now() + patience_;
    std::vector<std::pair<ObservedContainer*, Question*>> asked;
    for (auto& [name, container] : world.containers) {
        if (!is_unknown(container)) {
            questions_.erase(container.id);
            continue;
        }
        Question& question = questions_[container.id];
        if (question.started_at != container.started_at) question = Question{container.started_at};
        const bool is_enough = question.good_looks >= looks_wanted(container);
        if (!is_enough && !question.answer.valid()) begin(question, container, call);
        asked.emplace_back(&container, &question);
    }
    for (auto& [container, question] : asked) {
        if (question->answer.valid() &&
            question->answer.wait_until(until) != std::future_status::timeout) {
            auto answer = question->answer.get();
            if (!answer && answer.error().kind == ErrorKind::stopped) return fail(answer.error());
            question->last = answer ? std::move(*answer) : Output{.exit_code = 1};
            question->last_at = question->asked_at;
            question->good_looks = question->last.exit_code == 0 ? question->good_looks + 1 : 0;
        }
        container->answers = question->last.exit_code == 0;
        container->good_looks = question->good_looks;
        if (!container->answers && question->last.out.empty()) continue;
        container->health_output = question->last.out;
        container->health_at = question->last_at;
    }
    return {};
}

}  // namespace matriarch::controller
