// A message changes once an hour while something is wrong, so that it is said once and then hourly.
#include "reconcilers/backup_status.hpp"

namespace matriarch::reconcilers {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

BackupLine line_of(const World& world, const std::string& kind, Duration freshness) {
    BackupLine line{.kind = kind};
    const Snapshot* newest = newest_complete(world.repository, kind, world.now);
    if (newest == nullptr) return line;
    line.last = newest->taken;
    line.snapshot = newest->id;
    line.age = std::chrono::floor<seconds>(world.now - newest->taken);
    line.is_fresh = freshness.count() == 0 || line.age <= freshness;
    for (const Snapshot& one : world.repository.snapshots) {
        if (one.kind != kind || !one.is_verified || one.taken > world.now) continue;
        if (line.last_verified && one.taken <= *line.last_verified) continue;
        line.last_verified = one.taken;
        line.recovery = one.recovery;
    }
    return line;
}

Condition fresh(const Wanted& wanted, const World& world, const BackupLine& line) {
    const Duration freshness = wanted.instance.backups.database.freshness;
    if (line.is_fresh) {
        return {"BackupFresh", true, "Fresh", "the newest is of " + slot_text(*line.last)};
    }
    const Time since = line.last.value_or(world.deployed_at);
    const auto age = std::chrono::floor<hours>(world.now - since);
    if (!line.last && (freshness.count() == 0 || world.now - since <= freshness)) {
        return {"BackupFresh", true, "NotDue", "none is due yet"};
    }
    const std::string what =
        line.last ? "the newest backup of the database is of " + slot_text(*line.last)
                  : "there is no backup of the database";
    return {"BackupFresh", false, line.last ? "Stale" : "None",
            what + " (" + std::to_string(age.count()) + " h); backups.database.freshness is " +
                to_text(freshness)};
}

/// Since when the times of schedules go by without a backup.
std::optional<Time> late_since(const World& world) {
    if (world.due.database &&
        !has_slot(world.repository, database_kind, *world.due.database, world.now)) {
        return world.due.database;
    }
    if (world.due.media && !has_slot(world.repository, media_kind, *world.due.media, world.now)) {
        return world.due.media;
    }
    const bool has_any = newest_complete(world.repository, database_kind, world.now) != nullptr;
    if (world.due.drill && has_any && !has_drill(world.repository, *world.due.drill, world.now)) {
        return world.due.drill;
    }
    return std::nullopt;
}

}  // namespace

void add_backups(const Wanted& wanted, const World& world, const Steps& upkeep,
                 InstanceStatus& status) {
    const specs::Backups& backups = wanted.instance.backups;
    status.backups = {line_of(world, database_kind, backups.database.freshness),
                      line_of(world, media_kind, backups.media.freshness)};
    for (const Snapshot& one : world.repository.snapshots) {
        if (one.is_complete) status.snapshots.push_back(one);
    }
    if (!world.due.is_kept) return;
    status.conditions.push_back(fresh(wanted, world, status.backups.front()));
    const auto late = late_since(world);
    if (!upkeep.blocked.empty()) {
        const Time due = late.value_or(world.now);
        const auto age = std::chrono::floor<hours>(world.now - due);
        std::string message = upkeep.blocked.front().message + " (due since " + slot_text(due) +
                              ", " + std::to_string(age.count()) +
                              " h late)\n  HINT: " + upkeep.blocked.front().hint;
        // Whoever waits for the second one must hear of it, too.
        for (std::size_t i = 1; i < upkeep.blocked.size(); ++i) {
            message += "\n" + upkeep.blocked[i].message + "\n  HINT: " + upkeep.blocked[i].hint;
        }
        status.conditions.push_back(
            {"BackupsWork", false, upkeep.blocked.front().code, std::move(message)});
    } else if (!late) {
        status.conditions.push_back({"BackupsWork", true, "Working", ""});
    }
}

}  // namespace matriarch::reconcilers
