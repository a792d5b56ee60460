// One `if` per state of a job that somebody waits for.
#include "reconcilers/pursue.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

/// A repository that cannot be reached is asked again that often.
constexpr minutes try_again{15};
/// One that somebody killed, or the Engine's end: sooner.
constexpr minutes try_killed_again{1};

}  // namespace

bool is_due_again(const ObservedContainer& job, const World& world) {
    const auto ago = world.now - job.finished_at;
    return ago < milliseconds(0) || ago >= (job.was_killed() ? try_killed_again : try_again);
}

bool pursue(const ContainerSpec& job, const World& world, Steps& steps, const std::string& reason,
            const char* code) {
    const JobState state = job_state(job, world);
    if (state == JobState::succeeded) return true;
    if (state != JobState::failed) {
        // Also what is made already: a volume that is not the one that was deployed is left alone.
        if (const auto missing = missing_ground(job, world)) {
            steps.add(Wait{"job " + job.name, look_at_job}, "waits for " + *missing);
        } else {
            run_job(job, world, steps, reason);
        }
        return false;
    }
    const ObservedContainer& failed = *world.container(job.name);
    if (is_due_again(failed, world)) {
        discard(failed, world, steps, "failed, and is tried again");
    } else {
        steps.block({.code = code,
                     .message = reason + (failed.was_killed() ? " was killed " : " failed: ") +
                                failed.log_tail,
                     .hint = "It is tried again every " + std::to_string(try_again.count()) +
                             " minutes, and at once after docker rm " + job.name +
                             ". See docker logs " + job.name + ".",
                     .kind = ErrorKind::failed});
    }
    return false;
}

}  // namespace matriarch::reconcilers
