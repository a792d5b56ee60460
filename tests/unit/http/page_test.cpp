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
    return {.instances = {{.name = "example-social",
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
                           .commits = {{.revision = "9f2c1ab00000000000",
                                        .subject = "more memory",
                                        .outcome = "settled"}}}},
            .events = {{.instance = "example-social", .kind = "step", .message = "started web"}}};
}

TEST(Page, ShowsAllInstancesAtAGlance) {
    const std::string html = overview_page(one_instance());
    EXPECT_THAT(html, HasSubstr("<a href=\"/instances/example-social\">example-social</a>"));
    EXPECT_THAT(html, HasSubstr("<span class=\"good\">ready</span>"));
    EXPECT_THAT(html, HasSubstr("v4.7.5 at <code>9f2c1ab00000</code>"));
    EXPECT_THAT(html, HasSubstr("<span class=\"dim\">nothing yet</span>"));
    EXPECT_THAT(html, HasSubstr("<span class=\"bad\">1</span>"));
    EXPECT_THAT(html, HasSubstr("<td>started web</td>"));
    EXPECT_THAT(overview_page({}), HasSubstr("No instances yet."));
}

TEST(Page, ShowsOneInstanceWithDesiredBesideActual) {
    const std::string html = instance_page(one_instance());
    EXPECT_THAT(html, HasSubstr("<td>Settled</td>"));
    EXPECT_THAT(html, HasSubstr("<td>container example-social-web-1 memory</td><td>1GiB</td>"
                                "<td>2GiB</td>"));
    EXPECT_THAT(html, HasSubstr("<td>more memory</td>"));
    EXPECT_THAT(html, HasSubstr("waits for nothing much"));
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
