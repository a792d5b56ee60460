// The archive and its jobs have no network: they reach the server by its socket, in a volume that
// they share with it. There PostgreSQL lets in whoever is on the machine, also for replication;
// over a network no image lets replication in (pg_hba.conf), and none of its files is changed here.
//
// Which archive is written, until when it is whole and how many bases it has is what its health
// check prints: nothing of it is remembered. A restore from it is one job that replays a base and
// the log, and dumps that into a set like any other: from there on restore.cpp knows the way.
#include "reconcilers/archive.hpp"

#include <charconv>
#include <sstream>

#include "reconcilers/archive_scripts.hpp"
#include "reconcilers/labels.hpp"
#include "reconcilers/pursue.hpp"
#include "reconcilers/restore.hpp"
#include "specs/canonical.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::seconds;

/// With the log between them: so far back a moment can be restored.
constexpr int bases_kept = 2;
constexpr const char* socket_folder = "/var/run/postgresql";

/// It runs PostgreSQL's programs as its own user, on the volume of the archive.
void equip(const Wanted& wanted, ContainerSpec& spec) {
    // In the place that the image declares a volume at: else the Engine makes one, and it stays.
    const std::string folder = postgres_folder(wanted.instance.postgres.version);
    spec.entrypoint = {"sh", "-c"};
    spec.user = "postgres";
    spec.init = true;
    spec.environment["FOLDER"] = shown(folder);
    spec.environment["PGUSER"] = shown(database_user);
    spec.environment["PGDATABASE"] = shown(database_name);
    spec.mounts = {{.volume = Names(wanted.instance).archive_volume, .target = folder}};
}

ContainerSpec base_job(const Wanted& wanted, const World& world, const std::string& archive) {
    const std::string when = world.due.base ? slot_text(*world.due.base) : "first";
    ContainerSpec job =
        job_container(wanted, Names(wanted.instance).of(base_role), base_role,
                      specs::resolved_images(wanted.instance).postgres, when + " " + archive);
    give_way(job);
    equip(wanted, job);
    job.command = {base_script()};
    job.environment["PGHOST"] = shown(socket_folder);
    job.environment["ARCHIVE"] = shown(archive);
    job.environment["KEEP"] = shown(std::to_string(bases_kept));
    job.mounts.push_back(socket_mount(wanted));
    return finished(job);
}

std::optional<std::int64_t> number_behind(const std::string& word, const std::string& line) {
    if (!line.starts_with(word)) return std::nullopt;
    std::int64_t count = 0;
    std::from_chars(line.data() + word.size(), line.data() + line.size(), count);
    return count;
}

}  // namespace

Mount socket_mount(const Wanted& wanted) {
    return {.volume = Names(wanted.instance).socket_volume, .target = socket_folder};
}

std::vector<ContainerSpec> wanted_archive(const Wanted& wanted) {
    if (!wanted.instance.backups.database.continuous) return {};
    ContainerSpec spec = base_container(wanted, Names(wanted.instance).archive, archive_role,
                                        specs::resolved_images(wanted.instance).postgres);
    spec.limits = {.memory = mib(128), .cpus = Cpus{500'000'000}, .pids = 64};
    equip(wanted, spec);
    spec.command = {stream_script()};
    spec.environment["PGHOST"] = shown(socket_folder);
    const auto reserve = wanted.instance.storage.reserve.count / 1024;
    spec.environment["RESERVE"] = shown(std::to_string(reserve));
    // By it the server's list of who streams shows which one is ours.
    spec.environment["PGAPPNAME"] = shown(archive_role);
    spec.mounts.push_back(socket_mount(wanted));
    spec.health = HealthCheck{.test = {"CMD-SHELL", stream_health()},
                              .interval = seconds(5),
                              .timeout = seconds(10),
                              .start_period = seconds(60),
                              .retries = 3};
    return {finished(spec)};
}

