// Who is told of what, when, and how it leaves this host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/loop/notifier.hpp"
#include "specs/yaml.hpp"

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string words(const std::vector<Notice>& notices) {
    std::string text;
    for (const Notice& notice : notices) text += std::string(to_text(notice.kind)) + " ";
    return text;
}

const Trouble drifted{.instance = "alpha", .type = "Drifted", .message = "memory", .grace = 1min};

TEST(Notices, TellOnceThenHourlyThenThatItIsOver) {
    Notices notices;
    const WallTime start{1'000'000s};
    std::string told;
    for (std::chrono::seconds after = 0s; after <= 3h; after += 10s) {
        const auto due = notices.look("alpha", {drifted}, start + after);
        for (const Notice& notice : due) {
            told += std::string(to_text(notice.kind)) + "@" + std::to_string(after.count()) + " ";
        }
    }
    EXPECT_EQ(told, "trouble@60 still@3660 still@7260 ");
    EXPECT_EQ(words(notices.look("beta", {}, start + 4h)), "");
    EXPECT_EQ(words(notices.look("alpha", {}, start + 4h)), "cleared ");
    EXPECT_EQ(words(notices.look("alpha", {}, start + 4h)), "");
}

TEST(Notices, ThatAnIgnoreIsOverIsToldOnce) {
    Notices notices;
    const Trouble over{.instance = "alpha", .type = "IgnoreOver", .message = "web memory"};
    const WallTime start{1'000'000s};
    const auto first = notices.look("alpha", {over}, start);
    ASSERT_EQ(words(first), "trouble ");
    EXPECT_THAT(in_words(first.front()), HasSubstr("`ignore` whose day is over"));
    EXPECT_EQ(words(notices.look("alpha", {over}, start + 30h)), "");
    EXPECT_EQ(words(notices.look("alpha", {}, start + 31h)), "cleared ");
}

TEST(Notices, WhatIsOverSoonIsToldToNobody) {
    Notices notices;
    const WallTime start{1'000'000s};
    EXPECT_EQ(words(notices.look("alpha", {drifted}, start)), "");
    EXPECT_EQ(words(notices.look("alpha", {}, start + 30s)), "");
    EXPECT_EQ(words(notices.look("alpha", {drifted}, start + 61s)), "");
}

TEST(Notices, ComeFromConditions) {
    reconcilers::InstanceStatus status{.name = "alpha"};
    status.conditions = {{"Ready", false, "NotServing", "web is exited"},
                         {"Reconciled", false, "Progressing", "start"},
                         {"Stalled", true, "host-disk", "disk is full"},
                         {"Drifted", false, "AsCommitted", ""},
                         {"BackupFresh", false, "Stale", "the newest is of August"},
                         {"BackupsWork", true, "Working", ""},
                         {"Suspended", true, "Suspended", "by hand"}};
    const auto troubles = troubles_of(status);
    ASSERT_EQ(troubles.size(), 3U);
    EXPECT_EQ(troubles[0].type, "Ready");
    EXPECT_EQ(troubles[1].message, "disk is full");
    EXPECT_EQ(troubles[2].message, "the newest is of August");
    EXPECT_TRUE(troubles_of(SourceReport{}).empty());
    EXPECT_EQ(troubles_of(SourceReport{.problems = {{.message = "bad"}}}).size(), 1U);
}

Notice notice() {
    return {
        .kind = NoticeKind::still, .trouble = drifted, .since = WallTime(1s), .at = WallTime(2s)};
}

TEST(Notifier, SaysItInEachForm) {
    const Secret url("https://x.test/a");
    const auto script = [&](NoticeForm form) {
        return curl_script({form, url, Secret("token-1")}, notice(), "7").reveal();
    };
    EXPECT_EQ(script(NoticeForm::slack),
              "url = \"https://x.test/a\"\n"
              "header = \"Content-Type: application/json\"\n"
              "header = \"Authorization: Bearer token-1\"\n"
              "data-raw = \"{\\\"text\\\":\\\"alpha still differs from git, since "
              "1970-01-01T00:00:01.000Z: memory\\\"}\"\n");
    EXPECT_THAT(script(NoticeForm::json),
                HasSubstr(R"(\"status\":\"still\",\"instance\":\"alpha\")"));
    EXPECT_THAT(script(NoticeForm::matrix), HasSubstr("request = \"PUT\"\nurl = \"https://x.test/a"
                                                      "/matriarch-7\"\n"));
    EXPECT_THAT(script(NoticeForm::ntfy), HasSubstr("data-raw = \"alpha still differs"));
}

