// What the programs in the containers do: PostgreSQL, Mastodon's three, its jobs, the dump.
//
// As reconcilers/ asks for them and as the real images behave (tests/images): the server never
// makes a database, a job needs what it connects to, a migration is applied one by one, and a dump
// counts only once it was read back.
#include <algorithm>

#include "reconcilers/archive.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/postgres_major.hpp"
#include "reconcilers/rehearsal.hpp"
#include "reconcilers/schema.hpp"
#include "specs/values/digest.hpp"
#include "tests/model/host.hpp"

namespace matriarch::model {

using Next = SimulatedContainer::Next;

namespace {

constexpr milliseconds boot{300};
constexpr milliseconds quick_job{60};
constexpr milliseconds one_migration{200};
constexpr milliseconds dump_time{250};
constexpr milliseconds secrets_kept{300'000};

bool shares_network(const SimulatedContainer& one, const SimulatedContainer& other) {
    return std::any_of(
        one.seen.network_ids.begin(), one.seen.network_ids.end(), [&](const auto& network) {
            const auto found = other.seen.network_ids.find(network.first);
            return found != other.seen.network_ids.end() && found->second == network.second;
        });
}

std::string instance_of(const SimulatedContainer& one) {
    const auto found = one.seen.spec.labels.find(reconcilers::label::instance);
    return found == one.seen.spec.labels.end() ? std::string() : found->second;
}

void change(Cluster& cluster, Time now, const std::set<std::string>& added) {
    cluster.history.emplace_back(now, cluster.applied);
    cluster.applied.insert(added.begin(), added.end());
}

/// Whether a post-deployment migration of a newer release has run.
bool breaks(const reconcilers::MigrationFiles& own, const std::set<std::string>& applied) {
    const auto& newest = migrations_in({.repository = "mastodon", .tag = "v4.99.0"});
    return std::any_of(applied.begin(), applied.end(), [&](const std::string& version) {
        return newest.post_deployment.contains(version) && !own.post_deployment.contains(version);
    });
}

std::string of_edge(const Traffic* traffic) {
    if (traffic == nullptr) return "";
    std::string text = "caddy 2.6.2\nconfig " + sha256(traffic->config) + "\n";
    for (const std::string& route : traffic->routes) text += "route " + route + "\n";
    return text;
}

std::string title_of(const SimulatedContainer& one, Time at) {
    return std::string("sidekiq 8.0.9 mastodon [") + (at < one.busy_until ? "1" : "0") +
           " of 5 busy]" + (one.is_quiet ? " stopping\n" : "\n");
}

/// Of a program that only ends: sh -c "exit 7".
std::optional<int> exit_code_of(const SimulatedContainer& one) {
    const auto& words = one.seen.spec.command;
    if (!words || words->size() != 3 || !words->back().starts_with("exit ")) return std::nullopt;
    return std::stoi(words->back().substr(5));
}

}  // namespace

const SimulatedContainer* SimulatedHost::peer(const SimulatedContainer& one,
                                              const std::string& role) const {
    for (const auto& [id, other] : containers) {
        const bool serves = other.seen.is_running() && other.ready_at <= now;
        if (serves && role_of(other) == role && instance_of(other) == instance_of(one) &&
            shares_network(one, other)) {
            return &other;
        }
    }
    return nullptr;
}

SimulatedContainer* SimulatedHost::peer(const SimulatedContainer& one, const std::string& role) {
    return const_cast<SimulatedContainer*>(std::as_const(*this).peer(one, role));
}

const Cluster* SimulatedHost::cluster_of(const SimulatedContainer& one) const {
    for (const reconcilers::Mount& mount : one.seen.spec.mounts) {
        const auto volume = volumes.find(mount.volume);
        const bool is_data = mount.target.starts_with("/var/lib/postgresql");
        if (is_data && volume != volumes.end() && volume->second.cluster) {
            return &*volume->second.cluster;
        }
    }
    return nullptr;
}

Cluster* SimulatedHost::cluster_of(const SimulatedContainer& one) {
    return const_cast<Cluster*>(std::as_const(*this).cluster_of(one));
}

const Traffic* SimulatedHost::traffic_of(const SimulatedContainer& one) const {
    for (const reconcilers::Mount& mount : one.seen.spec.mounts) {
        const auto volume = volumes.find(mount.volume);
        if (mount.target == "/data" && volume != volumes.end()) return &volume->second.traffic;
    }
    return nullptr;
}

Traffic* SimulatedHost::traffic_of(const SimulatedContainer& one) {
    return const_cast<Traffic*>(std::as_const(*this).traffic_of(one));
}

bool SimulatedHost::answers_now(const SimulatedContainer& one) const {
    const std::string role = role_of(one);
    const auto flaw = flaws.find(one.seen.spec.image.tag);
    if (flaw != flaws.end() && flaw->second.is_never_healthy &&
        (flaw->second.only_role.empty() || flaw->second.only_role == role)) {
        return false;
    }
    if (role == reconcilers::rehearsal_database_role) return one.copy.has_value();
    if (!reconcilers::is_app_role(role)) return true;
    const SimulatedContainer* database = peer(one, "postgres");
    if (database == nullptr || peer(one, "redis") == nullptr) return false;
    if (role == "streaming") return true;
    // New code runs before its post-deployment migrations; old code breaks once others have run.
    const auto& own = migrations_in(one.seen.spec.image);
    const auto& applied = cluster_of(*database)->applied;
    const bool has_all = std::all_of(own.regular.begin(), own.regular.end(), [&](const auto& file) {
        return applied.contains(file.first);
    });
    return has_all && !breaks(own, applied);
}

SimulatedHost::Answer SimulatedHost::answer(const SimulatedContainer& one, Time at) const {
    if (!one.seen.is_running() || one.ready_at > at || !answers_now(one)) return {};
    if (role_of(one) == "edge") return {.is_yes = true, .text = of_edge(traffic_of(one))};
    if (role_of(one) == "sidekiq") return {.is_yes = true, .text = title_of(one, at)};
    if (role_of(one) == reconcilers::archive_role) return archive_says(one);
    if (role_of(one) != "postgres") return {.is_yes = true, .text = "ok\n"};
    const Cluster* cluster = cluster_of(one);
    if (cluster == nullptr) return {};
    const std::set<std::string>* applied = &cluster->applied;
    for (auto before = cluster->history.rbegin(); before != cluster->history.rend(); ++before) {
        if (before->first > at) applied = &before->second;
    }
    return {.is_yes = true,
            .text = "system " + cluster->system + "\nschema " +
                    (applied->empty() ? "none" : reconcilers::fingerprint(*applied)) + "\n"};
}

/// What a job prints; most of them only where all goes well.
std::string SimulatedHost::last_words(const SimulatedContainer& one, int code) const {
    const std::string role = role_of(one);
    if (role == reconcilers::rehearsal_role) {
        return "phase all " + std::to_string((now - one.job_began) / milliseconds(1)) + " " +
               std::to_string(code) + "\n";
    }
    if (code != 0) return "";
    if (role == reconcilers::restore_fetch_role) return vault.list() + vault.description();
    if (reconcilers::is_repository_role(role)) return vault.list();
    if (role == reconcilers::recover_role && vault.recovered) {
        return "set slot " + vault.recovered->slot + "\nset domain alpha.test\n";
    }
    if (role != "migrations") return "";
    std::string words;
    const auto& files = migrations_in(one.seen.spec.image);
    for (const auto& [version, name] : files.regular) {
        words += "migrate " + version + "_" + name + ".rb\n";
    }
    for (const auto& [version, name] : files.post_deployment) {
        words += "post_migrate " + version + "_" + name + ".rb\n";
    }
    return words;
}

/// Begins its program, or goes on where it left it.
void SimulatedHost::go_on(SimulatedContainer& one) {
    const std::string role = role_of(one);
    const auto in = [&](milliseconds span) {
        one.next = Next::goes_on;
        one.next_at = now + span;
    };
    if (role == reconcilers::rehearsal_redis_role) {
        one.ready_at = now + boot;
        return;
    }
    if (one.seen.spec.labels.contains(reconcilers::label::subject)) {
        one.copy.reset();
        const bool is_slow = role == "backup" || role == reconcilers::copy_role ||
                             role == reconcilers::cache_role || reconcilers::is_upkeep_role(role);
        if (one.job_began == now) return in(is_slow ? dump_time : quick_job);
        return go_on_with_job(one, role);
    }
    if (role == "postgres" && cluster_of(one) == nullptr) {
        // The image has no password for a new database, and refuses an empty folder.
        if (one.job_began == now) return in(quick_job);
        return end(one, 1);
    }
    if (const auto code = exit_code_of(one)) return end(one, *code);
    one.ready_at = now + boot;
    const auto flaw = flaws.find(one.seen.spec.image.tag);
    if (role != "web" || flaw == flaws.end() || !flaw->second.answers_for) return;
    in(boot + *flaw->second.answers_for);
    one.next = Next::dies;
    one.next_code = 1;
}

void SimulatedHost::go_on_with_job(SimulatedContainer& one, const std::string& role) {
    if (role == "migrations") return end(one, 0);
    if (role == "postgres-init") {
        if (is_disk_full()) return end(one, 1);
        for (const reconcilers::Mount& mount : one.seen.spec.mounts) {
            SimulatedVolume& volume = make_volume(mount.volume, {});
            if (!volume.cluster) {
                volume.cluster = Cluster{.system = "7" + std::to_string(++made)};
            }
        }
        return end(one, 0);
    }
    if (role == reconcilers::restore_secrets_role) {
        return keep_secrets(one);
    }
    if (reconcilers::is_rehearsal_role(role) && role != reconcilers::rehearsal_fetch_role) {
        return rehearse(one, role);
    }
    if (role == reconcilers::base_role) return make_base(one);
    if (role == reconcilers::recover_role) return recover(one);
    if (role != reconcilers::dump_role && reconcilers::is_upkeep_role(role)) {
        return back_up(one, role);
    }
    if (role == reconcilers::copy_role) return copy_database(one);
    SimulatedContainer* database = peer(one, "postgres");
    if (database == nullptr) return end(one, 1);
    Cluster& cluster = *cluster_of(*database);
    if (role == "backup") {
        if (is_disk_full()) return end(one, 1);
        dumps.push_back(
            {.system = cluster.system, .applied = cluster.applied, .begun = one.seen.started_at});
        return end(one, 0);
    }
    if (role == reconcilers::cache_role) {
        ++cleanings[one.seen.spec.labels.at(reconcilers::label::subject)];
        return end(one, 0);
    }
    if (role == reconcilers::dump_role) return dump_for_later(one, cluster);
    if (role == reconcilers::restore_database_role) return restore(one);
    if (role == "setup") {
        if (peer(one, "redis") == nullptr || is_disk_full()) return end(one, 1);
        if (cluster.applied.empty()) {
            change(cluster, now, all_of(migrations_in(one.seen.spec.image)));
            one.next = Next::goes_on;
            one.next_at = now + one_migration;
            return;
        }
        // db:prepare fills a database only where it has just made its schema; db:seed any.
        const auto& words = one.seen.spec.command;
        cluster.is_seeded |= words && words->back() == "db:seed";
        return end(one, 0);
    }
    if (role == "migrate" || role == "premigrate") return migrate(one, cluster);
    end(one, role == "search-deploy" && peer(one, "search") != nullptr ? 0 : 1);
}

/// For a while, for whoever asks.
void SimulatedHost::keep_secrets(SimulatedContainer& one) {
    if (now - one.job_began >= secrets_kept) return end(one, 0);
    one.next = Next::goes_on;
    one.next_at = one.job_began + secrets_kept;
}

/// Into the volume that it has; a container that has done so ends at once.
void SimulatedHost::copy_database(SimulatedContainer& one) {
    const Cluster* done = cluster_of(one);
    if (done != nullptr && done->copied_by == one.seen.id) return end(one, 0);
    const SimulatedContainer* database = peer(one, "postgres");
    if (database == nullptr || is_disk_full()) return end(one, 1);
    Cluster copy = *cluster_of(*database);
    copy.copied_by = one.seen.id;
    copy.system = "7" + std::to_string(++made);
    copy.history.clear();
    copy.as_of = one.seen.started_at;
    copy.written = {};
    make_volume(one.seen.spec.mounts.front().volume, {}).cluster = std::move(copy);
    end(one, 0);
}

void SimulatedHost::dump_for_later(SimulatedContainer& one, const Cluster& cluster) {
    if (is_disk_full()) return end(one, 1);
    vault.staged = Staged{.slot = one.seen.spec.labels.at(reconcilers::label::subject),
                          .system = cluster.system,
                          .applied = cluster.applied,
                          .begun = one.seen.started_at};
    end(one, 0);
}

/// Beside, then in one step into its place; never over what holds anything but where that is kept.
void SimulatedHost::restore(SimulatedContainer& one) {
    Cluster& cluster = *cluster_of(*peer(one, "postgres"));
    const std::string& by = one.seen.spec.labels.at(reconcilers::label::subject);
    if (cluster.restored_by == by) return end(one, 0);
    const bool is_bare = one.seen.spec.environment.at("MODE").value.reveal() == "bare";
    const bool is_refused = is_bare && !cluster.applied.empty();
    const bool is_archive = one.seen.spec.mounts.front().volume.ends_with("-archive");
    const bool is_there = is_archive ? vault.recovered.has_value() : vault.to_restore.has_value();
    if (is_refused || !is_there || is_disk_full()) return end(one, 1);
    const Staged& set = is_archive ? *vault.recovered : vault.snapshots[*vault.to_restore].dump;
    cluster.history.emplace_back(now, cluster.applied);
    cluster.applied = set.applied;
    cluster.is_seeded = true;
    cluster.restored_by = by;
    cluster.came_from = set.system;
    end(one, 0);
}

/// With restic, over the network or on a disk that may be full; or a drill, which needs neither.
void SimulatedHost::back_up(SimulatedContainer& one, const std::string& role) {
    if (role == reconcilers::drill_role) {
        vault.is_counted = vault.fetched.has_value();
        return end(one, vault.is_counted ? 0 : 1);
    }
    const bool is_out_of_reach = now < registry_down_until;
    if (is_out_of_reach || is_disk_full()) return end(one, 1);
    if (role == reconcilers::restore_media_role) {
        make_volume(one.seen.spec.mounts.front().volume, {}).files_of =
            one.seen.spec.labels.at(reconcilers::label::subject);
    }
    end(one, vault.work(role, one.seen.spec.labels.at(reconcilers::label::subject), now));
}

/// Its server restores what was fetched, which then is gone; its jobs need that server.
void SimulatedHost::rehearse(SimulatedContainer& one, const std::string& role) {
    if (role == reconcilers::rehearsal_database_role) {
        const auto set = std::exchange(vault.to_rehearse, std::nullopt);
        if (!set || is_disk_full()) return end(one, 1);
        one.copy = Cluster{.system = "copy", .applied = vault.snapshots[*set].dump.applied};
        one.ready_at = now + boot;
        return;
    }
    SimulatedContainer* database = peer(one, reconcilers::rehearsal_database_role);
    if (database == nullptr || !database->copy) return end(one, 1);
    if (role == reconcilers::rehearsal_report_role) return end(one, 0);
    if (peer(one, reconcilers::rehearsal_redis_role) == nullptr) return end(one, 1);
    migrate(one, *database->copy);
}

/// One migration, the regular ones before the post-deployment ones.
void SimulatedHost::migrate(SimulatedContainer& one, Cluster& cluster) {
    const auto& files = migrations_in(one.seen.spec.image);
    const auto flaw = flaws.find(one.seen.spec.image.tag);
    const auto count = (now - one.job_began) / one_migration;
    const bool fails = flaw != flaws.end() && flaw->second.migration_fails_after &&
                       count >= *flaw->second.migration_fails_after;
    const bool skips = one.seen.spec.environment.contains("SKIP_POST_DEPLOYMENT_MIGRATIONS");
    for (const auto* part : {&files.regular, &files.post_deployment}) {
        if (skips && part == &files.post_deployment) break;
        for (const auto& [version, name] : *part) {
            if (cluster.applied.contains(version)) continue;
            const bool is_bad_post = flaw != flaws.end() && flaw->second.post_migration_fails &&
                                     part == &files.post_deployment;
            if (fails || is_bad_post || is_disk_full()) return end(one, 1);
            change(cluster, now, {version});
            one.next = Next::goes_on;
            one.next_at = now + one_migration;
            return;
        }
    }
    end(one, 0);
}

}  // namespace matriarch::model
