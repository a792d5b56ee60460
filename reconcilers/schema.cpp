// Which migrations are pending, and whether the database is ahead of an image.
#include "reconcilers/schema.hpp"

#include <algorithm>

#include "reconcilers/converge.hpp"
#include "reconcilers/postgres_major.hpp"
#include "specs/specs.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

bool is_in(const MigrationFiles& files, const std::string& version) {
    return files.regular.contains(version) || files.post_deployment.contains(version);
}

/// A migration that the image does not have: from a newer release, or a leftover of an old fork?
bool is_from_newer(const MigrationFiles& image, const World& world, const std::string& version) {
    if (!image.regular.empty() && version > image.regular.rbegin()->first) return true;
    return std::any_of(world.migrations.begin(), world.migrations.end(),
                       [&](const auto& known) { return is_in(known.second, version); });
}

bool is_regular_somewhere(const World& world, const std::string& version) {
    if (world.regular_migrations.contains(version)) return true;
    return std::any_of(world.migrations.begin(), world.migrations.end(),
                       [&](const auto& known) { return known.second.regular.contains(version); });
}

}  // namespace

SchemaGap schema_gap(const MigrationFiles& image, const World& world) {
    SchemaGap gap;
    const auto& applied = world.schema.applied;
    for (const auto& [version, name] : image.regular) {
        if (!applied.contains(version)) gap.regular.push_back(version + " " + name);
    }
    for (const auto& [version, name] : image.post_deployment) {
        if (!applied.contains(version)) gap.post_deployment.push_back(version + " " + name);
    }
    for (const std::string& version : applied) {
        if (is_in(image, version) || !is_from_newer(image, world, version)) continue;
        gap.ahead.push_back(version);
        if (!is_regular_somewhere(world, version)) gap.runs_ahead = false;
    }
    return gap;
}

bool is_interleaved(const SchemaGap& gap) {
    return !gap.regular.empty() && !gap.post_deployment.empty() &&
           gap.post_deployment.front() < gap.regular.back();
}

const MigrationFiles* wanted_migrations(const Wanted& wanted, const World& world) {
    const ImageFacts* image = world.image(specs::resolved_images(wanted.instance).mastodon);
    if (image == nullptr) return nullptr;
    const auto files = world.migrations.find(image->id);
    return files == world.migrations.end() ? nullptr : &files->second;
}

std::string fingerprint(const std::set<std::string>& applied) {
    std::string text;
    for (const std::string& version : applied) text += (text.empty() ? "" : ",") + version;
    return sha256(text);
}

const ObservedContainer* schema_job(const World& world) {
    for (const auto& [name, container] : world.containers) {
        const bool is_under_way = container.state != RunState::created && !container.has_exited();
        if (changes_schema(container.spec.role) && is_under_way) return &container;
    }
    return nullptr;
}

bool changes_schema(const std::string& role) {
    return role == "migrate" || role == "premigrate" || role == "setup" || role == copy_role;
}

bool may_serve_again(const ObservedContainer& container, const World& world) {
    if (!is_app_role(container.spec.role)) return true;
    if (!world.schema.is_known) return false;
    const ObservedContainer* job = schema_job(world);
    // Beside regular migrations what served before goes on; beside others only what has them too.
    const bool is_of_job = job != nullptr && job->image_id == container.image_id;
    if (job != nullptr && job->spec.role != "premigrate" && !is_of_job) return false;
    // Streaming has an image of its own; what its release asks of the schema is what web's does.
    const bool has_list = container.spec.role != "streaming";
    const auto own = world.migrations.find(container.image_id);
    if (own == world.migrations.end()) return !has_list;
    const SchemaGap gap = schema_gap(own->second, world);
    return gap.regular.empty() && gap.runs_ahead;
}

bool is_set_up(const World& world) {
    if (world.identity.is_set_up) return true;
    // What has served did so from a database that is lost.
    if (world.identity.restoring && world.identity.restoring->is_bare) return false;
    bool has_served = false;
    for (const auto& [name, container] : world.containers) {
        // What is only made waits for its turn, and shows nothing.
        if (container.state == RunState::created) continue;
        // One that is under way or was cut off outweighs what somebody started beside it.
        if (container.spec.role == "setup") {
            return container.has_exited() && container.exit_code == 0;
        }
        has_served = has_served || is_app_role(container.spec.role);
    }
    // Of a database that was not known before: who served did so from it. One that is known was
    // made here, and then its setup is seen to its end.
    return has_served && !world.identity.has_database();
}

}  // namespace matriarch::reconcilers