std::optional<ObservedArchive> archive_of(const Wanted& wanted, const World& world) {
    const ObservedContainer* one = world.container(Names(wanted.instance).archive);
    if (one == nullptr) return std::nullopt;
    ObservedArchive archive{.streams = one->is_ready()};
    std::istringstream lines(one->health_output);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("archive ")) archive.id = line.substr(8);
        if (const auto at = number_behind("caught_up ", line))
            archive.caught_up = Time(seconds(*at));
        if (const auto count = number_behind("bases ", line))
            archive.bases = static_cast<int>(*count);
    }
    if (archive.id.empty()) return std::nullopt;
    return archive;
}

void plan_archive(const Wanted& wanted, const World& world, Steps& steps) {
    for (const ContainerSpec& spec : wanted_archive(wanted)) {
        Steps own;
        converge(spec, world, own);
        const ObservedContainer* made = world.container(spec.name);
        for (Step& step : own.steps) {
            // What it waits for is said by its own condition.
            if (is_wait(step.action) && made != nullptr && made->is_alive()) continue;
            steps.steps.push_back(std::move(step));
        }
        for (Blocked& blocked : own.blocked) steps.block(std::move(blocked));
    }
}

bool has_archive_work(const Wanted& wanted, const World& world) {
    return wanted.instance.backups.database.continuous ||
           world.container(Names(wanted.instance).of(base_role)) != nullptr;
}

void plan_base(const Wanted& wanted, const World& world, Steps& steps) {
    if (!wanted.instance.backups.database.continuous) {
        const ObservedContainer* left = world.container(Names(wanted.instance).of(base_role));
        if (left != nullptr) discard(*left, world, steps, "no longer in the instance file");
        return;
    }
    const auto archive = archive_of(wanted, world);
    // One more lets an older one go, and that may be the one to restore from.
    if (!archive || !archive->streams || to_restore(world)) return;
    pursue(base_job(wanted, world, archive->id), world, steps, "a base backup for the archive");
}

ContainerSpec recover_job(const Wanted& wanted, const World& world) {
    const Restore restore = to_restore(world).value();
    const std::string slot = slot_text(restore.slot);
    ContainerSpec job = job_container(wanted, Names(wanted.instance).of(recover_role), recover_role,
                                      specs::resolved_images(wanted.instance).postgres,
                                      slot + " " + slot_text(restore.asked));
    job.limits = wanted.instance.postgres.limits;
    job.shared_memory = wanted.instance.postgres.shared_memory;
    equip(wanted, job);
    job.command = {recover_script()};
    const auto until = std::chrono::floor<seconds>(restore.slot.time_since_epoch()).count();
    job.environment["MAJOR"] = shown(std::to_string(wanted.instance.postgres.version));
    job.environment["SLOT"] = shown(slot);
    job.environment["UNTIL"] = shown(std::to_string(until));
    // "latest" is written down as the moment it was asked for.
    job.environment["TARGET"] = shown(restore.slot == restore.asked ? "" : "yes");
    job.environment["HEAD"] = shown("instance " + wanted.instance.name + "\nslot " + slot + "\n");
    job.environment["INSTANCE"] = shown(specs::canonical_text(wanted.instance));
    return finished(job);
}

void add_archive(const Wanted& wanted, const World& world, InstanceStatus& status) {
    if (!wanted.instance.backups.database.continuous) return;
    const auto archive = archive_of(wanted, world);
    const auto say = [&](bool is_true, const char* reason, const std::string& message) {
        status.conditions.push_back({"ArchiveStreams", is_true, reason, message});
    };
    if (!archive) return say(false, "NotStreaming", "the archive has not begun");
    status.archived = archive->caught_up;
    if (!archive->streams) {
        return say(false, "NotStreaming",
                   "what was committed since " + slot_text(archive->caught_up) +
                       " is in the database alone; see docker logs " +
                       Names(wanted.instance).archive);
    }
    if (archive->bases == 0) {
        return say(false, "NoBase", "it cannot be restored from before its base backup is made");
    }
    say(true, "Streaming",
        "every change is kept as it is committed, on this host; who loses the host has the "
        "backups");
}

}  // namespace matriarch::reconcilers
