// Crash loops: a container that ends soon after each start. The Engine starts it again and again,
// more and more slowly; nothing that we could do would help, so it is said, with where to look.
#include "reconcilers/reconcilers.hpp"

namespace matriarch::reconcilers {
namespace {

/// The Engine waits 100 ms before the second start and doubles: by now it has tried for 3 s.
constexpr int restarts_max = 5;

}  // namespace

void plan_crash_loops(const Wanted& wanted, const World& world, Steps& steps) {
    // While a commit is on its way, who makes new containers judges them.
    if (wanted.settled == nullptr || *wanted.settled != wanted.instance) return;
    for (const auto& [name, container] : world.containers) {
        const bool is_looping = container.restart_count >= restarts_max && !container.is_ready() &&
                                (container.is_running() || container.state == RunState::restarting);
        if (!is_looping) continue;
        steps.block({.code = "crash-loop",
                     .message = "container " + name + " ended " +
                                std::to_string(container.restart_count) +
                                " times soon after it was started" +
                                (container.oom_killed ? ", for want of memory" : ""),
                     .hint = "See docker logs " + name + "; the Engine goes on trying.",
                     .kind = ErrorKind::failed});
    }
}

}  // namespace matriarch::reconcilers
