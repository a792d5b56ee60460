// From what the sandboxed child read to instances that may be applied.
#include "controller/loop/fleet.hpp"

#include <filesystem>

#include "controller/loop/calendar.hpp"
#include "specs/schedule.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {

namespace {

/// A local folder is read like a commit: in a child, by the same rules.
constexpr std::chrono::seconds folder_within{20};

/// The zones of time that an instance names: what this host does not know would never come.
std::vector<std::string> zones_of(const specs::Instance& instance) {
    std::vector<std::string> zones;
    if (const auto window = specs::parse_window(instance.upgrade.window)) {
        zones.push_back(window->zone);
    }
    const auto& backups = instance.backups;
    for (const specs::Schedule& schedule :
         {backups.database.schedule, backups.media.schedule, backups.drill.schedule}) {
        if (const auto cron = specs::parse_cron(schedule.text)) zones.push_back(cron->zone);
    }
    for (const specs::Ignore& ignore : instance.ignore) {
        if (const auto day = specs::parse_day(ignore.until)) zones.push_back(day->zone);
    }
    return zones;
}

}  // namespace

FleetReading read_fleet(const git::Revision& revision) {
    FleetReading reading{
        .fleet = {.revision = revision.is_dirty ? revision.id + "-dirty" : revision.id,
                  .author = revision.author,
                  .subject = revision.subject}};
    for (const git::Problem& problem : revision.problems) {
        if (!problem.is_error) continue;
        reading.problems.push_back(
            {.kind = ErrorKind::invalid, .message = problem.message, .where = problem.path});
    }
    std::vector<specs::FleetFile> files;
    for (const git::File& file : revision.files) {
        if (file.kind == git::FileKind::secrets) {
            reading.fleet.secret_files[file.path] = file.content;
            continue;
        }
        if (!specs::is_fleet_file(file.path)) continue;
        if (file.error) {
            reading.problems.push_back(*file.error);
            continue;
        }
        auto tree = specs::decode(file.content, file.shown);
        if (!tree) {
            reading.problems.push_back(std::move(tree).error());
            continue;
        }
        files.push_back({.path = file.path, .tree = std::move(*tree)});
    }
    specs::Fleet parsed = specs::parse_fleet(files);
    reading.problems.insert(reading.problems.end(), parsed.problems.begin(), parsed.problems.end());
    for (const auto& [name, instance] : parsed.instances) {
        const bool is_in_repository =
            !instance.secrets.empty() && !instance.secrets.starts_with("file:");
        if (is_in_repository && !reading.fleet.secret_files.contains(instance.secrets)) {
            reading.problems.push_back(
                {.kind = ErrorKind::invalid,
                 .message = "secrets file " + instance.secrets + " of instance " + name +
                            " is not in the fleet folder",
                 .hint = "Commit it (age-encrypted), or name a file:/... of the host.",
                 .where = parsed.file_of[name]});
        }
        for (const std::string& zone : zones_of(instance)) {
            if (knows_zone(zone)) continue;
            reading.problems.push_back({.kind = ErrorKind::invalid,
                                        .message = "this host knows no time zone " + zone,
                                        .hint = "Write a name such as Asia/Tokyo, or UTC.",
                                        .where = parsed.file_of[name]});
        }
    }
    reading.fleet.instances = std::move(parsed.instances);
    reading.fleet.file_of = std::move(parsed.file_of);
    reading.fleet.waves = std::move(parsed.waves);
    reading.fleet.passed_over = revision.passed_over;
    return reading;
}

Result<FleetReading> read_fleet_folder(const std::string& folder, std::stop_token stop) {
    FleetReading reading = read_fleet(TRY(git::read_folder(folder, folder_within, stop)));
    std::error_code unknown;
    const auto path = std::filesystem::weakly_canonical(folder, unknown);
    reading.fleet.source = short_digest(sha256("folder " + path.string()));
    return reading;
}

}  // namespace matriarch::controller
