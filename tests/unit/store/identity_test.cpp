// What must not be lost is written whole, read whole, or refused.
// Every cut and every flipped bit is tried.
#include "controller/store/identity.hpp"

#include <gmock/gmock.h>

#include "controller/base/files.hpp"
#include "controller/store/published.hpp"
#include "controller/store/requests.hpp"
#include "controller/store/suspend.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

using reconcilers::Identity;

Identity example() {
    return {
        .volumes = {{"e-postgres", {.uuid = "u-1", .created_at = "2026-11-22T10:04:07Z"}},
                    {"e-redis", {.uuid = "u-2", .created_at = ""}}},
        .database_system = "7443221100998877665",
        .domain = "example.social",
        .web_domain = "",
        .backup_repository = "/srv/with space/repo",
        .is_set_up = true,
        .restoring = reconcilers::Restore{.slot = *reconcilers::parse_slot("2026-11-22T06:00:00Z"),
                                          .asked = *reconcilers::parse_slot("2026-11-23T09:12:01Z"),
                                          .is_bare = true},
        .restored = reconcilers::Restore{.slot = *reconcilers::parse_slot("2026-10-22T06:00:00Z"),
                                         .asked = *reconcilers::parse_slot("2026-10-23T09:12:01Z"),
                                         .has_secrets = true,
                                         .from_archive = true}};
}

TEST(IdentityFile, ComesBackAsItWasWritten) {
    const Scratch scratch;
    const InstanceFolder folder = *State(scratch / "s").instance("e");
    EXPECT_EQ(*load_identity(folder), Identity{});
    ASSERT_TRUE(save_identity(folder, example()));
    EXPECT_EQ(*load_identity(folder), example());
    EXPECT_EQ(Scratch::mode(folder.identity()), 0600U);
}

TEST(IdentityFile, IsRefusedWhenAnyByteIsMissingOrChanged) {
    const std::string text = *print_identity(example());
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_FALSE(parse_identity(text.substr(0, length))) << length;
    }
    for (std::size_t place = 0; place < text.size(); ++place) {
        std::string changed = text;
        changed[place] = static_cast<char>(changed[place] ^ 1);
        EXPECT_FALSE(parse_identity(changed)) << place;
    }
    EXPECT_EQ(parse_identity("").error().kind, ErrorKind::refused);
}

TEST(IdentityFile, ThatIsEmptyIsNotAnEmptyIdentity) {
    const Scratch scratch;
    const InstanceFolder folder = *State(scratch / "s").make_instance("e");
    ASSERT_TRUE(write_file(folder.identity(), ""));
    const auto loaded = load_identity(folder);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, ErrorKind::refused);
    EXPECT_EQ(loaded.error().where, folder.identity().string());
}

TEST(IdentityFile, TakesNoLineBreaks) {
    Identity forged = example();
    forged.domain = "example.social\nvolume e-postgres other";
    EXPECT_EQ(print_identity(forged).error().kind, ErrorKind::invalid);
}

TEST(Requests, ComeBackAsTheyWereAsked) {
    const Scratch scratch;
    const InstanceFolder folder = *State(scratch / "s").make_instance("e");
    EXPECT_FALSE(load_requests(folder)->resumed);
    const Requests asked{
        .backup = *reconcilers::parse_slot("2026-11-22T06:00:00Z"),
        .resumed = *reconcilers::parse_slot("2026-11-23T09:12:01Z"),
        .restore =
            reconcilers::RestoreWish{.slot = *reconcilers::parse_slot("2026-11-22T06:00:00Z"),
                                     .asked = *reconcilers::parse_slot("2026-11-24T09:12:01Z"),
                                     .is_saved = false},
        .scratches = {{"look", *reconcilers::parse_slot("2026-11-22T06:00:00Z")}}};
    ASSERT_TRUE(save_requests(folder, asked));
    EXPECT_EQ(load_requests(folder)->backup, asked.backup);
    EXPECT_EQ(load_requests(folder)->resumed, asked.resumed);
    EXPECT_EQ(load_requests(folder)->restore, asked.restore);
    EXPECT_EQ(load_requests(folder)->scratches, asked.scratches);
    EXPECT_FALSE(load_requests(folder)->drill);
}

TEST(Suspension, LastsUntilItIsResumed) {
    const Scratch scratch;
    const InstanceFolder folder = *State(scratch / "s").instance("e");
    EXPECT_EQ(*load_suspension(folder), std::nullopt);
    const WallTime noon(std::chrono::milliseconds(1'000));
    ASSERT_TRUE(suspend(folder, {.since = noon, .reason = "moving\nhouse"}));
    EXPECT_EQ((*load_suspension(folder))->reason, "moving\\nhouse");
    EXPECT_EQ((*load_suspension(folder))->since, noon);
    ASSERT_TRUE(suspend(folder, {.since = noon + std::chrono::hours(1), .reason = "still"}));
    EXPECT_EQ((*load_suspension(folder))->since, noon);
    EXPECT_EQ((*load_suspension(folder))->reason, "still");
    ASSERT_TRUE(resume(folder));
    EXPECT_EQ(*load_suspension(folder), std::nullopt);
    EXPECT_TRUE(resume(folder));
}

TEST(Suspension, HoldsAlsoWhereItsFileCannotBeUnderstood) {
    const Scratch scratch;
    const InstanceFolder folder = *State(scratch / "s").make_instance("e");
    for (const std::string& text : {std::string(), std::string("x"), std::string(9'000, 'x')}) {
        ASSERT_TRUE(write_file(folder.suspended(), text));
        EXPECT_NE(*load_suspension(folder), std::nullopt) << text.size();
    }
}

TEST(PublishedStatus, IsTheNewestOne) {
    const Scratch scratch;
    const InstanceFolder folder = *State(scratch / "s").make_instance("e");
    EXPECT_EQ(*published_status(folder), std::nullopt);
    ASSERT_TRUE(publish_status(folder, "{\"n\":1}"));
    ASSERT_TRUE(publish_status(folder, "{\"n\":2}"));
    EXPECT_EQ(**published_status(folder), "{\"n\":2}");
}

}  // namespace
}  // namespace matriarch::controller
