// The order of looking: containers first, since they imply most of the rest.
#include "controller/loop/observe.hpp"

#include <algorithm>

#include "controller/loop/calendar.hpp"
#include "controller/secrets/redactor.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/slot.hpp"
#include "specs/specs.hpp"

namespace matriarch::controller {

using reconcilers::RunState;
using reconcilers::Time;
namespace label = reconcilers::label;

namespace {

/// What an inspection of a container implies is believed for so long. The next full look (every
/// 30 s) asks again: somebody may have made a second network or removed an image by force.
constexpr std::chrono::seconds implied_for{25};

bool is_job(const reconcilers::ContainerSpec& spec) {
    return spec.labels.contains(label::subject);
}

/// What a job printed, short enough for a message and without anything that drives a terminal.
std::string one_line(const std::string& text) {
    constexpr std::size_t length_max = 600;
    std::string line;
    for (const char c : text) {
        const bool is_plain = static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
        if (is_plain) line += c;
        if (!is_plain && !line.empty() && line.back() != ' ') line += ' ';
    }
    return line.size() <= length_max ? line : "... " + line.substr(line.size() - length_max);
}

}  // namespace

void Observer::doubt_what_is_old() {
    // The clock may jump, also back.
    if (std::chrono::abs(machine_.now() - implied_since_) < implied_for) return;
    networks_by_id_.clear();
    volumes_by_user_.clear();
    images_by_id_.clear();
    implied_since_ = machine_.now();
}

Result<Discovery> Observer::discover(const Call& call) {
    doubt_what_is_old();
    Discovery found;
    std::set<std::string> ids;
    for (ContainerSummary& summary : TRY(engine_.list_containers(label::instance, call))) {
        ids.insert(summary.id);
        found[summary.labels[label::instance]].push_back(std::move(summary));
    }
    forget_all_but(ids);
    return found;
}

Result<Discovery> Observer::discover_one(const std::string& instance, const Call& call) {
    doubt_what_is_old();
    const std::string mine = label::instance + "=" + instance;
    auto list = TRY(engine_.list_containers(mine, call));
    if (list.empty()) return Discovery{};
    return Discovery{{instance, std::move(list)}};
}

/// What is known of containers that are gone is of no use any more.
void Observer::forget_all_but(const std::set<std::string>& ids) {
    const auto is_there = [&](const std::string& id) { return ids.contains(id); };
    const auto is_gone = [&](const auto& known) { return !is_there(known.first); };
    std::erase_if(finished_jobs_, is_gone);
    std::erase_if(log_tails_, is_gone);
    health_questions_.keep(is_there);
    news_.keep(is_there);
    workers_news_.keep(is_there);
    const std::lock_guard guard(*noted_mutex_);
    std::erase_if(stopping_, is_gone);
    std::erase_if(quieting_, is_gone);
    std::erase_if(configured_, is_gone);
    std::erase_if(doubted_, is_gone);
}

void Observer::note_signal(const std::string& id, const std::string& signal, bool is_sent) {
    const std::lock_guard guard(*noted_mutex_);
    if (!is_sent) {
        if (signal != reconcilers::quiet_signal) doubted_[id] = machine_.now();
        return;
    }
    (signal == reconcilers::quiet_signal ? quieting_ : stopping_).emplace(id, machine_.now());
}

/// Started again since (by hand, or by its restart policy): the wish to stop is void.
void Observer::recall_signals(ObservedContainer& container) {
    const std::lock_guard guard(*noted_mutex_);
    const auto quieting = quieting_.find(container.id);
    if (quieting != quieting_.end()) {
        if (container.started_at > quieting->second) {
            quieting_.erase(quieting);
        } else {
            container.quieting_since = quieting->second;
        }
    }
    const auto stopping = stopping_.find(container.id);
    if (stopping == stopping_.end()) return;
    const bool was_called_off = machine_.now() - stopping->second > 2 * container.spec.stop_grace;
    if (container.started_at > stopping->second || was_called_off) {
        stopping_.erase(stopping);
    } else {
        container.stopping_since = stopping->second;
    }
}

Result<reconcilers::World> Observer::observe(const Wanted& wanted, const Written& written,
                                             const Discovery& discovery, const PullReport& pulls,
                                             const Call& call) {
    World world;
    world.now = machine_.now();
    world.identity = written.identity;
    world.failures = written.failures;
    world.resumed = written.requests.resumed;
    world.wish = written.requests.restore;
    world.scratches = written.requests.scratches;
    world.rehearsal_wish = written.requests.rehearsal;
    world.pulling = pulls.pulling;
    world.pull_errors = pulls.errors;
    world.surroundings = written.surroundings;
    schedules(wanted, written.requests, world);
    TRY(containers(wanted, discovery, world, call));
    TRY(networks(wanted, world, call));
    TRY(strangers(wanted, world, call));
    TRY(volumes(wanted, world, call));
    TRY(images(wanted, world, call));
    TRY(taken_names(wanted, world, call));
    TRY(health_questions_.ask(world, call));
    TRY(jobs(world, call));
    redact(wanted, world);
    TRY(rehearsals(wanted, world, call));
    TRY(schema(wanted, world, call));
    TRY(repository(wanted, world, call));
    cleanings(wanted, world);
    TRY(traffic(wanted, world, call));
    doubt(world);
    TRY(host(world, call));
    window(wanted, world);
    TRY(pulled(wanted, world, call));
    return world;
}

Result<void> Observer::containers(const Wanted& wanted, const Discovery& discovery, World& world,
                                  const Call& call) {
    const auto mine = discovery.find(wanted.instance.name);
    if (mine != discovery.end()) {
        for (const ContainerSummary& summary : mine->second) {
            const auto finished = finished_jobs_.find(summary.id);
            if (finished != finished_jobs_.end() && summary.state == "exited" &&
                summary.name == finished->second.name) {
                world.containers[finished->second.name] = finished->second;
                continue;
            }
            auto inspected = TRY(engine_.inspect_container(summary.id, call));
            if (!inspected) continue;  // gone since the list
            if (is_job(inspected->spec) && inspected->has_exited()) {
                finished_jobs_[inspected->id] = *inspected;
            } else {
                finished_jobs_.erase(inspected->id);
                log_tails_.erase(inspected->id);
            }
            recall_signals(*inspected);
            world.containers[inspected->name] = std::move(*inspected);
        }
    }
    return {};
}

/// A name that is needed and that no container in the list has: a list can lag, and somebody else's
/// container may have it.
Result<void> Observer::taken_names(const Wanted& wanted, World& world, const Call& call) {
    for (const auto& spec : reconcilers::wanted_containers(wanted)) {
        std::string name = spec.name;
        if (reconcilers::is_app_role(spec.role)) {
            const auto slot = reconcilers::slot_of(spec, world);
            if (slot.fresh != nullptr) continue;
            name = slot.spec.name;
        }
        if (world.container(name) != nullptr) continue;
        auto other = TRY(engine_.inspect_container(name, call));
        if (!other) continue;
        if (label::is_of(other->spec.labels, wanted.instance.name)) {
            world.containers[other->name] = std::move(*other);
        } else {
            world.taken_names[name] = other->id;
        }
    }
    return {};
}

Result<void> Observer::jobs(World& world, const Call& call) {
    for (auto& [name, container] : world.containers) {
        if (!is_job(container.spec) || !container.has_exited()) continue;
        const bool is_listing = container.spec.role == "migrations" && container.exit_code == 0;
        const std::string& image_id = container.image_id;
        if (is_listing) {
            if (!migrations_.contains(image_id)) {
                const Output output = TRY(engine_.logs(container.id, 0, call));
                migrations_[image_id] = parse_migrations(output.out);
                remember_regular(migrations_[image_id]);
            }
            if (migrations_[image_id].regular.empty()) continue;  // no such image is Mastodon
            world.migrations[image_id] = migrations_[image_id];
        } else if (container.exit_code != 0) {
            if (!log_tails_.contains(container.id)) {
                const auto output = engine_.logs(container.id, 5, call);
                log_tails_[container.id] =
                    (container.oom_killed ? "killed: out of memory. " : "") +
                    (output ? one_line(output->err + output->out) : "its log cannot be read");
            }
            container.log_tail = log_tails_[container.id];
        }
    }
    world.regular_migrations = regular_migrations();
    return {};
}

/// What a job printed reaches messages, journal and status.
void Observer::redact(const Wanted& wanted, World& world) {
    for (auto& [name, container] : world.containers) {
        if (container.log_tail.empty()) continue;
        Redactor redactor;
        redactor.add(wanted.secrets);
        container.log_tail = redactor.redact(container.log_tail);
    }
}

Result<void> Observer::host(World& world, const Call& call) {
    if (!engine_facts_) engine_facts_ = TRY(engine_.facts(call));
    world.host.engine_id = engine_facts_->id;
    world.host.engine_version = engine_facts_->version;
    world.host.memory = engine_facts_->memory;
    world.host.cpus = engine_facts_->cpus;
    world.host.disk_free = machine_.free_space(engine_facts_->data_root);
    if (world.host.disk_free && facts_.note_disk) {
        world.host.disk_growth = facts_.note_disk(world.now, *world.host.disk_free);
    }
    return {};
}

void Observer::window(const Wanted& wanted, World& world) {
    const auto opens = next_opening(wanted.instance.upgrade.window, world.now);
    world.is_window_open = opens <= world.now;
    world.window_opens = opens;
    for (const specs::Ignore& ignore : wanted.instance.ignore) {
        if (is_over(ignore.until, world.now)) world.days_over.insert(ignore.until);
    }
}

}  // namespace matriarch::controller
