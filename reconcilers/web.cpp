// Web: Puma, which answers people and other servers.
//
// Replicas are replaced one at a time, and first of all: whether the new code serves is seen here
// before anything else is touched. New code starts only on the schema it needs (Mastodon's own
// /health says OK on any).
#include <algorithm>

#include "reconcilers/mastodon.hpp"
#include "reconcilers/rollout.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::seconds;

/// Asks for something that needs the database and Redis, with the right Host; /health is a
/// constant. An answer below 500 is a yes: a server may demand a login for its public pages.
std::string health_line(const specs::Version& version) {
    const std::string base = "http://127.0.0.1:3000";
    const std::string instance =
        is_at_least(version, 4, 0) ? "/api/v2/instance" : "/api/v1/instance";
    return "curl -sS --noproxy '*' -m 8 -o /dev/null -o /dev/null -o /dev/null -w '%{http_code} ' "
           "-H "
           "\"Host: $LOCAL_DOMAIN\" -H 'X-Forwarded-Proto: https' " +
           base + "/health " + base + instance + " '" + base +
           "/api/v1/accounts/lookup?acct=matriarch' | grep -qE '^200 [234][0-9][0-9] "
           "[234][0-9][0-9] $'";
}

std::vector<std::string> command(const specs::Version& version) {
    if (is_at_least(version, 4, 3)) return {"bundle", "exec", "puma", "-C", "config/puma.rb"};
    return {"bash", "-c",
            "rm -f /mastodon/tmp/pids/server.pid; bundle exec rails s -p 3000 -b 0.0.0.0"};
}

}  // namespace

std::vector<ContainerSpec> wanted_web(const Wanted& wanted) {
    const Names names(wanted.instance);
    const auto& web = wanted.instance.web;
    std::vector<ContainerSpec> all;
    for (int replica = 1; replica <= web.replicas; ++replica) {
        ContainerSpec spec =
            mastodon_container(wanted, names.of("web-" + std::to_string(replica)), "web");
        spec.command = command(wanted.instance.mastodon);
        spec.limits = web.limits;
        spec.environment["WEB_CONCURRENCY"] = shown(std::to_string(web.processes));
        spec.environment["MAX_THREADS"] = shown(std::to_string(web.threads));
        spec.health = HealthCheck{.test = {"CMD-SHELL", health_line(wanted.instance.mastodon)},
                                  .interval = seconds(10),
                                  .timeout = seconds(10),
                                  .start_period = seconds(120),
                                  .retries = 3};
        spec.stop_grace = seconds(30);
        if (wanted.instance.edge.external) {
            spec.ports = {{.container = 3000, .host = 3000 + replica - 1, .address = "127.0.0.1"}};
        }
        all.push_back(finished(spec));
    }
    return all;
}

void plan_web(const Wanted& wanted, const World& world, const Upgrade& upgrade, Steps& steps) {
    roll_in_turn(wanted, slots_of(wanted_of(wanted, "web"), world),
                 {.obstacle = upgrade.obstacle(),
                  .may_be_made = upgrade.may_make_code,
                  .overlaps = overlaps(wanted, world)},
                 world, steps);
}

bool is_led_by_web(const Wanted& wanted, const World& world) {
    const auto slots = slots_of(wanted_of(wanted, "web"), world);
    return std::any_of(
               slots.begin(), slots.end(),
               [](const Slot& slot) { return slot.fresh != nullptr && slot.fresh->is_proven(); }) ||
           std::none_of(slots.begin(), slots.end(),
                        [](const Slot& slot) { return slot.old != nullptr; });
}

}  // namespace matriarch::reconcilers
