// The daily digest: what it says, when it is due, and that a restart tells none twice.
#include "controller/loop/digest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/base/files.hpp"
#include "controller/loop/notifier.hpp"
#include "specs/yaml.hpp"
#include "tests/unit/base/scratch.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

WallTime at(int day, int hour, int minute = 0) {
    return std::chrono::sys_days(std::chrono::year(2026) / 11 / day) + std::chrono::hours(hour) +
           std::chrono::minutes(minute);
}

TEST(Digest, SaysWhatDiffersWhatWasPutRightAndWhatIsHeld) {
    reconcilers::InstanceStatus status{.name = "alpha",
                                       .wanted_revision = std::string(40, 'a'),
                                       .wanted_mastodon = "v4.7.5",
                                       .running_mastodon = "v4.7.5",
                                       .ready = true};
    status.backups = {{.kind = "database", .last = at(26, 3), .age = 3h, .is_fresh = true},
                      {.kind = "media"}};
    status.conditions = {{"SidekiqHeld", true, "Restored", "since a restore\n  HINT: look"},
                         {"Drifted", true, "ByHand", "not said twice"}};
    RecordedDrift open{.resource = "container alpha-web-1",
                       .field = "memory",
                       .desired = "1GiB",
                       .actual = "2GiB",
                       .seen = at(26, 1)};
    RecordedDrift healed = open;
    healed.healed = at(26, 2);
    healed.ending = DriftEnding::healed;
    RecordedDrift ignored = open;
    ignored.until = "2026-12-31";
    EXPECT_EQ(digest_text({{.status = status,
                            .is_suspended = true,
                            .is_rolled_back = true,
                            .drifts = {open, healed, ignored}}}),
              "Daily digest\n"
              "alpha: serves v4.7.5, wanted is v4.7.5 at aaaaaaaaaaaa\n"
              "  drift: 1 open, 1 put right since the last digest, 1 ignored\n"
              "    container alpha-web-1 memory: wanted 1GiB, is 2GiB, since "
              "2026-11-26T01:00:00.000Z\n"
              "  backup of database: 3h old\n"
              "  backup of media: none, which is too old\n"
              "  held: suspended\n"
              "  held: rolled back, the newest commit is set aside\n"
              "  held: since a restore");
    EXPECT_EQ(digest_text({}), "Daily digest\nno instance");
}

TEST(Digest, IsOfATimeOfTheDay) {
    EXPECT_EQ(*daily_schedule("08:00"), "00 08 * * * UTC");
    EXPECT_EQ(*daily_schedule("23:59 Asia/Tokyo"), "59 23 * * * Asia/Tokyo");
    for (const char* text : {"", "8:00", "24:00", "08:60", "08:00 tokyo", "08:00 No/Where",
                             "@daily", "08.00", "08:00 UTC x"}) {
        EXPECT_FALSE(daily_schedule(text)) << text;
    }
}

TEST(Digest, IsDueOnceADayAlsoAfterARestart) {
    const Scratch scratch;
    const std::set<std::string> schedules{*daily_schedule("08:00"),
                                          *daily_schedule("20:00 Asia/Tokyo")};
    const auto due = [&](WallTime now) {
        std::string found;
        const auto all = *DigestTimes(scratch / "digests").take_due(schedules, now);
        for (const DueDigest& one : all) {
            found += one.schedule.substr(0, 5) + " ";
        }
        return found;
    };
    EXPECT_EQ(due(at(26, 9)), "");  // nothing is known of before
    EXPECT_EQ(due(at(26, 10, 59)), "");
    EXPECT_EQ(due(at(26, 11)), "00 20 ");
    EXPECT_EQ(due(at(26, 11)), "");
    EXPECT_EQ(due(at(27, 8)), "00 08 ");
    EXPECT_EQ(due(at(27, 8, 1)), "");
    EXPECT_EQ(due(at(30, 9)), "00 08 00 20 ");  // one for all that were missed
    EXPECT_EQ(due(at(29, 9)), "");              // a clock that goes back
    EXPECT_TRUE(DigestTimes(scratch / "none").take_due({}, at(26, 9))->empty());
    EXPECT_FALSE(*read_file(scratch / "none", 100));
}

TEST(Digest, IsForWhomAskedForIt) {
    const auto tree = specs::parse_yaml(
        "- {form: json, url: \"https://one.example\", digest: \"08:00 Europe/Berlin\"}\n"
        "- {form: json, url: \"https://other.example\"}\n",
        "notify.yaml");
    const auto targets = parse_targets(*tree);
    ASSERT_TRUE(targets) << to_text(targets.error());
    EXPECT_EQ((*targets)[0].digest, "00 08 * * * Europe/Berlin");
    EXPECT_EQ((*targets)[1].digest, "");
    EXPECT_EQ(Notifier(*targets).digests().size(), 1U);
    const auto wrong = parse_targets(
        *specs::parse_yaml("- {form: json, url: \"https://x.example\", digest: daily}\n", "n"));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().where, "n:1:50");
    const Notice notice{.kind = NoticeKind::digest,
                        .trouble = {.type = "Digest", .message = "Daily digest\nalpha: serves"},
                        .at = at(26, 8)};
    const std::string script = curl_script((*targets)[0], notice, "1").reveal();
    EXPECT_THAT(script, HasSubstr("Daily digest"));
    EXPECT_THAT(script, HasSubstr("digest"));
    EXPECT_THAT(script, Not(HasSubstr("is in trouble")));
}

}  // namespace
}  // namespace matriarch::controller
