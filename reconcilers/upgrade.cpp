// The questions behind the phases, in the order in which they are asked.
#include "reconcilers/upgrade.hpp"

#include <algorithm>

#include "reconcilers/backup.hpp"
#include "reconcilers/backup_jobs.hpp"
#include "reconcilers/mastodon.hpp"
#include "reconcilers/rehearsal.hpp"
#include "reconcilers/slot.hpp"
#include "specs/specs.hpp"

namespace matriarch::reconcilers {
namespace {

/// What the system and the Engine need for themselves.
constexpr Bytes system_share = mib(256);

Upgrade waits(std::string what, SchemaGap gap = {}) {
    return {.phase = Phase::preparing, .waits_for = std::move(what), .gap = std::move(gap)};
}

bool has_images(const Wanted& wanted, const World& world) {
    const auto images = wanted_images(wanted);
    return std::all_of(images.begin(), images.end(),
                       [&](const auto& image) { return world.image(image) != nullptr; });
}

bool has_begun(const ContainerSpec& job, const World& world) {
    return job_state(job, world) != JobState::absent &&
           world.container(job.name)->state != RunState::created;
}

/// Whether something of the wanted release was begun that others can feel: its code was started, or
/// the schema has migrations that the code before it lacks.
bool is_under_way(const Wanted& wanted, const World& world) {
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    const MigrationFiles* files = wanted_migrations(wanted, world);
    if (image == nullptr || files == nullptr) return false;
    for (const auto& [name, container] : world.containers) {
        const bool has_run = container.state != RunState::created;
        const bool is_new = container.image_id == image->id;
        if (is_app_role(container.spec.role) && has_run && is_new) return true;
        const auto own = world.migrations.find(container.image_id);
        if (!is_app_role(container.spec.role) || own == world.migrations.end()) continue;
        for (const auto& [version, text] : files->regular) {
            if (world.schema.applied.contains(version) && !own->second.regular.contains(version)) {
                return true;
            }
        }
    }
    return false;
}

/// Rolling or stopped, and why.
void decide(const Wanted& wanted, const World& world, Upgrade& upgrade) {
    const Path path = upgrade_path(wanted, world);
    const Hop& hop = path.hops.front();
    const auto crowd = no_room_beside(wanted, world);
    upgrade.rolls = hop.may_roll && !crowd;
    upgrade.why = hop.may_roll && crowd ? *crowd : hop.why;
    const bool insists = wanted.instance.upgrade.strategy == specs::Strategy::rolling;
    if (upgrade.rolls || !insists || !path.from) return;
    upgrade.refused = Blocked{
        .code = "cannot-roll",
        .message = "upgrade.strategy is rolling, but " + upgrade.why,
        .hint = "Write upgrade: {strategy: auto} to let it stop first, or remove the cause."};
}

/// New code is made before what serves is stopped, so that only its start is left to be done.
bool is_code_made(const Wanted& wanted, const World& world) {
    for (const ContainerSpec& spec : wanted_containers(wanted)) {
        if (is_app_role(spec.role) && slot_of(spec, world).fresh == nullptr) return false;
    }
    return true;
}

void pending_regular(const Wanted& wanted, const World& world, const std::string& image_id,
                     Upgrade& upgrade) {
    upgrade.waits_for = std::to_string(upgrade.gap.pending()) + " pending migrations";
    decide(wanted, world, upgrade);
    const ContainerSpec all = migrate_job(wanted, image_id);
    const bool is_running = job_state(all, world) == JobState::unfinished && has_begun(all, world);
    if (is_running) {
        // Whatever was decided: it changes the schema, and brings what the old code cannot stand.
        upgrade.phase = Phase::fenced;
        upgrade.rolls = false;
        upgrade.may_make_code = true;
        return;
    }
    const ContainerSpec& job = upgrade.rolls ? premigrate_job(wanted, image_id) : all;
    const JobState state = job_state(job, world);
    if (upgrade.refused || state == JobState::failed || state == JobState::succeeded) return;
    upgrade.may_make_code = !upgrade.rolls || has_begun(job, world);
    if (!has_begun(job, world) && !is_prepared(wanted, world)) return;
    if (upgrade.rolls) {
        upgrade.phase = Phase::migrating;
    } else if (is_code_made(wanted, world) && state == JobState::unfinished) {
        upgrade.phase = Phase::fenced;
    }
}

}  // namespace

Upgrade upgrade_of(const Wanted& wanted, const World& world) {
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    if (image == nullptr) return waits("its image");
    const ObservedContainer* job = schema_job(world);
    if (job != nullptr && (job->image_id != image->id || job->spec.role == "setup")) {
        return waits("job " + job->name);
    }
    const MigrationFiles* files = wanted_migrations(wanted, world);
    if (files == nullptr) return waits("the list of migrations in the image");
    if (!world.schema.is_known) return waits("the database");
    if (!world.identity.database_system.empty() &&
        world.identity.database_system != world.schema.system_identifier) {
        return waits("the right database");
    }
    if (world.schema.applied.empty()) return waits("the database schema");
    Upgrade upgrade{.gap = schema_gap(*files, world)};
    if (!upgrade.gap.ahead.empty() && !upgrade.gap.runs_ahead) {
        return waits("an image that fits the newer schema", std::move(upgrade.gap));
    }
    if (!upgrade.gap.regular.empty()) {
        pending_regular(wanted, world, image->id, upgrade);
        return upgrade;
    }
    if (!is_set_up(world)) return waits("the first rows of the database", std::move(upgrade.gap));
    const ContainerSpec redis = wanted_redis(wanted);
    const ObservedContainer* observed = world.container(redis.name);
    if (observed == nullptr || !observed->is_ready()) return waits("redis", std::move(upgrade.gap));
    const bool has_old = has_old_code(wanted, world);
    if (has_old && outside_window(wanted, world)) return waits("its window", upgrade.gap);
    const bool is_last = upgrade.gap.post_deployment.empty() && schema_job(world) == nullptr;
    upgrade.may_make_code = true;
    upgrade.phase = has_old ? Phase::replacing : is_last ? Phase::settled : Phase::finishing;
    return upgrade;
}

bool is_prepared(const Wanted& wanted, const World& world) {
    return has_images(wanted, world) && !outside_window(wanted, world) &&
           is_rehearsed(wanted, world) && has_backup(wanted, world) &&
           in_the_way(world, "migrate") == nullptr;
}

bool outside_window(const Wanted& wanted, const World& world) {
    return !world.is_window_open && !is_under_way(wanted, world);
}

bool has_old_code(const Wanted& wanted, const World& world) {
    const specs::Images images = specs::resolved_images(wanted.instance);
    const ImageFacts* code = world.image(images.mastodon);
    const ImageFacts* streaming = world.image(images.streaming);
    return std::any_of(world.containers.begin(), world.containers.end(), [&](const auto& entry) {
        const ObservedContainer& one = entry.second;
        if (!is_app_role(one.spec.role) || one.state == RunState::created) return false;
        const ImageFacts* own = one.spec.role == "streaming" ? streaming : code;
        return own == nullptr || own->id != one.image_id;
    });
}

std::optional<std::string> no_room_beside(const Wanted& wanted, const World& world) {
    if (world.host.memory.count == 0) return std::nullopt;
    Bytes sum = wanted.memory_of_others;
    for (const ContainerSpec& spec : wanted_containers(wanted)) {
        sum.count += spec.limits.memory.count;
    }
    const Bytes second =
        std::max(wanted.instance.web.limits.memory, wanted.instance.streaming.limits.memory);
    if (sum.count + second.count + system_share.count <= world.host.memory.count) {
        return std::nullopt;
    }
    return "memory has no room for a second web container (" + to_text(second) +
           ") beside the rest (" + to_text(sum) + " of " + to_text(world.host.memory) + ")";
}

bool overlaps(const Wanted& wanted, const World& world) {
    return !wanted.instance.edge.external &&
           wanted.instance.upgrade.strategy != specs::Strategy::stop &&
           !no_room_beside(wanted, world);
}

std::chrono::milliseconds until_window(const World& world) {
    return std::max<std::chrono::milliseconds>(world.window_opens - world.now,
                                               std::chrono::seconds(1));
}

ContainerSpec setup_job(const Wanted& wanted, const std::string& image_id) {
    // Rails fills a database by itself only where it has just made its schema; seeding again
    // changes nothing that is there.
    return finished(rails_job(wanted, "setup", {"db:prepare", "db:seed"}, image_id));
}

ContainerSpec premigrate_job(const Wanted& wanted, const std::string& image_id) {
    ContainerSpec job = rails_job(wanted, "premigrate", {"db:migrate"}, image_id);
    // Any value counts, also an empty one (lib/mastodon/database.rb).
    job.environment["SKIP_POST_DEPLOYMENT_MIGRATIONS"] = shown("true");
    return finished(job);
}

ContainerSpec migrate_job(const Wanted& wanted, const std::string& image_id) {
    return finished(rails_job(wanted, "migrate", {"db:migrate"}, image_id));
}

}  // namespace matriarch::reconcilers
