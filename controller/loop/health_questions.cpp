// Each question is an exec in a thread of its own, bounded by its deadline.
#include "controller/loop/health_questions.hpp"

#include <algorithm>

#include "reconcilers/labels.hpp"
#include "reconcilers/slot.hpp"
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

/// Asks "$1" until it says yes "$2" times in a row, for five seconds. Each exec costs the host
/// about as much as a start (100 ms of CPU, measured) and takes it from what boots: so the asking
/// again is done in there.
constexpr const char* ask_again =
    R"(end=$(($(date +%s) + 5)); yes=0
while out=$(eval "$1") && yes=$((yes + 1)) || yes=0; [ $yes -lt $2 ] && [ $(date +%s) -lt $end ]
do sleep 0.1; done
printf '%s\n' "$out"; [ $yes -ge $2 ])";

/// As long as that takes on a host that is busy.
constexpr std::chrono::seconds answer_within{8};

/// Nobody is sent to it before it is proven: the other container of its replica runs, too, or
/// people are not sent to its kind at all.
bool may_wait(const ObservedContainer& container, const reconcilers::World& world) {
    if (container.spec.role == "sidekiq") return true;
    return std::any_of(world.containers.begin(), world.containers.end(), [&](const auto& entry) {
        const auto& [name, other] = entry;
        return other.is_running() && (name == reconcilers::second_name(container.name) ||
                                      container.name == reconcilers::second_name(name));
    });
}

bool is_shell(const reconcilers::HealthCheck& health) {
    return health.test.size() == 2 && health.test[0] == "CMD-SHELL";
}

std::vector<std::string> command(const reconcilers::HealthCheck& health, int looks) {
    if (is_shell(health)) {
        return {"/bin/sh", "-c", ask_again, "sh", health.test[1], std::to_string(looks)};
    }
    return {health.test.begin() + (health.test.empty() ? 0 : 1), health.test.end()};
}

}  // namespace

void HealthQuestions::begin(Question& question, const ObservedContainer& container, bool waits,
                            const Call& call) {
    // Where nobody else serves the first yes is told at once; the others come together.
    const bool at_once = question.good_looks == 0 && !waits;
    const bool is_one = at_once || !is_shell(*container.spec.health);
    question.looks = is_one ? 1 : looks_wanted(container) - question.good_looks;
    question.asked_at = machine_.now();
    question.asking = std::make_shared<Asking>();
    // A deferred question is put when its answer is taken: one after the other.
    const auto launch = machine_.side_by_side > 1 ? std::launch::async : std::launch::deferred;
    const auto instance = container.spec.labels.find(reconcilers::label::instance);
    question.asking->answer = std::async(
        launch, [this, id = container.id, what = command(*container.spec.health, question.looks),
                 whose = instance == container.spec.labels.end() ? std::string() : instance->second,
                 stop = call.stop, end = question.asking->end] {
            const std::stop_callback ends_too(stop, [end]() mutable { end.request_stop(); });
            auto answer = execute_(id, what, {.within = answer_within, .stop = end.get_token()});
            if (tell_) tell_(whose);
            return answer;
        });
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
        if (!is_enough && !question.asking) {
            begin(question, container, may_wait(container, world), call);
        }
        asked.emplace_back(&container, &question);
    }
    for (auto& [container, question] : asked) {
        if (question->asking &&
            question->asking->answer.wait_until(until) != std::future_status::timeout) {
            auto answer = question->asking->answer.get();
            question->asking.reset();
            if (!answer && answer.error().kind == ErrorKind::stopped) return fail(answer.error());
            question->last = answer ? std::move(*answer) : Output{.exit_code = 1};
            question->last_at = question->asked_at;
            const bool is_yes = question->last.exit_code == 0;
            question->good_looks = is_yes ? question->good_looks + question->looks : 0;
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
