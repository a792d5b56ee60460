// Search: Elasticsearch, where the instance asks for it. Its data can be made again at any time
// (`tootctl search deploy`), so its volume is no data volume.
#include <algorithm>

#include "reconcilers/converge.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {

using std::chrono::seconds;

std::vector<ContainerSpec> wanted_search(const Wanted& wanted) {
    const auto& search = wanted.instance.search;
    if (!search.enabled) return {};
    const Names names(wanted.instance);
    ContainerSpec spec = base_container(wanted, names.search, "search",
                                        specs::resolved_images(wanted.instance).search);
    const auto heap_mib = std::max<std::int64_t>(256, search.limits.memory.count / mib(2).count);
    const std::string heap = std::to_string(heap_mib) + "m";
    spec.environment = {{"ES_JAVA_OPTS", shown("-Xms" + heap + " -Xmx" + heap +
                                               " -Des.enforce.bootstrap.checks=true")},
                        {"discovery.type", shown("single-node")},
                        {"bootstrap.memory_lock", shown("true")},
                        {"cluster.name", shown("es-mastodon")},
                        {"xpack.security.enabled", shown("false")},
                        {"xpack.license.self_generated.type", shown("basic")},
                        {"thread_pool.write.queue_size", shown("1000")}};
    spec.limits = search.limits;
    spec.mounts = {{.volume = names.search_volume, .target = "/usr/share/elasticsearch/data"}};
    spec.networks[names.internal_network] = {"search"};
    spec.memlock = -1;
    spec.open_files = 65536;
    spec.health =
        HealthCheck{.test = {"CMD-SHELL",
                             "curl -fsS --noproxy '*' -m 5 http://127.0.0.1:9200/_cluster/health "
                             "> /dev/null"},
                    .interval = seconds(15),
                    .timeout = seconds(10),
                    .start_period = seconds(120),
                    .retries = 5};
    spec.stop_grace = seconds(60);
    return {finished(spec)};
}

void plan_search(const Wanted& wanted, const World& world, Steps& steps) {
    for (const ContainerSpec& spec : wanted_search(wanted)) converge(spec, world, steps);
}

}  // namespace matriarch::reconcilers