TEST(Notifier, WritesMailAndTootsToOneAddress) {
    Notice evil = notice();
    evil.trouble.message = "@everybody\r\nBcc: all@x.test";
    NoticeTarget mail{.form = NoticeForm::mail,
                      .url = Secret("smtps://mail.test"),
                      .user = Secret("me:canary"),
                      .from = "m@x.test",
                      .to = "admin@x.test"};
    EXPECT_EQ(curl_script(mail, evil, "7").reveal(),
              "url = \"smtps://mail.test\"\n"
              "ssl-reqd\n"
              "user = \"me:canary\"\n"
              "mail-from = \"<m@x.test>\"\n"
              "mail-rcpt = \"<admin@x.test>\"\n"
              "header = \"From: <m@x.test>\"\n"
              "header = \"To: <admin@x.test>\"\n"
              "header = \"Subject: matriarch: alpha still differs from git, since "
              "1970-01-01T00:00:01.000Z: @everybody\\\\r\"\n"
              "header = \"Auto-Submitted: auto-generated\"\n"
              "form-string = \"=alpha still differs from git, since 1970-01-01T00:00:01.000Z: "
              "@everybody\\nBcc: all@x.test\"\n");
    mail.url = Secret("smtp://127.0.0.1:25");
    EXPECT_THAT(curl_script(mail, evil, "7").reveal(), ::testing::Not(HasSubstr("ssl-reqd")));
    const std::string toot = curl_script({.form = NoticeForm::mastodon,
                                          .url = Secret("https://other.test"),
                                          .token = Secret("token-1"),
                                          .to = "@admin@x.test"},
                                         evil, "7")
                                 .reveal();
    EXPECT_THAT(toot, HasSubstr("url = \"https://other.test/api/v1/statuses\"\n"));
    EXPECT_THAT(toot, HasSubstr("\"Idempotency-Key: matriarch-7\"\n"));
    EXPECT_THAT(toot, HasSubstr(R"({\"status\":\"@admin@x.test alpha still differs)"));
    EXPECT_THAT(toot, HasSubstr(R"(\"visibility\":\"direct\")"));
    EXPECT_THAT(toot, ::testing::Not(HasSubstr("@everybody")));
}

TEST(Notifier, ATextCannotAddALineToTheScript) {
    Notice evil = notice();
    evil.trouble.message = "x\"\nurl = \"https://evil.test\n\\";
    const std::string script =
        curl_script({NoticeForm::ntfy, Secret("https://x.test"), {}}, evil, "1").reveal();
    EXPECT_THAT(script, HasSubstr("x\\\"\\nurl = \\\"https://evil.test\\n\\\\\"\n"));
}

TEST(Notifier, ReadsItsTargets) {
    const auto read = [](const std::string& text) {
        return parse_targets(*specs::parse_yaml(text, "notify.yaml"));
    };
    const auto targets =
        read("- {form: ntfy, url: https://ntfy.test/t}\n- {url: https://x.test}\n");
    ASSERT_TRUE(targets);
    EXPECT_EQ(targets->size(), 2U);
    EXPECT_EQ(targets->front().form, NoticeForm::ntfy);
    for (const char* text :
         {"- {form: mail, url: smtps://x.test, from: a@x.test}\n",
          "- {form: mail, url: https://x.test, from: a@x.test, to: b@x.test}\n",
          "- {form: mail, url: smtps://x.test, from: a@x.test, to: \"b@x.test\\nBcc: c@x.test\"}\n",
          "- {form: mastodon, url: https://x.test}\n", "url: https://x.test\n",
          "- {form: pigeon, url: https://x.test}\n", "- {url: http://x.test}\n", "- {form: json}\n",
          "- {url: https://x.test, colour: red}\n", "- x\n", "- {url_file: /nonexistent}\n"}) {
        EXPECT_FALSE(read(text)) << text;
    }
    EXPECT_TRUE(read("")->empty());
}

}  // namespace
}  // namespace matriarch::controller
