// The pages show what they are given, and nothing of it becomes markup.
// Every field carries a canary that would be markup.
#include "controller/http/page.hpp"

#include <gmock/gmock.h>

#include "controller/base/encoding.hpp"

namespace matriarch::controller {
namespace {

using testing::HasSubstr;
using testing::Not;

Overview one_instance() {
    const WallTime now(std::chrono::hours(1));
    return {.at = now,
            .instances = {{.name = "example-social",
                           .wanted_revision = "9f2c1ab00000000000",
                           .wanted_version = "v4.7.5",
                           .is_ready = true,
                           .waits_for = "nothing much",
                           .conditions = {{.type = "Ready", .status = "True", .reason = "Settled"}},
                           .containers = {{.name = "example-social-web-1", .state = "running"}},
                           .drift = {{.what = "container example-social-web-1 memory",
                                      .desired = "1GiB",
                                      .actual = "2GiB",
                                      .ending = "open",
                                      .is_open = true}},
                           .open_drift = 1,
                           .backups = {{.kind = "database"}},
                           .memory_limit = gib(2),
                           .commits = {{.revision = "9f2c1ab00000000000",
                                        .subject = "more memory",
                                        .outcome = "settled",
                                        .seen = now - std::chrono::minutes(1)}}}},
            .events = {{.instance = "example-social", .kind = "step", .message = "started web"}},
            .host_memory = gib(4)};
}

TEST(Page, ShowsAllInstancesAtAGlance) {
    const std::string html = overview_page(one_instance());
    EXPECT_THAT(html, HasSubstr("<a href=\"/instances/example-social\">example-social</a>"));
    EXPECT_THAT(html, HasSubstr("<h1>1 instance, all ready, 1 with drift</h1>"));
    EXPECT_THAT(html, HasSubstr("<span class=\"pill good\">ready</span>"));
    EXPECT_THAT(html, HasSubstr("v4.7.5 <span class=\"dim\">at</span> "
                                "<code>9f2c1ab00000</code>"));
    EXPECT_THAT(html, HasSubstr("<span class=\"dim\">nothing yet</span>"));
    EXPECT_THAT(html, HasSubstr("<span class=\"pill wait\">1 open</span>"));
    EXPECT_THAT(html, HasSubstr("<span class=\"pill bad\">never</span>"));
    EXPECT_THAT(html, HasSubstr(">started web</td>"));
    EXPECT_THAT(overview_page({}), HasSubstr("No instances yet."));
}

TEST(Page, ShowsOneInstanceWithDesiredBesideActual) {
    const std::string html = instance_page(one_instance());
    EXPECT_THAT(html, HasSubstr(">Settled</td>"));
    EXPECT_THAT(html,
                HasSubstr("<td data-head=\"What\">container example-social-web-1 memory</td>"
                          "<td data-head=\"Wanted\">1GiB</td><td data-head=\"Is\">2GiB</td>"));
    EXPECT_THAT(html, HasSubstr(">more memory</td>"));
    EXPECT_THAT(html, HasSubstr("<dt>Waits for</dt><dd>nothing much</dd>"));
    EXPECT_THAT(html, HasSubstr("<meter min=\"0\" max=\"100\" high=\"90\" value=\"50\">"));
    EXPECT_THAT(html, HasSubstr(" title=\"1970-01-01T00:59:00.000Z\">1 min ago</time>"));
    EXPECT_THAT(instance_page({.instances = {{.name = "a"}}}), HasSubstr("Nothing differs"));
}

TEST(Page, PlotsTheDiskAndBackupsAlsoInWords) {
    Overview overview = one_instance();
    const WallTime now = overview.at + std::chrono::days(30);
    overview.at = now;
    overview.disk = {{now - std::chrono::days(2), gib(40)},
                     {now - std::chrono::days(1), gib(30)},
                     {now, gib(35)}};
    overview.instances.front().snapshots = {
        {.kind = "database", .taken = now - std::chrono::days(20)},
        {.kind = "database", .taken = now - std::chrono::days(7), .is_verified = true},
        {.kind = "database", .taken = now},
        {.kind = "media", .taken = now + std::chrono::days(1)}};
    const std::string all = overview_page(overview);
    EXPECT_THAT(all, HasSubstr("<figcaption>Free in the last 2 days: 35 GiB now, at least 30 GiB, "
                               "at most 40 GiB</figcaption>"));
    EXPECT_THAT(all, HasSubstr("<path class=\"line\" d=\"M0 2L320 24L640 12\"/>"));
    const std::string one = instance_page(overview);
    EXPECT_THAT(one, HasSubstr("Backups kept of the last 14 days: 2 of database, 1 restored for "
                               "practice</figcaption>"));
    EXPECT_THAT(one, HasSubstr("<circle class=\"tried\" cx=\"50.0%\" cy=\"30\" r=\"7\"><title>"
                               "database of "));
    EXPECT_THAT(one, Not(HasSubstr(">media</text>")));
    for (const std::string& html : {all, one}) EXPECT_THAT(html, Not(HasSubstr(" style=")));
    EXPECT_THAT(overview_page({.instances = {{.name = "a"}}}), Not(HasSubstr("<svg")));
    EXPECT_THAT(instance_page(one_instance()), Not(HasSubstr("<svg")));
}

TEST(Page, PlotsWhatInstancesMayUseOfTheMemory) {
    Overview overview = one_instance();
    overview.instances.push_back({.name = "other", .memory_limit = gib(1)});
    const std::string fits = overview_page(overview);
    EXPECT_THAT(fits, HasSubstr("All instances together may use 3 GiB of 4 GiB</figcaption>"));
    EXPECT_THAT(fits, HasSubstr("<rect class=\"part\" x=\"50.0%\" width=\"25.0%\" "
                                "height=\"100%\"><title>other: 1 GiB</title></rect>"));
    overview.instances.back().memory_limit = gib(6);
    EXPECT_THAT(overview_page(overview),
                HasSubstr("<rect class=\"all\" width=\"50.0%\" height=\"100%\"/><rect "
                          "class=\"part\" x=\"0.0%\" width=\"25.0%\" height=\"100%\"><title>"
                          "example-social: 2 GiB</title></rect><rect class=\"over\" x=\"25.0%\" "
                          "width=\"75.0%\" "));
}

TEST(Page, EscapesEveryField) {
    const std::string canary = "<script>alert(\"1\")</script>' onload='x";
    const Overview overview{
        .instances = {{.name = canary,
                       .wanted_revision = "<script>",
                       .wanted_version = canary,
                       .running_revision = "<script>",
                       .running_version = canary,
                       .waits_for = canary,
                       .conditions = {{canary, canary, canary, canary, {}}},
                       .containers = {{canary, canary, canary, canary, false}},
                       .drift = {{canary, canary, canary, canary, canary, {}, canary, true}},
                       .open_drift = 1,
                       .backups = {{.kind = canary, .last = WallTime(std::chrono::hours(1))}},
                       .memory_limit = gib(1),
                       .commits = {{canary, canary, canary, canary, canary, {}}}}},
        .events = {{{}, canary, canary, canary}}};
    for (const std::string& html : {overview_page(overview), instance_page(overview)}) {
        EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
        EXPECT_THAT(html, Not(HasSubstr("' onload")));
    }
}

TEST(Page, AllowsOnlyItsOwnStyleAndScript) {
    for (const std::string& html : {overview_page({}), instance_page(one_instance())}) {
        const auto begin = html.find("<style>") + 7;
        const std::string style = html.substr(begin, html.find("</style>") - begin);
        EXPECT_THAT(page_policy(), HasSubstr("default-src 'none'; style-src 'sha256-" +
                                             sha256_base64(style) + "'"));
        const auto at = html.find("<script>") + 8;
        const std::string script = html.substr(at, html.find("</script>") - at);
        EXPECT_THAT(page_policy(), HasSubstr("; script-src 'sha256-" + sha256_base64(script) +
                                             "'; connect-src 'self'; "));
        EXPECT_EQ(html.find("<script", at), std::string::npos);
        EXPECT_THAT(html, Not(HasSubstr(" style=")));
        EXPECT_THAT(html, Not(HasSubstr("http://")));
        EXPECT_THAT(html, Not(HasSubstr("https://")));
    }
}

}  // namespace
}  // namespace matriarch::controller
