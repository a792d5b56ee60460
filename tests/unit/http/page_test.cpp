// The page shows what it is given, and nothing of it becomes markup.
// Every field carries a canary that would be markup.
#include "controller/http/page.hpp"

#include <gmock/gmock.h>

#include "controller/base/encoding.hpp"

namespace matriarch::controller {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Page, ShowsInstancesConditionsAndEvents) {
    const std::string html = overview_page(
        {.instances = {{.name = "example-social",
                        .wanted_revision = "9f2c1ab00000000000",
                        .wanted_version = "v4.7.5",
                        .is_ready = true,
                        .conditions = {{.type = "Ready", .status = "True", .reason = "Settled"}}}},
         .events = {{.instance = "example-social", .kind = "step", .message = "started web"}}});
    EXPECT_THAT(html, HasSubstr("example-social <span class=\"good\">ready</span>"));
    EXPECT_THAT(html, HasSubstr("wanted v4.7.5 at <code>9f2c1ab00000</code>, running <span "
                                "class=\"dim\">nothing yet</span>"));
    EXPECT_THAT(html, HasSubstr("<td>Settled</td>"));
    EXPECT_THAT(html, HasSubstr("<td>started web</td>"));
    EXPECT_THAT(overview_page({}), HasSubstr("No instances yet."));
}

TEST(Page, EscapesEveryField) {
    const std::string canary = "<script>alert(\"1\")</script>' onload='x";
    const std::string html =
        overview_page({.instances = {{.name = canary,
                                      .wanted_revision = "<script>",
                                      .wanted_version = canary,
                                      .running_revision = "<script>",
                                      .running_version = canary,
                                      .conditions = {{canary, canary, canary, canary, {}}}}},
                       .events = {{{}, canary, canary, canary}}});
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr("' onload")));
}

TEST(Page, AllowsOnlyItsOwnStyle) {
    const std::string html = overview_page({});
    const auto begin = html.find("<style>") + 7;
    const std::string style = html.substr(begin, html.find("</style>") - begin);
    EXPECT_THAT(page_policy(),
                HasSubstr("default-src 'none'; style-src 'sha256-" + sha256_base64(style) + "'"));
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr(" style=")));
    EXPECT_THAT(html, Not(HasSubstr("http://")));
    EXPECT_THAT(html, Not(HasSubstr("https://")));
}

}  // namespace
}  // namespace matriarch::controller
