// Image references, and which image each role gets.
#include "specs/image.hpp"

#include <gtest/gtest.h>

#include "specs/defaults.hpp"

namespace matriarch::specs {
namespace {

const std::string hex(64, 'a');

std::string full(const std::string& text) {
    const auto image = parse_image(text);
    return image ? to_text(*image) : "refused";
}

TEST(Image, IsCompletedInDockersWay) {
    EXPECT_EQ(full("redis:7"), "docker.io/library/redis:7");
    EXPECT_EQ(full("tootsuite/mastodon"), "docker.io/tootsuite/mastodon");
    EXPECT_EQ(full("ghcr.io/mastodon/mastodon:v4.7.5"), "ghcr.io/mastodon/mastodon:v4.7.5");
    EXPECT_EQ(full("127.0.0.1:5000/a/b__c/d-e"), "127.0.0.1:5000/a/b__c/d-e");
    EXPECT_EQ(full("localhost/x@sha256:" + hex), "localhost/x@sha256:" + hex);
    EXPECT_EQ(full("r.example:5000/x:1@sha256:" + hex), "r.example:5000/x:1@sha256:" + hex);
}

TEST(Image, RefusesWhatDockerWouldRefuse) {
    for (const char* text : {"",
                             ":",
                             "@",
                             "/",
                             "a//b",
                             "A/b",
                             "a/B",
                             "x:",
                             "x:-a",
                             "x@sha256:abc",
                             "x@md5:aa",
                             "-x",
                             "x-",
                             "a..b/c",
                             "x y",
                             "http://x/y",
                             "a___b",
                             "r.example:port/x",
                             "r.example:/x",
                             ".example.org/x",
                             "x:a b",
                             "x\n"}) {
        EXPECT_EQ(full(text), "refused") << text;
    }
    EXPECT_EQ(full("x@sha256:" + std::string(64, 'g')), "refused");
    EXPECT_EQ(full(std::string(300, 'a')), "refused");
    EXPECT_EQ(full("x:" + std::string(129, 'a')), "refused");
}

Instance of(const char* version) {
    return defaults_for(*parse_version(version));
}

TEST(ResolvedImages, FollowTheVersion) {
    const Images images = resolved_images(of("v4.7.5"));
    EXPECT_EQ(to_text(images.mastodon), "ghcr.io/mastodon/mastodon:v4.7.5");
    EXPECT_EQ(to_text(images.streaming), "ghcr.io/mastodon/mastodon-streaming:v4.7.5");
    EXPECT_EQ(to_text(images.postgres), "docker.io/library/postgres:17-bookworm");
    EXPECT_EQ(to_text(images.redis), "docker.io/library/redis:7-bookworm");
    EXPECT_EQ(to_text(images.edge), "docker.io/library/caddy:2");
}

TEST(ResolvedImages, KnowTheHistoryOfTheOfficialOnes) {
    EXPECT_EQ(to_text(resolved_images(of("v4.2.29")).streaming),
              "ghcr.io/mastodon/mastodon:v4.2.29");
    EXPECT_EQ(to_text(resolved_images(of("v4.1.1")).mastodon), "ghcr.io/mastodon/mastodon:v4.1.1");
    EXPECT_EQ(to_text(resolved_images(of("v4.1.0")).mastodon),
              "docker.io/tootsuite/mastodon:v4.1.0");
    EXPECT_EQ(to_text(resolved_images(of("v4.0.2")).mastodon),
              "docker.io/tootsuite/mastodon:v4.0.2");
    EXPECT_EQ(to_text(resolved_images(of("v3.5.7")).mastodon), "ghcr.io/mastodon/mastodon:v3.5.7");
    EXPECT_EQ(to_text(resolved_images(of("v3.5.6")).mastodon),
              "docker.io/tootsuite/mastodon:v3.5.6");
}

TEST(ResolvedImages, LetATagOrDigestWin) {
    Instance instance = of("v4.7.5");
    instance.images.mastodon = *parse_image("r.example/fork/mastodon@sha256:" + hex);
    instance.images.postgres = *parse_image("postgres:17.2-bookworm");
    const Images images = resolved_images(instance);
    EXPECT_EQ(to_text(images.mastodon), "r.example/fork/mastodon@sha256:" + hex);
    EXPECT_EQ(to_text(images.streaming), "r.example/fork/mastodon-streaming:v4.7.5");
    EXPECT_EQ(to_text(images.postgres), "docker.io/library/postgres:17.2-bookworm");
}

TEST(ResolvedImages, GiveAForkBuildATagThatMayExist) {
    Instance instance = of("v4.4.2+glitch");
    EXPECT_EQ(resolved_images(instance).mastodon.tag, "v4.4.2-glitch");
}

}  // namespace
}  // namespace matriarch::specs
