// Health questions: the Engine asks a container's first health question one whole interval after
// its start; here it is asked at once, and no pass waits for a slow answer.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "controller/engine/engine.hpp"
#include "controller/loop/machine.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::controller {

class HealthQuestions {
 public:
    /// Runs a command in the container with this id (Engine::execute); called from other threads.
    using Execute = std::function<Result<Output>(
        const std::string& id, const std::vector<std::string>& command, const Call& call)>;

    /// Called, from another thread, with the instance of a container that has answered.
    using Tell = std::function<void(const std::string& instance)>;

    /// `patience`: how long a pass waits for answers; later ones are taken by the next pass.
    /// The machine must outlive it.
    HealthQuestions(Execute execute, std::chrono::milliseconds patience,
                    const Machine& machine = this_machine(), Tell tell = {})
        : execute_(std::move(execute)),
          patience_(patience),
          machine_(machine),
          tell_(std::move(tell)) {}

    /// Fills in what containers say whose health the Engine does not know yet. As many good answers
    /// as are needed stand until the Engine has one of its own, or the container was started again;
    /// until then it is asked again. Errors: stopped.
    [[nodiscard]] Result<void> ask(reconcilers::World& world, const Call& call);

    /// Forgets containers for which `is_there` is false.
    template <typename IsThere>
    void keep(const IsThere& is_there) {
        std::erase_if(questions_, [&](const auto& one) { return !is_there(one.first); });
    }

 private:
    /// Under way. Who no longer waits for the answer ends it.
    struct Asking {
        std::future<Result<Output>> answer{};
        std::stop_source end{};
        ~Asking() { end.request_stop(); }
    };

    struct Question {
        reconcilers::Time started_at{};  // of the container: another start is another question
        reconcilers::Time asked_at{};
        std::shared_ptr<Asking> asking{};
        Output last{.exit_code = 1};
        reconcilers::Time last_at{};  // when `last` was asked for: it is as old as that
        int looks{1};                 // that the one under way takes
        int good_looks{0};            // in a row
    };

    void begin(Question& question, const reconcilers::ObservedContainer& container, bool waits,
               const Call& call);

    Execute execute_;
    std::chrono::milliseconds patience_;
    const Machine& machine_;
    Tell tell_;
    std::map<std::string, Question> questions_{};
};

}  // namespace matriarch::controller
