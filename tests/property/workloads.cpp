// The instance that all workloads share, and what each of them changes in it.
#include "tests/property/workloads.hpp"

#include <algorithm>
#include <stdexcept>

#include "controller/base/log.hpp"
#include "reconcilers/clean_cache.hpp"
#include "reconcilers/labels.hpp"
#include "specs/specs.hpp"
#include "tests/model/acts.hpp"
#include "tests/property/report.hpp"
#include "tests/support/reconciling.hpp"

namespace matriarch::property {

namespace {

/// Two groups, one of them with the scheduler; two web replicas, so that one can serve while the
/// other is replaced.
Wanted instance(const std::string& version, const std::string& more = {},
                bool is_single_user = false) {
    const std::string text =
        "instance: alpha\n"
        "domain: alpha.test\n"
        "mastodon: " +
        version +
        "\n"
        "sidekiq:\n"
        "  main: {queues: [default, mailers, scheduler], concurrency: 5}\n"
        "  push: {queues: [push, pull, ingress, fasp], concurrency: 5}\n"
        "backups: {repository: /srv/backups/alpha}\n"
        "settings: {SINGLE_USER_MODE: \"" +
        std::string(is_single_user ? "true" : "false") + "\"}\n" + more;
    const auto parsed = specs::parse_instance_text(text, "alpha.yaml");
    if (!parsed) throw std::runtime_error(to_text(parsed.error()));
    return {.instance = *parsed,
            .secrets = reconcilers::testing::canary_secrets(),
            .revision = "0123456789abcdef"};
}

Wanted two_webs(const std::string& version) {
    return instance(version, "web: {replicas: 2}\n");
}

/// Everything stops before a schema changes.
Wanted stopped_first(const std::string& version) {
    return instance(version, "web: {replicas: 2}\nupgrade: {strategy: stop}\n");
}

/// A container of an image that somebody committed from one of ours: it has our labels, and is not
/// ours.
void add_stranger(SimulatedHost& host) {
    model::SimulatedContainer stranger;
    stranger.seen.id = host.new_id("container");
    stranger.seen.name = "stranger";
    stranger.seen.spec.name = "stranger";
    stranger.seen.spec.role = "tool";
    stranger.seen.spec.labels = {{reconcilers::label::instance, "alpha"},
                                 {reconcilers::label::role, "tool"}};
    stranger.seen.spec.restart = "always";
    stranger.seen.image_id = "sha256:stranger";
    const std::string id = stranger.seen.id;
    host.begin(host.containers.emplace(id, std::move(stranger)).first->second);
}

class Stage {
 public:
    explicit Stage(Workloads& workloads) : workloads_(workloads) {}

    /// Rehearses it from nothing but a stranger; its end is where the next begin.
    void open(const std::string& name, const Wanted& wanted) {
        Workload first{.name = name, .wanted = wanted};
        add_stranger(first.start);
        add(std::move(first));
    }
    Workload then(const std::string& name, Wanted wanted) {
        return universe_.followed_by(name, std::move(wanted));
    }
    [[nodiscard]] reconcilers::Time now() { return universe_.host().now; }
    void add(Workload workload) {
        if (is_enough_) return;
        for (Violation& violation : universe_.rehearse(workload)) {
            is_enough_ = is_enough_ || violation.property == setting("MATRIARCH_EXPECT", "");
            workloads_.problems.emplace_back(workload.name, std::move(violation));
        }
        workloads_.all.push_back(std::move(workload));
    }
    /// The last one without faults only: with them it may as well end in another way.
    void spare_last() {
        if (!is_enough_) workloads_.all.back().boundaries.clear();
    }
    /// Begins where another one is under way: a commit that comes before the last one is done.
    void add_midway(const Workload& way, const IsThere& is_there, const std::string& name,
                    const Wanted& wanted) {
        if (is_enough_) return;
        if (!universe_.run_until(way, is_there)) {
            workloads_.problems.emplace_back(name, Violation{"L1", "it never was under way"});
            return;
        }
        add(then(name, wanted));
    }
    /// Only to get somewhere.
    void reach(Workload way) {
        if (is_enough_) return;
        for (Violation& violation : universe_.rehearse(way)) {
            workloads_.problems.emplace_back(way.name, std::move(violation));
        }
    }
    /// The same from nothing, through these.
    void reach(const std::vector<Wanted>& stations, const std::string& ends_blocked = {}) {
        Workload way{.name = "on the way", .wanted = stations.front()};
        for (std::size_t i = 0; i < stations.size() && !is_enough_; ++i) {
            if (i > 0) way = then("on the way", stations[i]);
            if (i + 1 == stations.size()) way.ends_blocked = ends_blocked;
            for (Violation& violation : universe_.rehearse(way)) {
                workloads_.problems.emplace_back(way.name, std::move(violation));
            }
        }
    }

