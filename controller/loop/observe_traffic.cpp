// What the edge and Sidekiq say of themselves: whom people are sent to, and which jobs are in hand.
#include <algorithm>
#include <charconv>
#include <future>
#include <sstream>

#include "controller/loop/observe.hpp"
#include "reconcilers/caddyfile.hpp"
#include "specs/canonical.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {

using reconcilers::Time;

std::optional<reconcilers::ObservedEdge> parse_edge_answer(const std::string& output) {
    reconcilers::ObservedEdge edge{.is_known = true};
    std::istringstream stream(output);
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("config ")) edge.config = line.substr(7);
        if (line.starts_with("route ")) edge.routes.insert(line.substr(6));
        if (line.starts_with("caddy "))
            edge.version = line.substr(line.starts_with("caddy v") ? 7 : 6);
    }
    if (edge.config.empty()) return std::nullopt;
    return edge;
}

/// "sidekiq 8.0.9 mastodon [1 of 5 busy] stopping"
std::optional<reconcilers::Workers> parse_sidekiq_title(const std::string& output) {
    const auto open = output.find('[');
    const auto close = output.find(" busy]", open == std::string::npos ? 0 : open);
    if (open == std::string::npos || close == std::string::npos) return std::nullopt;
    reconcilers::Workers workers;
    const char* first = output.data() + open + 1;
    if (std::from_chars(first, output.data() + close, workers.busy).ec != std::errc()) {
        return std::nullopt;
    }
    const auto end = output.find('\n', close);
    workers.is_quiet = output.substr(close, end - close).find("stopping") != std::string::npos;
    return workers;
}

namespace {

/// Of those whom people are sent to: the Engine would not start it again, so it was to be stopped
/// next (see reconcilers/rollout.cpp).
bool is_on_its_way_out(const reconcilers::ObservedContainer& one) {
    return reconcilers::is_app_role(one.spec.role) && one.spec.role != "sidekiq" &&
           one.is_alive() && !one.stopping_since && one.spec.restart == "no";
}

bool has_leaving(const reconcilers::World& world) {
    return std::any_of(world.containers.begin(), world.containers.end(),
                       [](const auto& entry) { return is_on_its_way_out(entry.second); });
}

}  // namespace

void Observer::note_configured(const std::string& id) {
    const std::lock_guard guard(*noted_mutex_);
    configured_[id] = machine_.now();
}

Result<void> Observer::edge(const Wanted& wanted, World& world, const Call& call) {
    const ObservedContainer* edge = world.container(reconcilers::Names(wanted.instance).edge);
    if (edge == nullptr || !edge->is_ready()) return {};
    // What a controller before this one did last is not known here.
    Time valid_from = std::max(edge->started_at, believes_ ? Time{} : began_);
    {
        const std::lock_guard guard(*noted_mutex_);
        const auto configured = configured_.find(edge->id);
        if (configured != configured_.end()) valid_from = std::max(valid_from, configured->second);
    }
    // Before somebody is stopped whom people may be sent to: a command of a controller that died
    // can arrive late.
    if (has_leaving(world)) valid_from = machine_.now();
    const auto makes_sense = [](const std::string& text) {
        return parse_edge_answer(text).has_value();
    };
    const auto answer = TRY(news_.since(valid_from, *edge, makes_sense, call));
    if (answer) world.edge = *parse_edge_answer(*answer);
    if (answer) recall_edge(wanted, world.edge);
    return {};
}

/// Another version of this program may write the same file's configuration in another way.
void Observer::recall_edge(const Wanted& wanted, reconcilers::ObservedEdge& edge) const {
    const std::string key = "edge " + specs::digest(wanted.instance) + " " + edge.config;
    const bool is_known = facts_.load && facts_.load(key);
    edge.is_ours = is_known;
    const std::string text = reconcilers::caddyfile(wanted.instance, edge.version);
    if (edge.config != sha256(text)) return;
    edge.is_ours = true;
    if (!is_known && facts_.save) facts_.save(key, "written");
}

Result<void> Observer::workers(World& world, const Call& call) {
    for (auto& [name, container] : world.containers) {
        if (container.spec.role != "sidekiq" || !container.is_running()) continue;
        // The Engine shows the last check of the run before, until there is a newer one.
        if (container.health_at >= container.started_at) {
            container.workers = parse_sidekiq_title(container.health_output);
        }
        if (!container.quieting_since || container.stopping_since || !container.is_ready())
            continue;
        const auto makes_sense = [](const std::string& text) {
            return parse_sidekiq_title(text).has_value();
        };
        const auto answer = TRY(workers_news_.since(machine_.now(), container, makes_sense, call));
        container.workers = answer ? parse_sidekiq_title(*answer) : std::nullopt;
    }
    return {};
}

/// Whom the process before this one asked to stop, nobody remembers. What it did before that shows:
/// it took the restart policy, and told the edge to send people elsewhere.
void Observer::doubt(World& world) {
    const std::lock_guard guard(*noted_mutex_);
    for (auto& [name, container] : world.containers) {
        const bool is_older = container.started_at < began_;
        const bool is_let_go =
            is_older && is_on_its_way_out(container) && !world.edge.routes.contains(name);
        // While the edge cannot be asked (of others it never can), that is for this look alone.
        if (is_let_go && world.edge.is_known) doubted_.try_emplace(container.id, began_);
        // Also one that was started since (a call that failed can be carried out late), and one
        // that people are sent to again, for want of others.
        const auto doubted = doubted_.find(container.id);
        const bool is_doubted = is_let_go || doubted != doubted_.end();
        const Time since = doubted == doubted_.end() ? began_ : doubted->second;
        container.may_be_stopping =
            is_doubted && std::chrono::abs(world.now - since) < container.spec.stop_grace;
    }
}

/// Each may cost an exec (100 ms, measured): side by side they take as long as one.
Result<void> Observer::traffic(const Wanted& wanted, World& world, const Call& call) {
    if (machine_.side_by_side == 1) {
        TRY(edge(wanted, world, call));
        return workers(world, call);
    }
    auto told = std::async(std::launch::async, [&] { return workers(world, call); });
    const Result<void> asked = edge(wanted, world, call);
    TRY(told.get());
    return asked;
}

}  // namespace matriarch::controller
