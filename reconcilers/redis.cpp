// Redis: Sidekiq's queues and the cached feeds.
//
// It keeps jobs that nobody has run yet, so every write goes to disk once a second, its container
// is replaced in place on the same volume, and it never runs twice.
#include "reconcilers/converge.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {

using std::chrono::seconds;

ContainerSpec wanted_redis(const Wanted& wanted) {
    const Names names(wanted.instance);
    ContainerSpec spec =
        base_container(wanted, names.redis, "redis", specs::resolved_images(wanted.instance).redis);
    spec.command = {"redis-server", "--appendonly", "yes", "--appendfsync", "everysec"};
    spec.user = "redis";
    spec.limits = wanted.instance.redis.limits;
    spec.mounts = {{.volume = names.redis_volume, .target = "/data"}};
    spec.networks[names.internal_network] = {"redis"};
    // While it loads its file, redis-cli answers LOADING and exits with 0.
    spec.health = HealthCheck{.test = {"CMD-SHELL", "redis-cli ping | grep -q PONG"},
                              .interval = seconds(10),
                              .timeout = seconds(5),
                              .start_period = seconds(60),
                              .retries = 3};
    spec.stop_grace = seconds(30);
    return finished(spec);
}

void plan_redis(const Wanted& wanted, const World& world, Steps& steps) {
    converge(wanted_redis(wanted), world, steps);
}

}  // namespace matriarch::reconcilers
