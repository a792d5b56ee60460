// Forecast: which migrations an image that is not on this host yet will bring, from the release
// catalogue. Only previews use it; what is done follows from the list inside the image.
#include <algorithm>
#include <string>

#include "reconcilers/preview.hpp"
#include "specs/catalogue.hpp"

namespace matriarch::reconcilers {
namespace {

/// The release that runs now, by the tag of a container with Mastodon's code.
std::optional<specs::Version> running_release(const World& world) {
    for (const auto& [name, container] : world.containers) {
        if (container.spec.role != "web") continue;
        const auto image = specs::parse_image(container.image_reference);
        if (!image) continue;
        const auto version = specs::parse_version(image->tag);
        if (version) return *version;
    }
    return std::nullopt;
}

}  // namespace

Forecast catalogue_forecast(const Wanted& wanted) {
    const specs::Version target = wanted.instance.mastodon;
    return [target](const specs::ImageRef& image, const World& world) {
        const specs::Version to = specs::parse_version(image.tag).value_or(target);
        MigrationFiles files;
        for (const std::string& version : world.schema.applied) files.regular[version] = "applied";
        const auto from = running_release(world);
        if (from && !world.schema.applied.empty()) {
            const specs::Pending pending = specs::catalogue::pending(*from, to);
            for (const auto& migration : pending.regular)
                files.regular[specs::catalogue::number_of(migration)] = migration.name;
            for (const auto& migration : pending.post) {
                files.post_deployment[specs::catalogue::number_of(migration)] = migration.name;
            }
        }
        // A first deployment loads the whole schema at once; how many steps that is does not
        // matter.
        if (files.regular.empty()) files.regular["00000000000000"] = "the whole schema";
        return files;
    };
}

}  // namespace matriarch::reconcilers
