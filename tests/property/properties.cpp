// Safety, judged on the simulated host itself and never on what the controller believes.
#include "tests/property/properties.hpp"

#include <algorithm>

#include "controller/loop/calendar.hpp"
#include "reconcilers/archive.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/path.hpp"
#include "reconcilers/postgres_major.hpp"
#include "reconcilers/schema.hpp"
#include "reconcilers/slot.hpp"
#include "specs/catalogue.hpp"
#include "specs/specs.hpp"

namespace matriarch::property {

using model::is_alive;
using model::role_of;
using model::SimulatedContainer;
using model::SimulatedHost;

namespace {

bool is_verb(const Scene& scene, std::string_view verb) {
    return scene.call->verb == verb && scene.call->is_write;
}

const SimulatedContainer* object_of(const Scene& scene) {
    const auto found = scene.host.containers.find(scene.call->object);
    return found == scene.host.containers.end() ? nullptr : &found->second;
}

bool is_ours(const SimulatedContainer& one, const Wanted& wanted) {
    const auto& labels = one.seen.spec.labels;
    const auto owner = labels.find(reconcilers::label::instance);
    return owner != labels.end() && owner->second == wanted.instance.name &&
           one.seen.name.starts_with(wanted.instance.name + "-");
}

bool changes_schema(const SimulatedContainer& one) {
    return reconcilers::changes_schema(role_of(one));
}

/// Of a schema that is there already.
bool migrates(const SimulatedContainer& one) {
    return changes_schema(one) && role_of(one) != "setup";
}

bool schedules(const SimulatedContainer& one) {
    const auto& command = one.seen.spec.command;
    return role_of(one) == "sidekiq" && command &&
           std::find(command->begin(), command->end(), "scheduler") != command->end();
}

bool is_wanted(const SimulatedContainer& one, const Wanted& wanted) {
    const auto all = reconcilers::wanted_containers(wanted);
    return std::any_of(all.begin(), all.end(), [&](const auto& spec) {
        return spec.name == one.seen.name || (reconcilers::is_app_role(spec.role) &&
                                              reconcilers::second_name(spec.name) == one.seen.name);
    });
}

/// The container that has the place of what is wanted: of the two that a replica may have, the one
/// that answers.
const SimulatedContainer* in_place_of(const SimulatedHost& host,
                                      const reconcilers::ContainerSpec& spec) {
    const SimulatedContainer* one = host.by_name(spec.name);
    if (!reconcilers::is_app_role(spec.role)) return one;
    const SimulatedContainer* other = host.by_name(reconcilers::second_name(spec.name));
    const auto rank = [&](const SimulatedContainer* some) {
        if (some == nullptr) return 0;
        if (host.answer(*some, host.now).is_yes) return 4;
        return is_alive(*some) ? 3 : some->seen.has_exited() ? 2 : 1;
    };
    return rank(other) > rank(one) ? other : one;
}

/// The name that a replica has, whichever of its two containers it is.
std::string replica_of(const std::string& name) {
    return name.ends_with("-b") ? name.substr(0, name.size() - 2) : name;
}

/// Whether its database is still in the volume of another major version than is wanted.
bool is_moving(const SimulatedHost& host, const Wanted& wanted) {
    const reconcilers::Names names(wanted.instance);
    const SimulatedContainer* server = host.by_name(names.postgres);
    const auto wanted_volume = host.volumes.find(names.postgres_volume);
    if (server != nullptr) return server->seen.spec.mounts.front().volume != names.postgres_volume;
    return wanted_volume == host.volumes.end() || !wanted_volume->second.cluster;
}

/// Whether releases may overlap at all: then nobody has to go without.
bool may_overlap(const SimulatedHost& host, const Wanted& wanted) {
    return !is_moving(host, wanted) && !wanted.instance.edge.external &&
           wanted.instance.upgrade.strategy != specs::Strategy::stop;
}

const model::Cluster* database(const Scene& scene) {
    if (const SimulatedContainer* server = scene.host.by_name(scene.names.postgres)) {
        return scene.host.cluster_of(*server);
    }
    const auto found = scene.host.volumes.find(scene.names.postgres_volume);
    if (found == scene.host.volumes.end() || !found->second.cluster) return nullptr;
    return &*found->second.cluster;
}

/// How an image's code and the schema miss one another: it lacks what the code reads, or a
/// migration that is no regular one of any release has taken something away.
Finding misfit(const SimulatedContainer& one, const model::Cluster& cluster) {
    const auto& own = model::migrations_in(one.seen.spec.image);
    for (const auto& [version, name] : own.regular) {
        if (!cluster.applied.contains(version)) return "the schema lacks " + version;
    }
    const auto& newest = model::migrations_in({.repository = "mastodon", .tag = "v4.99.0"});
    for (const auto& [version, name] : newest.post_deployment) {
        if (cluster.applied.contains(version) && !own.post_deployment.contains(version)) {
            return version + " took away what it reads";
        }
    }
    return std::nullopt;
}

Finding s1_volumes_stay(const Scene& scene) {
    // The Engine makes what vanishes between the look and the call; what counts then is that
    // nothing is ever started on it.
    if (scene.is_surprised) return std::nullopt;
    // Who asks for a restore has said what takes the place of a database that is lost.
    if (scene.is_restoring && scene.is_volume_lost) return std::nullopt;
    for (const auto& [name, identity] : scene.held) {
        const auto found = scene.host.volumes.find(name);
        if (found != scene.host.volumes.end() && found->second.identity != identity) {
            return "data volume " + name + " was made anew";
        }
    }
    return std::nullopt;
}

/// Two clusters of one instance: while the one is written to, the other holds nothing newer.
Finding s1_writes_stay(const Scene& scene) {
    for (const auto& [name, volume] : scene.host.volumes) {
        const auto& cluster = volume.cluster;
        if (!cluster || cluster->written != scene.host.now) continue;
        for (const auto& [other_name, other] : scene.host.volumes) {
            if (name == other_name || !other.cluster) continue;
            if (other.cluster->written > cluster->as_of) {
                return name + " is written to, and lacks what " + other_name + " was given";
            }
        }
    }
    return std::nullopt;
}

Finding s1_known_volumes_only(const Scene& scene) {
    const SimulatedContainer* started = is_verb(scene, "start") ? object_of(scene) : nullptr;
    const bool is_moment = scene.call->created != nullptr || started != nullptr;
    if (!is_moment || scene.is_surprised) return std::nullopt;
    const auto& spec = started != nullptr ? started->seen.spec : scene.call->created->spec;
    for (const auto& mount : spec.mounts) {
        const auto volumes = reconcilers::wanted_volumes(scene.wanted);
        const bool is_data = std::any_of(volumes.begin(), volumes.end(), [&](const auto& volume) {
            return volume.is_data && volume.name == mount.volume;
        });
        if (!is_data) continue;
        const auto found = scene.host.volumes.find(mount.volume);
        const auto pinned = scene.identity.volumes.find(mount.volume);
        if (found == scene.host.volumes.end()) return mount.volume + " is not there";
        if (pinned == scene.identity.volumes.end()) return mount.volume + " is not written down";
        const auto& labels = found->second.seen.labels;
        const auto uuid = labels.find(reconcilers::label::volume);
        if (uuid == labels.end() || uuid->second != pinned->second.uuid) {
            return mount.volume + " is another one than was written down";
        }
    }
    return std::nullopt;
}

Finding s2_backup_before_migration(const Scene& scene) {
    const SimulatedContainer* job = object_of(scene);
    if (!is_verb(scene, "start") || job == nullptr || !migrates(*job)) return std::nullopt;
    const model::Cluster* cluster = database(scene);
    if (cluster == nullptr) return std::nullopt;
    const auto& image = model::migrations_in(job->seen.spec.image);
    const auto wanted = model::all_of(image);
    if (std::includes(cluster->applied.begin(), cluster->applied.end(), wanted.begin(),
                      wanted.end())) {
        return std::nullopt;
    }
    // Of this schema, or of what it was before this upgrade's regular migrations.
    const auto is_from_before = [&](const model::Dump& dump) {
        return std::all_of(cluster->applied.begin(), cluster->applied.end(), [&](const auto& one) {
            return dump.applied.contains(one) || image.regular.contains(one);
        });
    };
    if (scene.wanted.instance.upgrade.backup == specs::BackupDemand::recent) {
        for (const model::Stored& one : scene.host.vault.snapshots) {
            const model::Dump dump{.system = one.dump.system, .applied = one.dump.applied};
            const auto age = scene.host.now - one.dump.begun;
            const bool is_young = age <= scene.wanted.instance.backups.database.freshness;
            const bool is_it = one.kind == "database" && dump.system == cluster->system;
            if (is_it && is_young && is_from_before(dump)) return std::nullopt;
        }
    }
    const auto& dumps = scene.host.dumps;
    const bool has_dump = std::any_of(dumps.begin(), dumps.end(), [&](const model::Dump& dump) {
        return dump.system == cluster->system && is_from_before(dump) &&
               scene.host.now - dump.begun <= std::chrono::hours(2);
    });
    if (has_dump) return std::nullopt;
    return "a migration starts without a dump of this schema";
}

/// Backups keep off each other, and off what changes what they read; a cleaning keeps off them all.
bool disturbs(const std::string& role, const std::string& other) {
    static const std::set<std::string> dumps{"backup", "dump"};
    static const std::set<std::string> writers{"snapshot", "snapshot-media", "snapshots",
                                               "drill-fetch", "drill-mark"};
    static const std::set<std::string> of_schema{"setup", "migrate", "premigrate"};
    const auto both = [&](const auto& some, const auto& others) {
        return some.contains(role) && others.contains(other);
    };
    const std::set<std::string> readers{"backup", "dump", "snapshot"};
    const std::set<std::string> cleaner{"clean-cache"};
    std::set<std::string> all{"drill", "restore-fetch", "restore-database", "restore-media"};
    for (const auto* more : {&dumps, &writers, &of_schema}) all.insert(more->begin(), more->end());
    return both(cleaner, all) || both(all, cleaner) || both(dumps, dumps) ||
           both(writers, writers) || both(of_schema, readers) || both(readers, of_schema) ||
           (role == "drill" && other == "drill");
}

Finding s3_one_of_a_kind(const Scene& scene) {
    const SimulatedContainer* one = object_of(scene);
    if (!is_verb(scene, "start") || one == nullptr || scene.is_surprised) return std::nullopt;
    const std::string role = role_of(*one);
    for (const auto& [id, other] : scene.host.containers) {
        if (id == one->seen.id || !is_alive(other) || !is_ours(other, scene.wanted)) continue;
        const bool is_single =
            role == "postgres" || role == "redis" || role == "backup" || role == "postgres-init";
        if (disturbs(role, role_of(other))) {
            return one->seen.name + " starts beside " + other.seen.name;
        }
        if ((is_single && role_of(other) == role) || (schedules(*one) && schedules(other)) ||
            (changes_schema(*one) && changes_schema(other))) {
            return one->seen.name + " starts beside " + other.seen.name;
        }
    }
    return std::nullopt;
}

/// Whether a job would apply something that this code does not survive.
bool is_broken_by(const SimulatedContainer& code, const SimulatedContainer& job,
                  const model::Cluster& cluster) {
    if (role_of(job) == "setup") return true;
    if (job.seen.spec.environment.contains("SKIP_POST_DEPLOYMENT_MIGRATIONS")) return false;
    const auto& own = model::migrations_in(code.seen.spec.image);
    const auto& brings = model::migrations_in(job.seen.spec.image);
    const auto is_new = [&](const auto& entry) {
        return !cluster.applied.contains(entry.first) && !own.post_deployment.contains(entry.first);
    };
    return std::any_of(brings.post_deployment.begin(), brings.post_deployment.end(), is_new);
}

Finding s4_schema_fits(const Scene& scene) {
    const SimulatedContainer* one = object_of(scene);
    const model::Cluster* cluster = database(scene);
    if (!is_verb(scene, "start") || one == nullptr || scene.is_surprised || cluster == nullptr) {
        return std::nullopt;
    }
    const bool is_app = reconcilers::is_app_role(role_of(*one));
    for (const auto& [id, other] : scene.host.containers) {
        if (!is_alive(other) || !is_ours(other, scene.wanted)) continue;
        const bool has_code = reconcilers::is_app_role(role_of(other));
        if ((is_app && changes_schema(other) && is_broken_by(*one, other, *cluster)) ||
            (has_code && migrates(*one) && is_broken_by(other, *one, *cluster))) {
            return one->seen.name + " starts beside " + other.seen.name;
        }
    }
    if (!is_app || role_of(*one) == "streaming") return std::nullopt;
    if (const Finding what = misfit(*one, *cluster)) return one->seen.name + ": " + *what;
    return std::nullopt;
}

/// Contract 7: two releases share a schema only where one follows the other.
Finding s4_two_phases_of_neighbours(const Scene& scene) {
    const SimulatedContainer* job = object_of(scene);
    if (!is_verb(scene, "start") || job == nullptr || role_of(*job) != "premigrate") {
        return std::nullopt;
    }
    const auto to = specs::parse_version(job->seen.spec.image.tag);
    for (const auto& [id, other] : scene.host.containers) {
        if (!is_alive(other) || !is_ours(other, scene.wanted)) continue;
        const auto from = specs::parse_version(other.seen.spec.image.tag);
        if (!reconcilers::is_app_role(role_of(other)) || !from || !to) continue;
        const auto apart = specs::catalogue::minors_between(*from, *to);
        if (apart && *apart > 1) return other.seen.name + " is too old to run beside it";
    }
    return std::nullopt;
}

/// The other container of the same replica.
const SimulatedContainer* counterpart_of(const SimulatedHost& host, const std::string& name) {
    return host.by_name(name.ends_with("-b") ? replica_of(name) : reconcilers::second_name(name));
}

/// Also by itself, at the Engine's next start: then there would be two schedulers.
Finding s3_does_not_come_back(const Scene& scene) {
    const SimulatedContainer* one = object_of(scene);
    // Whom somebody started by hand is not judged.
    const bool starts = is_verb(scene, "start") && one != nullptr && scene.is_calm;
    if (!starts || !schedules(*one)) return std::nullopt;
    const SimulatedContainer* other = counterpart_of(scene.host, one->seen.name);
    const bool has_run = other != nullptr && other->seen.state != reconcilers::RunState::created;
    if (!has_run || other->seen.spec.restart == "no") return std::nullopt;
    return other->seen.name + " made room, and would come back by itself";
}

/// Whether it was asked to stop.
bool is_stopping(const SimulatedContainer& one) {
    return one.is_held_down && one.next == SimulatedContainer::Next::dies;
}

bool goes_on_answering(const Scene& scene, const SimulatedContainer& one) {
    return role_of(one) == "web" && !is_stopping(one) &&
           scene.host.answer(one, scene.host.now).is_yes;
}

/// Whether people are sent to it, and it answers them.
bool serves(const Scene& scene, const SimulatedContainer& one,
            const std::set<std::string>& routes) {
    return routes.contains(one.seen.name) && goes_on_answering(scene, one);
}

const std::set<std::string>& routes_of(const SimulatedHost& host, const Wanted& wanted) {
    static const std::set<std::string> none;
    const auto volume = host.volumes.find(reconcilers::Names(wanted.instance).edge_volume);
    return volume == host.volumes.end() ? none : volume->second.traffic.routes;
}

const std::set<std::string>& routes_of(const Scene& scene) {
    return routes_of(scene.host, scene.wanted);
}

Finding s5_web_answers(const Scene& scene) {
    if (scene.is_restoring || scene.is_removed) return std::nullopt;
    const SimulatedContainer* one = object_of(scene);
    const bool stops_web = is_verb(scene, "signal") && one != nullptr && role_of(*one) == "web";
    if (!stops_web || scene.is_surprised || !may_overlap(scene.host, scene.wanted)) {
        return std::nullopt;
    }
    if (!scene.answering.contains(one->seen.id)) return std::nullopt;
    const auto& routes = routes_of(scene);
    // An edge that somebody stopped or renamed cannot be asked whom it sends to who is to leave.
    if (routes.contains(one->seen.name) && (scene.is_calm || is_wanted(*one, scene.wanted))) {
        return one->seen.name + " is stopped while it serves";
    }
    // Whose name somebody changed cannot be reached by it any more.
    if (!is_wanted(*one, scene.wanted)) return std::nullopt;
    // Where the edge lost whom it sends people to, it is told of all that answer.
    const auto counts = [&](const auto& entry) {
        const SimulatedContainer& other = entry.second;
        return routes.empty() ? &other != one && goes_on_answering(scene, other)
                              : serves(scene, other, routes);
    };
    const bool another_serves =
        std::any_of(scene.host.containers.begin(), scene.host.containers.end(), counts);
    if (another_serves) return std::nullopt;
    return one->seen.name + " is the last one that answers";
}

/// Nobody is sent away from the last web container that answers.
Finding s5_doors_stay_open(const Scene& scene) {
    if (scene.is_restoring || scene.is_removed) return std::nullopt;
    if (!is_verb(scene, "configure") || scene.is_surprised ||
        !may_overlap(scene.host, scene.wanted)) {
        return std::nullopt;
    }
    // One that came up since the look may be counted on, too.
    const auto answers = [&](const auto& entry, bool also_since) {
        return scene.answering.contains(entry.first) ||
               (also_since && scene.host.answer(entry.second, scene.host.now).is_yes);
    };
    const auto count = [&](const std::set<std::string>& routes, bool also_since) {
        return std::count_if(
            scene.host.containers.begin(), scene.host.containers.end(), [&](const auto& entry) {
                return answers(entry, also_since) && serves(scene, entry.second, routes);
            });
    };
    if (count(routes_of(scene), false) == 0 || count(*scene.call->routes, true) > 0) {
        return std::nullopt;
    }
    return "people are sent to nobody, although somebody answers";
}

/// The server of the database is made anew for this commit. Two of one folder cannot overlap.
bool replaces_database(const Scene& scene) {
    const auto digest = [](const Wanted& wanted) {
        return reconcilers::spec_digest(reconcilers::wanted_postgres(wanted));
    };
    return scene.previous != nullptr && digest(*scene.previous) != digest(scene.wanted);
}

/// A commit alone takes nobody's server away, at no instant.
Finding s5_served_throughout(const Scene& scene) {
    if (scene.is_restoring || scene.is_removed) return std::nullopt;
    const bool is_moment = scene.call->is_write || std::string_view(scene.call->verb) == "list";
    if (!is_moment || !scene.is_calm || !scene.was_served ||
        !may_overlap(scene.host, scene.wanted)) {
        return std::nullopt;
    }
    if (is_served(scene.host, scene.wanted) || replaces_database(scene)) return std::nullopt;
    return "nobody is served any more";
}

/// Whether a schema change is to come that the code before it need not survive.
bool is_schema_pending(const Scene& scene) {
    const model::Cluster* cluster = database(scene);
    const auto images = specs::resolved_images(scene.wanted.instance);
    const auto& files = model::migrations_in(images.mastodon);
    return cluster != nullptr &&
           std::any_of(files.regular.begin(), files.regular.end(),
                       [&](const auto& entry) { return !cluster->applied.contains(entry.first); });
}

/// Where old and new may not overlap: only once the new one is made, and one after the other unless
/// the schema changes.
Finding s5_stops_in_turn(const Scene& scene) {
    const SimulatedContainer* one = object_of(scene);
    const bool stops_web = is_verb(scene, "signal") && one != nullptr && role_of(*one) == "web";
    if (!stops_web || scene.is_surprised || may_overlap(scene.host, scene.wanted)) {
        return std::nullopt;
    }
    const bool answers = scene.answering.contains(one->seen.id) && !is_stopping(*one);
    if (!answers || !is_wanted(*one, scene.wanted)) return std::nullopt;
    const auto& all = scene.host.containers;
    if (is_moving(scene.host, scene.wanted)) {
        const bool is_made = std::any_of(all.begin(), all.end(), [](const auto& entry) {
            return role_of(entry.second) == reconcilers::copy_role;
        });
        if (is_made) return std::nullopt;
        return one->seen.name + " is stopped before its database can move";
    }
    const bool is_changing = std::any_of(all.begin(), all.end(), [](const auto& entry) {
        return changes_schema(entry.second) && is_alive(entry.second);
    });
    if (!is_changing && counterpart_of(scene.host, one->seen.name) == nullptr) {
        return one->seen.name + " is stopped before its successor is made";
    }
    const bool is_alone = scene.wanted.instance.web.replicas == 1;
    if (!scene.is_calm || is_alone || is_schema_pending(scene)) return std::nullopt;
    const bool another_answers = std::any_of(all.begin(), all.end(), [&](const auto& entry) {
        const SimulatedContainer& other = entry.second;
        return &other != one && role_of(other) == "web" && !is_stopping(other) &&
               scene.host.answer(other, scene.host.now).is_yes;
    });
    if (another_answers) return std::nullopt;
    return one->seen.name + " is stopped before the other replica is back";
}

/// Outside its window no release begins.
Finding s5_waits_for_its_window(const Scene& scene) {
    const SimulatedContainer* one = object_of(scene);
    const std::string& window = scene.wanted.instance.upgrade.window;
    if (window.empty() || !is_verb(scene, "start") || one == nullptr || !scene.is_calm) {
        return std::nullopt;
    }
    const bool is_new = scene.previous != nullptr &&
                        one->seen.spec.image.tag == to_text(scene.wanted.instance.mastodon);
    const bool is_felt = migrates(*one) || reconcilers::is_app_role(role_of(*one));
    if (!is_new || !is_felt) return std::nullopt;
    if (controller::next_opening(window, scene.host.now) <= scene.host.now) return std::nullopt;
    return one->seen.name + " starts outside of the window";
}

/// Sidekiq fetches no more before it is asked to stop, and has the time to finish what it has.
Finding s16_jobs_are_finished(const Scene& scene) {
    const SimulatedContainer* one = object_of(scene);
    const bool stops = is_verb(scene, "signal") && one != nullptr &&
                       scene.call->signal != nullptr &&
                       *scene.call->signal != reconcilers::quiet_signal;
    if (!stops || role_of(*one) != "sidekiq" || !scene.is_calm || is_stopping(*one)) {
        return std::nullopt;
    }
    if (!scene.host.answer(*one, scene.host.now).is_yes) return std::nullopt;
    if (!one->is_quiet) return one->seen.name + " is stopped while it fetches jobs";
    if (one->busy_until > scene.host.now) return one->seen.name + " is stopped with jobs in hand";
    return std::nullopt;
}

/// Of a generation, and of the releases on the way to it.
std::set<std::string> digests_of(const Wanted& wanted, const Wanted* previous) {
    std::set<std::string> digests;
    if (previous != nullptr) {
        const auto stations =
            specs::catalogue::stations(previous->instance.mastodon, wanted.instance.mastodon);
        for (const auto& version : stations.value_or(std::vector<specs::Version>{})) {
            digests.merge(
                digests_of(reconcilers::at_station(wanted, {.version = version}), nullptr));
        }
    }
    auto images = reconcilers::wanted_images(wanted);
    images.push_back(specs::resolved_images(wanted.instance).restic);
    for (const specs::ImageRef& image : images) {
        const auto facts = model::published_image(image).facts;
        digests.insert(facts.repository_digests.front());
    }
    return digests;
}

Finding s6_known_digests(const Scene& scene) {
    if (scene.call->created == nullptr) return std::nullopt;
    const auto image = specs::parse_image(scene.call->created->image);
    if (!image || image->digest.empty()) return scene.call->created->image + " has no digest";
    const std::string digest = specs::repository_text(*image) + "@" + image->digest;
    if (digests_of(scene.wanted, scene.previous).contains(digest)) return std::nullopt;
    if (scene.previous != nullptr && digests_of(*scene.previous, nullptr).contains(digest)) {
        return std::nullopt;
    }
    return digest + " is of no generation";
}

/// What is wanted, and what was before it, can be started again without a registry.
Finding s6_keeps_images(const Scene& scene) {
    if (!is_verb(scene, "remove") || scene.call->role != "image") return std::nullopt;
    for (const auto& [name, image] : scene.host.images) {
        if (image.facts.id != scene.call->object) continue;
        for (const Wanted* wanted : {&scene.wanted, scene.previous}) {
            if (wanted == nullptr) continue;
            for (const specs::ImageRef& needed : reconcilers::wanted_images(*wanted)) {
                if (specs::to_text(needed) == name) return name + " goes, and is needed";
            }
        }
    }
    return std::nullopt;
}

Finding s8_no_secret(const Scene& scene) {
    std::string text = reconcilers::to_text(scene.result->steps) + scene.result->status.waits_for +
                       reconcilers::to_text(scene.result->upkeep) +
                       reconcilers::to_text(scene.result->housekeeping);
    for (const auto& blocked : scene.result->steps.blocked) text += blocked.message + blocked.hint;
    for (const auto& condition : scene.result->status.conditions) text += condition.message;
    for (const auto& item : scene.result->status.drift) {
        text += item.difference.desired + item.difference.actual;
    }
    for (const auto& [name, secret] : scene.wanted.secrets) {
        if (text.find(secret.reveal()) != std::string::npos) return name + " is shown";
    }
    return std::nullopt;
}

Finding s9_intent_first(const Scene& scene) {
    if (!scene.call->is_write || scene.has_intent) return std::nullopt;
    return std::string(scene.call->verb) + " without an intent";
}

/// The holder is asked of the host: which of the claims on the instance has the highest number.
Finding s11_holder_only(const Scene& scene) {
    namespace label = reconcilers::label;
    const auto* volume = scene.call->volume;
    const bool is_claim = volume != nullptr && volume->labels.contains(label::holds);
    if (!scene.call->is_write || is_claim || scene.is_surprised) return std::nullopt;
    std::string holder = "nobody";
    const std::string& instance = scene.wanted.instance.name;
    for (int number = 1;; ++number) {
        const auto found = scene.host.volumes.find(instance + "-holder-" + std::to_string(number));
        if (found == scene.host.volumes.end()) break;
        const auto& labels = found->second.seen.labels;
        if (const auto id = labels.find(label::holder); id != labels.end()) holder = id->second;
    }
    if (holder == "ours") return std::nullopt;
    return std::string(scene.call->verb) + " by us, while " + holder + " holds the instance";
}

Finding s12_ours_and_seen(const Scene& scene) {
    const std::string verb = scene.call->verb;
    if (!scene.call->is_write || verb == "pull") return std::nullopt;
    if (verb == "create") {
        if (scene.call->object.starts_with(scene.wanted.instance.name + "-")) return std::nullopt;
        return "makes " + scene.call->object;
    }
    const SimulatedContainer* one = object_of(scene);
    if (one == nullptr) return std::nullopt;  // gone: whatever is asked of that id does nothing
    if (!scene.seen.contains(scene.call->object)) {
        return verb + " of " + one->seen.name + ", which this pass has not seen";
    }
    if (!is_ours(*one, scene.wanted) && !scene.is_surprised) {
        return verb + " of " + one->seen.name + ", which is not ours";
    }
    return std::nullopt;
}

/// What counts as a backup is of the database that serves, and counts once.
Finding s10_backups_are_true(const Scene& scene) {
    const model::Cluster* cluster = database(scene);
    std::set<std::string> slots;
    for (const model::Stored& one : scene.host.vault.snapshots) {
        if (!slots.insert(one.kind + " " + one.dump.slot).second) {
            return "two backups of " + one.kind + " for " + one.dump.slot;
        }
        const bool is_other = cluster != nullptr && !cluster->applied.empty() &&
                              one.dump.system != cluster->system &&
                              one.dump.system != cluster->came_from;
        if (one.kind == "database" && is_other) return "a backup of another database counts";
    }
    return std::nullopt;
}

/// A folder of the host is for restic, and only the one in the file.
Finding s12_no_folder_of_the_host(const Scene& scene) {
    if (scene.call->created == nullptr || scene.call->created->spec.repository.empty()) {
        return std::nullopt;
    }
    const auto& spec = scene.call->created->spec;
    const bool is_ours = spec.repository == scene.wanted.instance.backups.repository &&
                         spec.image.repository.find("restic") != std::string::npos;
    if (is_ours) return std::nullopt;
    return spec.name + " would have the folder " + spec.repository;
}

/// After a restore no job is worked on before a person said so, and nothing that writes runs while
/// it is under way.
Finding s17_held_after_restore(const Scene& scene) {
    const SimulatedContainer* one = object_of(scene);
    if (!is_verb(scene, "start") || one == nullptr || scene.is_surprised) return std::nullopt;
    const std::string role = role_of(*one);
    if (role == "sidekiq" && scene.is_held) return one->seen.name + " starts and is held";
    const bool writes = reconcilers::is_app_role(role) || changes_schema(*one);
    if (writes && scene.identity.restoring) return one->seen.name + " starts beside a restore";
    if (role != "restore-database") return std::nullopt;
    for (const auto& [id, other] : scene.host.containers) {
        const std::string by = role_of(other);
        if (is_alive(other) && is_ours(other, scene.wanted) &&
            (reconcilers::is_app_role(by) || changes_schema(other))) {
            return one->seen.name + " starts beside " + other.seen.name;
        }
    }
    return std::nullopt;
}

Finding s13_health_is_true(const Scene& scene) {
    const bool only_looked = scene.result->steps.changes_nothing();
    if (!scene.result->status.ready || scene.is_surprised || !only_looked) return std::nullopt;
    const auto& conditions = scene.result->status.conditions;
    const bool is_held = std::any_of(conditions.begin(), conditions.end(), [](const auto& one) {
        return one.type == "SidekiqHeld" && one.is_true;
    });
    for (const auto& spec : reconcilers::wanted_containers(scene.wanted)) {
        if (spec.role == "sidekiq" && is_held) continue;
        const SimulatedContainer* one = in_place_of(scene.host, spec);
        if (one == nullptr) return spec.name + " is reported ready and is not there";
        // It may have stopped since it was looked at.
        if (!is_alive(*one) && one->seen.finished_at < scene.pass_began) {
            return spec.name + " is reported ready and does not run";
        }
    }
    return std::nullopt;
}

}  // namespace

const std::vector<Property>& safety_properties() {
    static const std::vector<Property> all{
        {"S1", "data volumes are never made anew", Moment::after_call, s1_volumes_stay},
        {"S1", "what was written is not left behind", Moment::after_call, s1_writes_stay},
        {"S1", "data containers only on known volumes", Moment::before_call, s1_known_volumes_only},
        {"S2", "no migration without a backup of this schema", Moment::before_call,
         s2_backup_before_migration},
        {"S3", "one scheduler, migration, database, backup writer", Moment::before_call,
         s3_one_of_a_kind},
        {"S3", "a scheduler that makes room does not come back", Moment::before_call,
         s3_does_not_come_back},
        {"S4", "no code on a schema that it does not fit", Moment::before_call, s4_schema_fits},
        {"S4", "only neighbours share a schema", Moment::before_call, s4_two_phases_of_neighbours},
        {"S5", "the last web that answers is not stopped", Moment::before_call, s5_web_answers},
        {"S5", "people are sent to who answers", Moment::before_call, s5_doors_stay_open},
        {"S5", "a commit alone leaves people served", Moment::before_call, s5_served_throughout},
        {"S5", "without overlap one stops after the other", Moment::before_call, s5_stops_in_turn},
        {"S5", "a release begins in its window", Moment::before_call, s5_waits_for_its_window},
        {"S6", "only digests of this generation or the last", Moment::before_call,
         s6_known_digests},
        {"S6", "images of this generation and the last stay", Moment::before_call, s6_keeps_images},
        {"S8", "no secret in any output", Moment::after_pass, s8_no_secret},
        {"S9", "the intent is written before the effect", Moment::before_call, s9_intent_first},
        {"S11", "only the holder of the instance changes it", Moment::before_call, s11_holder_only},
        {"S10", "a backup is of this database, and counts once", Moment::after_call,
         s10_backups_are_true},
        {"S12", "no folder of the host but the repository", Moment::before_call,
         s12_no_folder_of_the_host},
        {"S12", "only what is ours and was seen in this pass", Moment::before_call,
         s12_ours_and_seen},
        {"S16", "no job in hand is cut off", Moment::before_call, s16_jobs_are_finished},
        {"S17", "a restore is alone, and Sidekiq held after it", Moment::before_call,
         s17_held_after_restore},
        {"S13", "reported ready is ready", Moment::after_pass, s13_health_is_true},
    };
    return all;
}

namespace {

/// Whether it is at its work. Nobody waits for the archive: it may have just begun.
bool is_at_work(const SimulatedHost& host, const SimulatedContainer& one) {
    const bool may_begin = role_of(one) == reconcilers::archive_role && is_alive(one);
    return host.answer(one, may_begin ? std::max(host.now, one.ready_at) : host.now).is_yes;
}

std::string line_of(const SimulatedHost& host, const SimulatedContainer& one) {
    const auto& spec = one.seen.spec;
    std::string line = replica_of(one.seen.name) + " " + one.seen.image_reference + " " +
                       reconcilers::to_text(one.seen.state) + " " + spec.restart + " " +
                       std::to_string(spec.limits.memory.count) + "/" +
                       std::to_string(spec.limits.cpus.nano) + "/" +
                       std::to_string(spec.limits.pids);
    line += is_at_work(host, one) ? " answers" : " is silent";
    for (const auto& [name, value] : spec.environment) {
        line += " " + name + "=" + value.value.reveal();
    }
    for (const auto& mount : spec.mounts) line += " " + mount.volume + ":" + mount.target;
    for (const auto& [network, aliases] : spec.networks) {
        line += " @" + network;
        for (const std::string& alias : aliases) line += "," + alias;
    }
    return line + "\n";
}

}  // namespace

bool is_served(const SimulatedHost& host, const Wanted& wanted) {
    const auto& routes = routes_of(host, wanted);
    return std::any_of(routes.begin(), routes.end(), [&](const std::string& name) {
        const SimulatedContainer* one = host.by_name(name);
        return one != nullptr && role_of(*one) == "web" && host.answer(*one, host.now).is_yes;
    });
}

std::string projection(const SimulatedHost& host, const Wanted& wanted) {
    std::set<std::string> lines;
    for (const auto& [id, one] : host.containers) {
        const bool is_job = one.seen.spec.labels.contains(reconcilers::label::subject);
        if (is_job || !is_ours(one, wanted)) continue;
        // Whether what was given up is still lying there is nobody's concern.
        const SimulatedContainer* other = counterpart_of(host, one.seen.name);
        if (!one.seen.is_running() && other != nullptr && other->seen.is_running()) continue;
        lines.insert(line_of(host, one));
    }
    for (const auto& [id, network] : host.networks) lines.insert("network " + network.name + "\n");
    for (const auto& [name, volume] : host.volumes) {
        std::string line = "volume " + name;
        if (volume.cluster) {
            line += " schema " + reconcilers::fingerprint(volume.cluster->applied);
        }
        if (volume.cluster && !volume.cluster->restored_by.empty()) line += " restored";
        if (!volume.files_of.empty()) line += " with its files";
        for (const std::string& route : volume.traffic.routes) line += " to " + replica_of(route);
        lines.insert(line + "\n");
    }
    std::string text;
    for (const std::string& line : lines) text += line;
    return text;
}

Finding is_gone(const SimulatedHost& host, const Wanted& wanted) {
    for (const auto& [id, one] : host.containers) {
        // Whoever renamed one has it for himself.
        const bool is_named = one.seen.name.starts_with(wanted.instance.name + "-");
        if (is_named && is_ours(one, wanted)) return one.seen.name + " is left over";
    }
    for (const auto& [id, network] : host.networks) {
        const auto owner = network.labels.find(reconcilers::label::instance);
        const bool is_its = owner != network.labels.end() && owner->second == wanted.instance.name;
        if (is_its && !network.is_used) return "network " + network.name + " is left over";
    }
    return std::nullopt;
}

Finding is_as_wanted(const SimulatedHost& host, const Wanted& wanted) {
    for (const auto& spec : reconcilers::wanted_containers(wanted)) {
        const SimulatedContainer* one = in_place_of(host, spec);
        if (one == nullptr) return spec.name + " is absent";
        if (spec.role == "web" || spec.role == "streaming") {
            const auto edge = host.volumes.find(reconcilers::Names(wanted.instance).edge_volume);
            const bool is_open =
                edge == host.volumes.end() || edge->second.traffic.routes.contains(one->seen.name);
            if (!is_open) return "nobody is sent to " + one->seen.name;
        }
        if (one->is_quiet) return one->seen.name + " fetches no jobs";
        if (!is_at_work(host, *one)) return spec.name + " does not answer";
        const auto image = host.images.find(specs::to_text(spec.image));
        if (image == host.images.end() || image->second.facts.id != one->seen.image_id) {
            return spec.name + " runs another image";
        }
        if (one->seen.spec.limits.memory != spec.limits.memory ||
            one->seen.spec.restart != spec.restart) {
            return spec.name + " has other limits";
        }
        for (const auto& [network, aliases] : spec.networks) {
            const auto joined = one->seen.spec.networks.find(network);
            if (joined == one->seen.spec.networks.end() || joined->second != aliases) {
                return spec.name + " is not on " + network + " as it should be";
            }
        }
        for (const auto& [name, value] : spec.environment) {
            const auto set = one->seen.spec.environment.find(name);
            if (set == one->seen.spec.environment.end() ||
                !set->second.value.is_same_as(value.value)) {
                return spec.name + " has another " + name;
            }
        }
    }
    for (const auto& [id, one] : host.containers) {
        const bool is_job = one.seen.spec.labels.contains(reconcilers::label::subject);
        if (is_job || !is_ours(one, wanted)) continue;
        const std::string other = one.seen.name.ends_with("-b")
                                      ? replica_of(one.seen.name)
                                      : reconcilers::second_name(one.seen.name);
        if (!is_wanted(one, wanted) || host.by_name(other) != nullptr) {
            return one.seen.name + " is left over";
        }
    }
    const auto volume = host.volumes.find(reconcilers::Names(wanted.instance).postgres_volume);
    if (volume == host.volumes.end() || !volume->second.cluster) return "there is no database";
    if (!volume->second.cluster->is_seeded) return "the database was never seeded";
    const auto images = specs::resolved_images(wanted.instance);
    for (const std::string& version : model::all_of(model::migrations_in(images.mastodon))) {
        if (!volume->second.cluster->applied.contains(version)) return version + " is pending";
    }
    return std::nullopt;
}

}  // namespace matriarch::property