 private:
    Workloads& workloads_;
    Universe universe_{scratch()};
    /// A mutant is killed: nobody asks for the rest (see mutant_test.cpp).
    bool is_enough_{false};
};

/// By hand, one of each kind.
void disturb(SimulatedHost& host) {
    using model::FaultKind;
    model::remove_by_hand(host, "alpha-streaming-1");
    const std::vector<std::pair<std::string, FaultKind>> acts{
        {"alpha-redis", FaultKind::stopped},
        {"alpha-sidekiq-push-1", FaultKind::squeezed},
        {"alpha-sidekiq-main-1", FaultKind::unplugged},
        {"alpha-web-1", FaultKind::paused}};
    for (const auto& [name, kind] : acts) {
        std::vector<std::string> names;
        for (const auto& [id, one] : host.containers) names.push_back(one.seen.name);
        std::sort(names.begin(), names.end());
        const auto place = std::find(names.begin(), names.end(), name) - names.begin();
        (void)model::act(host, kind, static_cast<std::size_t>(place), "alpha");
    }
}

void add_changes(Stage& stage) {
    const Wanted base = two_webs("v4.5.0");
    stage.open("first_deployment", base);
    stage.add(stage.then("version_change_rolling", two_webs("v4.6.0")));
    stage.add(stage.then("patch_change", two_webs("v4.6.1")));
    stage.add(stage.then("limit_change",
                         instance("v4.6.1", "web: {replicas: 2, memory: 2GiB, cpus: 1}\n")));
    Wanted configured = instance("v4.6.1", "web: {replicas: 2, memory: 2GiB, cpus: 1}\n", true);
    configured.secrets["SECRET_KEY_BASE"] = Secret("canary-of-the-new-key");
    stage.add(stage.then("configuration_change", std::move(configured)));
    stage.add(stage.then("scale_down", instance("v4.6.1")));
    stage.add(stage.then("scale_up", two_webs("v4.6.1")));
    Workload drift = stage.then("drift_repair", two_webs("v4.6.1"));
    disturb(drift.start);
    stage.add(std::move(drift));
    Workload older = stage.then("downgrade", two_webs("v4.5.0"));
    older.ends_blocked = "downgrade";
    stage.add(std::move(older));
}

/// The scheduler queue moves to the other group.
void add_move(Stage& stage) {
    Wanted wanted = instance("v4.5.0");
    stage.reach({wanted});
    auto& groups = wanted.instance.sidekiq;
    groups[0].queues.pop_back();
    groups[1].queues.emplace_back("scheduler");
    stage.add(stage.then("scheduler_moves", wanted));
}

void add_removal(Stage& stage) {
    const Wanted large = instance("v4.5.0", "search: {enabled: true, version: 8.19.15}\n");
    stage.reach({large});
    Workload whole = stage.then("removal_of_all", large);
    whole.is_removed = true;
    std::erase_if(whole.start.containers,
                  [](const auto& entry) { return entry.second.seen.name == "stranger"; });
    // A container that somebody renamed is left, and said.
    whole.ends_blocked = "not-ours";
    Wanted small = instance("v4.5.0");
    small.instance.sidekiq.pop_back();
    stage.add(stage.then("removal_from_git", small));
    stage.add(std::move(whole));
}

/// As though whoever deployed it had left out its second phase.
void leave_post_deployment_pending(SimulatedHost& host) {
    host.dumps.clear();
    for (auto& [name, volume] : host.volumes) {
        if (!volume.cluster) continue;
        volume.cluster->applied.erase("20240000000004");
        volume.cluster->history.clear();
    }
}

/// Opens in about five minutes, for three hours.
std::string window_soon(reconcilers::Time now) {
    const auto minutes = std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count();
    const auto text = [](std::int64_t at) {
        const auto two = [](std::int64_t part) {
            return (part < 10 ? "0" : "") + std::to_string(part);
        };
        return two(at / 60 % 24) + ":" + two(at % 60);
    };
    return "daily " + text(minutes + 5) + "-" + text(minutes + 185) + " UTC";
}

/// Other ways from one release to another.
void add_upgrades(Stage& stage) {
    stage.reach({stopped_first("v4.5.0")});
    stage.add(stage.then("version_change_stopped", stopped_first("v4.6.0")));
    Workload late = stage.then("patch_change_stopped", stopped_first("v4.6.1"));
    leave_post_deployment_pending(late.start);
    stage.add(std::move(late));
    stage.reach({instance("v4.5.0")});
    stage.add(stage.then("single_web_rolling", instance("v4.6.0")));
    stage.reach({instance("v4.4.8")});
    stage.add(stage.then("through_a_station", instance("v4.6.0")));
    stage.reach({instance("v4.5.0")});
    stage.add(
        stage.then("in_its_window",
                   instance("v4.6.0", "upgrade: {window: " + window_soon(stage.now()) + "}\n")));
}

/// The database moves to another major version.
void add_move_of_database(Stage& stage) {
    stage.reach({instance("v4.5.0", "postgres: {version: 15}\n")});
    stage.add(stage.then("postgres_major", instance("v4.5.0", "postgres: {version: 17}\n")));
}

/// Each of these times has come once, and comes again after years.
Wanted backed_up(const std::string& version, const std::string& more = {}) {
    Wanted wanted = instance(version, more);
    auto& backups = wanted.instance.backups;
    for (specs::Schedule* schedule :
         {&backups.database.schedule, &backups.media.schedule, &backups.drill.schedule}) {
        schedule->text = "0 0 29 2 *";
    }
    wanted.instance.storage.cache = {};
    wanted.secrets["restic-password"] = Secret("canary-restic-password");
    return wanted;
}

/// What is due is backed up and restored for practice; then an upgrade that this is enough for.
void add_backups(Stage& stage) {
    stage.reach({backed_up("v4.5.0")});
    Workload backup = stage.then("backup", backed_up("v4.5.0"));
    backup.keeps_schedules = true;
    stage.add(std::move(backup));
    Workload upgrade =
        stage.then("upgrade_on_recent", backed_up("v4.6.0", "upgrade: {backup: recent}\n"));
    upgrade.keeps_schedules = true;
    stage.add(std::move(upgrade));
}

/// The log of the database is archived from here on, and there is a base backup.
void add_archive(Stage& stage) {
    stage.reach({backed_up("v4.5.0")});
    Wanted wanted = backed_up("v4.5.0");
    wanted.instance.backups.database.continuous = true;
    Workload continuous = stage.then("continuous", wanted);
    continuous.keeps_schedules = true;
    stage.add(std::move(continuous));
    Workload lost = stage.then("lost_database", wanted);
    lost.keeps_schedules = true;
    model::remove_by_hand(lost.start, "alpha-postgres");
    lost.start.volumes.erase("alpha-postgres-17");
    const std::string now =
        reconcilers::slot_text(std::chrono::floor<std::chrono::seconds>(lost.start.now));
    lost.requests = "restore " + now + " " + now + " unsaved archive\n";
    stage.add(std::move(lost));
}

/// The same, and the cache is cleaned: its time has come as well.
Wanted cleaned(const std::string& version, const std::string& more = {}) {
    Wanted wanted = backed_up(version, more);
    wanted.instance.storage.cache = {.media = std::chrono::hours(24 * 7),
                                     .previews = std::chrono::hours(24 * 30),
                                     .schedule = {"0 0 29 2 *"}};
    return wanted;
}

/// As though we had pulled all that is there.
std::vector<reconcilers::PulledImage> all_images(const SimulatedHost& host) {
    std::vector<reconcilers::PulledImage> all;
    for (const auto& [name, image] : host.images) all.push_back({name, image.facts.id, {}});
    return all;
}

/// An upgrade that is first tried on a copy of what was backed up; and one that fails there.
void add_rehearsals(Stage& stage) {
    stage.reach({backed_up("v4.5.0")});
    Workload backup = stage.then("on the way", backed_up("v4.5.0"));
    backup.keeps_schedules = true;
    stage.reach(std::move(backup));
    const std::string more = "upgrade: {backup: recent, rehearse: true}\n";
    Workload failing = stage.then("rehearsal_fails", backed_up("v4.6.9", more));
    failing.keeps_schedules = true;
    failing.start.flaws["v4.6.9"] = {.migration_fails_after = 0};
    failing.ends_blocked = "rehearsal-failed";
    Workload upgrade = stage.then("rehearsed_upgrade", backed_up("v4.6.0", more));
    upgrade.keeps_schedules = true;
    stage.add(std::move(upgrade));
    stage.add(std::move(failing));
}

/// Alone after backups that were made, and together with an upgrade, after which the images of the
/// release before the previous one go.
void add_upkeep(Stage& stage) {
    stage.reach({backed_up("v4.4.8"), backed_up("v4.5.0")});
    Workload backup = stage.then("on the way", backed_up("v4.5.0"));
    backup.keeps_schedules = true;
    stage.reach(std::move(backup));
    Workload upkeep = stage.then("upkeep", cleaned("v4.5.0"));
    upkeep.keeps_schedules = true;
    stage.add(std::move(upkeep));
    Workload upgrade =
        stage.then("upgrade_beside_upkeep", cleaned("v4.6.0", "upgrade: {backup: recent}\n"));
    upgrade.keeps_schedules = true;
    upgrade.facts.clear();
    upgrade.pulled = all_images(upgrade.start);
    upgrade.start.cleanings.clear();
    std::erase_if(upgrade.start.containers, [](const auto& entry) {
        return model::role_of(entry.second) == reconcilers::cache_role;
    });
    stage.add(std::move(upgrade));
}

/// The host is lost with all that was on it; the repository is not. What it has is of a release
/// before the one in the file.
Workload with_lost_host(Workload bare) {
    model::Vault vault = bare.start.vault;
    vault.staged.reset();
    for (const auto& [name, value] : bare.wanted.secrets) {
        if (name != "restic-password") vault.secrets += name + "=" + value.reveal() + "\n";
    }
    const auto now = bare.start.now;
    bare.start = {.now = now, .vault = vault};
    bare.identity.clear();
    bare.facts.clear();
    bare.previous.reset();
    return bare;
}

/// A person wants the oldest backup that there is.
std::string wish_for_oldest(const SimulatedHost& host) {
    for (const model::Stored& one : host.vault.snapshots) {
        if (one.kind != "database") continue;
        const auto now = std::chrono::floor<std::chrono::seconds>(host.now);
        return "restore " + one.dump.slot + " " + reconcilers::slot_text(now) + " saved\n";
    }
    return "";
}

void add_restores(Stage& stage) {
    Workload bare =
        stage.then("restore_bare_host", backed_up("v4.6.0", "bootstrap: {restore: latest}\n"));
    Workload in_place = stage.then("restore_in_place", backed_up("v4.6.0"));
    in_place.keeps_schedules = true;
    in_place.requests = wish_for_oldest(in_place.start);
    stage.add(std::move(in_place));
    stage.add(with_lost_host(std::move(bare)));
}

/// Any container of that role.
IsThere has(const std::string& role, reconcilers::RunState state) {
    return [=](const SimulatedHost& host) {
        return std::any_of(host.containers.begin(), host.containers.end(), [&](const auto& entry) {
            return model::role_of(entry.second) == role && entry.second.seen.state == state;
        });
    };
}

/// The new web runs, and the old one is asked to stop; or is gone by other hands, and never will
/// be.
bool is_old_web_leaving(const SimulatedHost& host) {
    bool is_new_there = false;
    bool is_old_there = false;
    for (const char* name : {"alpha-web-1", "alpha-web-1-b"}) {
        const model::SimulatedContainer* one = host.by_name(name);
        if (one == nullptr || !model::is_alive(*one)) continue;
        const bool is_old = one->seen.spec.image.tag == "v4.5.0";
        const bool dies = one->next == model::SimulatedContainer::Next::dies;
        is_old_there = is_old_there || (is_old && !dies);
        is_new_there = is_new_there || !is_old;
    }
    return is_new_there && !is_old_there;
}

/// Commits that come while the one before them is being applied.
void add_midways(Stage& stage) {
    using reconcilers::RunState;
    const Wanted before = two_webs("v4.5.0");
    stage.reach({before});
    const Workload way = stage.then("on the way", two_webs("v4.6.0"));
    Wanted larger = way.wanted;
    larger.instance.web.limits.memory = mib(900);
    stage.add_midway(way, has("premigrate", RunState::created), "larger_midway", larger);
    stage.add_midway(way, has("premigrate", RunState::running), "fixed_midway", two_webs("v4.6.1"));
    const auto is_begun = [](const SimulatedHost& host) {
        const model::SimulatedContainer* one = host.by_name("alpha-web-1-b");
        return one != nullptr && one->seen.is_running();
    };
    stage.add_midway(way, is_begun, "another_midway", two_webs("v4.6.1"));
    const auto is_quieted = [](const SimulatedHost& host) {
        return std::any_of(host.containers.begin(), host.containers.end(),
                           [](const auto& entry) { return entry.second.is_quiet; });
    };
    stage.add_midway(way, is_quieted, "reverted_midway", before);
}

/// The commit before comes back while the old web ends: at once, or with requests in hand. The one
/// controller knows that it asked it to; after a crash the next one has to doubt.
void add_turns(Stage& stage) {
    stage.reach({instance("v4.5.0")});
    Workload turned = stage.then("reverted_while_it_stops", instance("v4.5.0"));
    turned.before = instance("v4.6.0");
    turned.turns_at = is_old_web_leaving;
    Workload slow = turned;
    slow.name = "reverted_while_it_drains";
    slow.start.stops_within = std::chrono::seconds(5);
    stage.add(std::move(turned));
    stage.add(std::move(slow));
}

/// A commit that fails, with what is wrong with its release.
void add_failure(Stage& stage, const std::string& name, const Wanted& good, const Wanted& bad,
                 const model::Flaw& flaw, const std::string& code) {
    stage.reach({good});
    Workload failing = stage.then(name, bad);
    failing.start.flaws[to_text(bad.instance.mastodon)] = flaw;
    failing.ends_blocked = code;
    failing.looks_often = flaw.answers_for.has_value();
    stage.add(std::move(failing));
}

/// Releases that are no good, and the revert of one.
void add_failures(Stage& stage) {
    const Wanted good = two_webs("v4.5.0");
    add_failure(stage, "never_healthy", good, two_webs("v4.6.8"), {.is_never_healthy = true},
                "rolled-back");
    // Little patience: else nearly every look of a run would be one of waiting.
    const Wanted impatient = instance("v4.6.5", "upgrade: {patience: 20s}\n");
    add_failure(stage, "sidekiq_never_healthy", instance("v4.5.0"), impatient,
                {.is_never_healthy = true, .only_role = "sidekiq"}, "rolled-back");
    add_failure(stage, "never_healthy_stopped", instance("v4.5.0", "upgrade: {strategy: stop}\n"),
                instance("v4.5.8", "upgrade: {strategy: stop}\n"), {.is_never_healthy = true},
                "rolled-back");
    add_failure(stage, "short_lived", instance("v4.5.0"), instance("v4.6.6"),
                {.answers_for = std::chrono::milliseconds(400)}, "rolled-back");
    stage.spare_last();
    add_failure(stage, "failed_post_migration", good, two_webs("v4.6.7"),
                {.post_migration_fails = true}, "migration-failed");
    add_failure(stage, "failed_migration_stopped", stopped_first("v4.5.0"), stopped_first("v4.6.9"),
                {.migration_fails_after = 0}, "migration-failed");
    add_failure(stage, "failed_migration", good, two_webs("v4.6.9"), {.migration_fails_after = 0},
                "migration-failed");
    Workload forward = stage.then("fixed_forward", two_webs("v4.6.1"));
    stage.add(stage.then("revert", good));
    stage.add(std::move(forward));
}

}  // namespace

const Workload& Workloads::named(const std::string& name) const {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Workload& one) { return one.name == name; });
    if (found == all.end()) throw std::runtime_error("no workload is called " + name);
    return *found;
}

std::filesystem::path scratch() {
    const std::filesystem::path memory = "/dev/shm";
    return std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
}

const Workloads& workloads() {
    static const Workloads made = [] {
        controller::log::configure({.level = controller::log::Level::off});
        Workloads workloads;
        Stage stage(workloads);
        add_changes(stage);
        add_move(stage);
        add_removal(stage);
        add_upgrades(stage);
        add_midways(stage);
        add_turns(stage);
        add_failures(stage);
        add_backups(stage);
        add_rehearsals(stage);
        add_upkeep(stage);
        add_restores(stage);
        add_move_of_database(stage);
        add_archive(stage);
        return workloads;
    }();
    return made;
}

}  // namespace matriarch::property
