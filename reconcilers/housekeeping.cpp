// The upkeep of the host's disk: after the instance, and after its backups. What goes wrong here
// stops nothing that serves.
#include "reconcilers/housekeeping.hpp"

#include <algorithm>

#include "reconcilers/clean_cache.hpp"
#include "reconcilers/reconcilers.hpp"
#include "reconcilers/spare_images.hpp"

namespace matriarch::reconcilers {

namespace {

constexpr const char* disk_is_full =
    "the disk was full; the ballast was given up, so that the journal and the database can still "
    "be written\n  HINT: The cache of other servers is cleaned, as far as there is room for that; "
    "then images that are needed no more go. Make room beside that: docker system df, journalctl "
    "--disk-usage, old dumps; or give the host a larger disk. The ballast is made again by itself.";

}  // namespace

std::optional<Duration> until_full(const HostFacts& host) {
    if (!host.disk_free || !host.disk_growth || host.disk_growth->count <= 0) return std::nullopt;
    const double days =
        static_cast<double>(host.disk_free->count) / static_cast<double>(host.disk_growth->count);
    constexpr double longest = 3650;  // further than anybody looks
    return Duration{static_cast<std::int64_t>(std::min(days, longest) * 86400)};
}

Steps plan_housekeeping(const Wanted& goal, const World& world, const Steps& main,
                        const Steps& backups) {
    Steps steps;
    if (!world.due.is_kept) return steps;
    plan_cleaning(goal, world, main, backups, steps);
    keep_reserve(goal, world, steps);
    // A deployment that lacks room is no reason to keep what takes it.
    const bool is_quiet = main.steps.empty() || (main.changes_nothing() && !main.blocked.empty());
    if (is_quiet && backups.steps.empty() && steps.steps.empty()) {
        plan_spare_images(goal, world, steps);
    }
    return steps;
}

void add_housekeeping(const World& world, const Steps& housekeeping, InstanceStatus& status) {
    if (!world.due.is_kept) return;
    const bool is_full = world.surroundings.has_no_ballast;
    status.conditions.push_back(
        {"DiskFull", is_full, is_full ? "BallastGivenUp" : "HasRoom", is_full ? disk_is_full : ""});
    if (!housekeeping.blocked.empty()) {
        const Blocked& block = housekeeping.blocked.front();
        status.conditions.push_back(
            {"UpkeepWorks", false, block.code, block.message + "\n  HINT: " + block.hint});
    } else if (housekeeping.steps.empty()) {
        status.conditions.push_back({"UpkeepWorks", true, "Working", ""});
    }
}

}  // namespace matriarch::reconcilers
