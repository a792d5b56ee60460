// Which image each role runs. Repositories have defaults by version; tags follow the versions
// unless the file pins them.
#include "specs/defaults.hpp"

#include <string>

namespace matriarch::specs {
namespace {

/// Releases up to here were published on Docker Hub only (.github/workflows/build-image.yml@v3.5.7,
/// @v4.0.3, @v4.1.1: ghcr.io began with these).
bool is_on_ghcr(const Version& version) {
    const Version plain{version.major, version.minor, version.patch, ""};
    if (plain < Version{3, 5, 7, ""}) return false;
    if (plain.major == 4 && plain.minor == 0) return plain.patch >= 3;
    if (plain.major == 4 && plain.minor == 1) return plain.patch >= 1;
    return true;
}

/// From 4.3 on the streaming server has an image of its own (CHANGELOG.md@v4.3.0).
bool has_streaming_image(const Version& version) {
    return std::pair(version.major, version.minor) >= std::pair(4, 3);
}

/// '+' marks a fork's build and cannot stand in a tag; such builds are tagged with '-' instead.
std::string tag_of(const Version& version) {
    std::string tag = to_text(version);
    for (char& letter : tag) {
        if (letter == '+') letter = '-';
    }
    return tag;
}

ImageRef with_tag(ImageRef image, const std::string& tag) {
    if (image.tag.empty() && image.digest.empty()) image.tag = tag;
    return image;
}

ImageRef chosen(const ImageRef& written, const char* registry, const char* repository,
                const std::string& tag) {
    if (!written.is_empty()) return with_tag(written, tag);
    return {.registry = registry, .repository = repository, .tag = tag};
}

ImageRef streaming_image(const Instance& instance, const ImageRef& mastodon) {
    const Images& written = instance.images;
    if (!written.streaming.is_empty()) {
        return with_tag(written.streaming, tag_of(instance.mastodon));
    }
    if (!has_streaming_image(instance.mastodon)) return mastodon;
    // Forks and mirrors keep the official pair of names (ghcr.io/glitch-soc/mastodon-streaming). A
    // digest belongs to one image only, so the pair is then found by its version.
    ImageRef image = mastodon;
    image.repository += "-streaming";
    image.digest.clear();
    return with_tag(image, tag_of(instance.mastodon));
}

}  // namespace

Images resolved_images(const Instance& instance) {
    const Images& written = instance.images;
    const bool ghcr = is_on_ghcr(instance.mastodon);
    Images images{};
    images.mastodon =
        chosen(written.mastodon, ghcr ? "ghcr.io" : "docker.io",
               ghcr ? "mastodon/mastodon" : "tootsuite/mastodon", tag_of(instance.mastodon));
    images.streaming = streaming_image(instance, images.mastodon);
    // A named Debian release: a change of its C library changes the order of text, and so damages
    // every index on text (docs: troubleshooting/index-corruption.md). Never a floating tag here.
    images.postgres = chosen(written.postgres, "docker.io", "library/postgres",
                             std::to_string(instance.postgres.version) + "-bookworm");
    images.redis = chosen(written.redis, "docker.io", "library/redis",
                          std::to_string(instance.redis.version) + "-bookworm");
    images.edge = chosen(written.edge, "docker.io", "library/caddy", "2");
    images.search = chosen(written.search, "docker.elastic.co", "elasticsearch/elasticsearch",
                           instance.search.version);
    // The line that was current when this was written; its repository format 2 is stable.
    images.restic = chosen(written.restic, "docker.io", "restic/restic", "0.17.3");
    return images;
}

}  // namespace matriarch::specs
