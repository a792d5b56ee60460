// The page as HTML text. Every value passes through html_text.
// No value reaches the text in any other way.
#include "controller/http/page.hpp"

#include "controller/base/encoding.hpp"
#include "controller/base/text.hpp"

namespace matriarch::controller {
namespace {

constexpr const char* style = R"css(
:root { color-scheme: light dark; --line: #8886; --good: #1a7f37; --bad: #cf222e; --dim: #777; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
         border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--dim); } td { overflow-wrap: anywhere; }
code { font: .92em ui-monospace, monospace; }
.good { color: var(--good); } .bad { color: var(--bad); } .dim { color: var(--dim); }
)css";

std::string cell(const std::string& text) {
    return "<td>" + html_text(text) + "</td>";
}

std::string code_cell(const std::string& text) {
    return "<td><code>" + html_text(text) + "</code></td>";
}

/// "v4.7.5 at 9f2c1ab"; "nothing yet" where there is none.
std::string version_at(const std::string& version, const std::string& revision) {
    if (version.empty() && revision.empty()) return "<span class=\"dim\">nothing yet</span>";
    return html_text(version) + " at <code>" + html_text(revision.substr(0, 12)) + "</code>";
}

std::string conditions_table(const std::vector<OverviewCondition>& conditions) {
    if (conditions.empty()) return "<p class=\"dim\">No conditions yet.</p>\n";
    std::string html =
        "<table><tr><th>Condition</th><th>Status</th><th>Reason</th><th>Message</th>"
        "<th>Since</th></tr>\n";
    for (const OverviewCondition& condition : conditions) {
        html += "<tr>" + cell(condition.type) + cell(condition.status) + cell(condition.reason) +
                cell(condition.message) + code_cell(to_text(condition.since)) + "</tr>\n";
    }
    return html + "</table>\n";
}

std::string instance_section(const OverviewInstance& instance) {
    const std::string mark = instance.is_ready ? "<span class=\"good\">ready</span>"
                                               : "<span class=\"bad\">not ready</span>";
    return "<h2>" + html_text(instance.name) + " " + mark + "</h2>\n<p>wanted " +
           version_at(instance.wanted_version, instance.wanted_revision) + ", running " +
           version_at(instance.running_version, instance.running_revision) + "</p>\n" +
           conditions_table(instance.conditions);
}

std::string events_table(const std::vector<OverviewEvent>& events) {
    if (events.empty()) return "<p class=\"dim\">No events yet.</p>\n";
    std::string html =
        "<table><tr><th>Time</th><th>Instance</th><th>Kind</th><th>Message</th></tr>\n";
    for (const OverviewEvent& event : events) {
        html += "<tr>" + code_cell(to_text(event.at)) + cell(event.instance) + cell(event.kind) +
                cell(event.message) + "</tr>\n";
    }
    return html + "</table>\n";
}

}  // namespace

std::string overview_page(const Overview& overview) {
    std::string html =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\">"
        "<meta http-equiv=\"refresh\" content=\"10\"><title>matriarch</title><style>";
    html += style;
    html += "</style></head><body>\n<h1>matriarch</h1>\n<p class=\"dim\">As of <code>" +
            to_text(overview.at) + "</code>; this page asks again every 10 seconds.</p>\n";
    if (overview.instances.empty()) html += "<p>No instances yet.</p>\n";
    for (const OverviewInstance& instance : overview.instances) html += instance_section(instance);
    html += "<h2>Last events</h2>\n" + events_table(overview.events);
    return html + "</body></html>\n";
}

std::string page_policy() {
    static const std::string policy = "default-src 'none'; style-src 'sha256-" +
                                      sha256_base64(style) +
                                      "'; base-uri 'none'; form-action 'none'; "
                                      "frame-ancestors 'none'";
    return policy;
}

}  // namespace matriarch::controller
