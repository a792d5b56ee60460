// Streaming: Node, which keeps one WebSocket open for each reader.
//
// A restart drops them all at once and they all come back at once, so it is replaced only where its
// own image or environment changed, one replica at a time.
#include <algorithm>

#include "reconcilers/mastodon.hpp"
#include "reconcilers/rollout.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {

using std::chrono::seconds;

std::vector<ContainerSpec> wanted_streaming(const Wanted& wanted) {
    const Names names(wanted.instance);
    const auto& streaming = wanted.instance.streaming;
    const auto everything = mastodon_environment(wanted);
    const bool has_own_image = is_at_least(wanted.instance.mastodon, 4, 3);
    std::vector<ContainerSpec> all;
    for (int replica = 1; replica <= streaming.replicas; ++replica) {
        ContainerSpec spec =
            base_container(wanted, names.of("streaming-" + std::to_string(replica)), "streaming",
                           specs::resolved_images(wanted.instance).streaming);
        spec.command = {"node", has_own_image ? "./streaming/index.js" : "./streaming"};
        spec.limits = streaming.limits;
        // It needs none of the secrets but the database's (its env reads, streaming/@4.7bp).
        for (const char* name :
             {"LOCAL_DOMAIN", "WEB_DOMAIN", "DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASS",
              "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "LOG_LEVEL", "TRUSTED_PROXY_IP"}) {
            const auto found = everything.find(name);
            if (found != everything.end()) spec.environment[name] = found->second;
        }
        spec.environment["DB_POOL"] = shown(std::to_string(streaming.pool));
        spec.networks[names.internal_network] = {"streaming"};
        spec.networks[names.external_network] = {"streaming"};
        spec.health = HealthCheck{
            .test = {"CMD-SHELL",
                     "curl -fsS --noproxy '*' -m 5 http://127.0.0.1:4000/api/v1/streaming/health | "
                     "grep -q OK"},
            .interval = seconds(10),
            .timeout = seconds(10),
            .start_period = seconds(60),
            .retries = 3};
        if (wanted.instance.edge.external) {
            spec.ports = {{.container = 4000, .host = 4000 + replica - 1, .address = "127.0.0.1"}};
        }
        all.push_back(finished(spec));
    }
    return all;
}

namespace {

/// A start holds up what is done beside it, and people wait for the edge.
std::optional<std::string> turn_behind_edge(const Wanted& wanted, const World& world) {
    if (wanted.instance.edge.external) return std::nullopt;
    for (const Slot& slot : slots_of(wanted_of(wanted, "web"), world)) {
        const bool takes_over = slot.old != nullptr && slot.old->is_alive() &&
                                slot.fresh != nullptr && slot.fresh->is_proven();
        if (takes_over && !world.edge.routes.contains(slot.fresh->name)) {
            return "the edge, which learns of " + slot.fresh->name;
        }
    }
    return std::nullopt;
}

}  // namespace

void plan_streaming(const Wanted& wanted, const World& world, const Upgrade& upgrade,
                    Steps& steps) {
    const auto slots = slots_of(wanted_of(wanted, "streaming"), world);
    const auto obstacle = upgrade.obstacle();
    const auto behind_web = turn_behind_web(wanted, world);
    roll_in_turn(wanted, slots,
                 {.obstacle = obstacle ? obstacle : behind_first_boot(slots, wanted, world),
                  .may_be_made = upgrade.may_make_code,
                  .turn = behind_web ? behind_web : turn_behind_edge(wanted, world),
                  .overlaps = overlaps(wanted, world)},
                 world, steps);
}

}  // namespace matriarch::reconcilers
