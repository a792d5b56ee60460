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
        EXPECT_THAT(html, Not(HasSubstr("<script")));
        EXPECT_THAT(html, Not(HasSubstr("' onload")));
    }
}

TEST(Page, AllowsOnlyItsOwnStyle) {
    for (const std::string& html : {overview_page({}), instance_page(one_instance())}) {
        const auto begin = html.find("<style>") + 7;
        const std::string style = html.substr(begin, html.find("</style>") - begin);
        EXPECT_THAT(page_policy(), HasSubstr("default-src 'none'; style-src 'sha256-" +
                                             sha256_base64(style) + "'"));
        EXPECT_THAT(html, Not(HasSubstr("<script")));
        EXPECT_THAT(html, Not(HasSubstr(" style=")));
        EXPECT_THAT(html, Not(HasSubstr("http://")));
        EXPECT_THAT(html, Not(HasSubstr("https://")));
    }
}

}  // namespace
}  // namespace matriarch::controller
