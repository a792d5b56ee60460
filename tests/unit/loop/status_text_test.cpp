// A status for a person: of which moment it is, and nothing in it that drives a terminal.
#include <gtest/gtest.h>

#include "controller/loop/report.hpp"

namespace matriarch::controller {
namespace {

std::string status_of(const std::string& instance, const std::string& source = {}) {
    return status_text(status_document({instance}, source));
}

TEST(StatusText, SaysOfWhichMomentItIs) {
    const std::string text = status_text(
        status_document({R"({"name":"alpha","observed_at":"2026-11-22T10:04:07.113Z"})"}, ""));
    EXPECT_NE(text.find("AS OF"), std::string::npos) << text;
    EXPECT_NE(text.find(" 2026-11-22T10:04:07Z "), std::string::npos) << text;
}

TEST(StatusText, ShowsWhatAContainerSaidWithoutObeyingIt) {
    const std::string text = status_of(
        R"({"name":"a","waits_for":"x\u001b[2J","conditions":[{"type":"Ready","status":"False",)"
        R"("reason":"Failed","since":"now","message":"line\nforged: yes\r"}]})",
        R"({"problems":[{"where":"a.yaml:1:1","message":"m\u0007","hint":"\u202eH."}]})");
    EXPECT_NE(text.find("x\\u001b[2J\n"), std::string::npos) << text;
    EXPECT_NE(text.find(": line\\nforged: yes\\r\n"), std::string::npos) << text;
    EXPECT_NE(text.find("m\\u0007\n    HINT: \\u202eH.\n"), std::string::npos) << text;
}

TEST(StatusText, ShowsWhatIsWrongAndHowOldTheNewestBackupIs) {
    const auto shows = [](const std::string& type, const std::string& is_true) {
        const std::string text =
            status_of(R"({"conditions":[{"type":")" + type + R"(","status":")" + is_true +
                      R"(","reason":"R","since":"now","message":"m"}]})");
        return text.find(type + "=" + is_true) != std::string::npos;
    };
    for (const char* good :
         {"Ready", "Reconciled", "SourceAccepted", "BackupsWork", "UpkeepWorks"}) {
        EXPECT_TRUE(shows(good, "False")) << good;
        EXPECT_FALSE(shows(good, "True")) << good;
    }
    for (const char* bad : {"Stalled", "Drifted", "Suspended", "SidekiqHeld", "DiskFull"}) {
        EXPECT_TRUE(shows(bad, "True")) << bad;
        EXPECT_FALSE(shows(bad, "False")) << bad;
    }
    for (const char* always : {"BackupFresh", "ArchiveStreams"}) {
        EXPECT_TRUE(shows(always, "False")) << always;
        EXPECT_TRUE(shows(always, "True")) << always;
    }
}

TEST(StatusText, SaysHowFarBehindItIs) {
    const std::string text =
        status_of(R"({"running":{"mastodon":"v4.5.0"},"behind":[{"mastodon":"v4.5.3",)"
                  R"("security":true},{"mastodon":"v4.6.1","security":false}]})");
    EXPECT_NE(text.find("  v4.5.0; v4.5.3 is out (security), v4.6.1 is out\n"), std::string::npos)
        << text;
    EXPECT_EQ(status_of(R"({"behind":[]})").find("is out"), std::string::npos);
}

TEST(StatusText, SurvivesAStatusOfAnotherForm) {
    for (const char* status : {"7", "[]", "{}", R"({"conditions":{}})", R"({"conditions":[1]})",
                               R"({"behind":[1]})", R"({"behind":{}})"}) {
        EXPECT_TRUE(status_of(status, status).starts_with("INSTANCE")) << status;
    }
}

}  // namespace
}  // namespace matriarch::controller
