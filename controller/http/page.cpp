// The pages as HTML text. Every value passes through html_text.
// No value reaches the text in any other way.
#include "controller/http/page.hpp"

#include "controller/base/encoding.hpp"
#include "controller/base/text.hpp"

namespace matriarch::controller {
namespace {

constexpr const char* style = R"css(
:root { color-scheme: light dark; --line: #8886; --good: #1a7f37; --bad: #cf222e; --dim: #666; }
@media (prefers-color-scheme: dark) {
  :root { --good: #4ac26b; --bad: #ff7b72; --dim: #9a9a9a; }
}
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 1.5rem auto;
       padding: 0 1rem; }
h1 { font-size: 1.35rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
.wide { overflow-x: auto; } .wide:focus-visible, a:focus-visible { outline: 2px solid; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--dim); }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0;
         border-bottom: 1px solid var(--line); min-width: 5rem; }
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

/// A word that also says without its colour what it means.
std::string marked(bool is_good, const std::string& word) {
    return std::string("<span class=\"") + (is_good ? "good" : "bad") + "\">" + html_text(word) +
           "</span>";
}

/// Scrolls by itself where it is wider than the screen, with the keyboard too.
std::string table(const std::string& caption, const std::vector<std::string>& heads,
                  const std::string& rows) {
    std::string html = "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"" +
                       html_text(caption) + "\"><table><caption>" + html_text(caption) +
                       "</caption><thead><tr>";
    for (const std::string& head : heads) html += "<th scope=\"col\">" + html_text(head) + "</th>";
    return html + "</tr></thead><tbody>\n" + rows + "</tbody></table></div>\n";
}

/// "v4.7.5 at 9f2c1ab"; "nothing yet" where there is none.
std::string version_at(const std::string& version, const std::string& revision) {
    if (version.empty() && revision.empty()) return "<span class=\"dim\">nothing yet</span>";
    return html_text(version) + " at <code>" + html_text(revision.substr(0, 12)) + "</code>";
}

std::string instance_row(const OverviewInstance& instance) {
    const std::string name = html_text(instance.name);
    return "<tr><td><a href=\"/instances/" + name + "\">" + name + "</a></td><td>" +
           marked(instance.is_ready, instance.is_ready ? "ready" : "not ready") + "</td><td>" +
           version_at(instance.wanted_version, instance.wanted_revision) + "</td><td>" +
           version_at(instance.running_version, instance.running_revision) + "</td><td>" +
           marked(instance.open_drift == 0,
                  instance.open_drift == 0 ? "none" : std::to_string(instance.open_drift)) +
           "</td>" + cell(instance.waits_for) + "</tr>\n";
}

std::string conditions(const OverviewInstance& instance) {
    std::string rows;
    for (const OverviewCondition& condition : instance.conditions) {
        rows += "<tr>" + cell(condition.type) + cell(condition.status) + cell(condition.reason) +
                cell(condition.message) + code_cell(to_text(condition.since)) + "</tr>\n";
    }
    return table("Conditions", {"Condition", "Status", "Reason", "Message", "Since"}, rows);
}

std::string containers(const OverviewInstance& instance) {
    std::string rows;
    for (const OverviewContainer& container : instance.containers) {
        rows += "<tr>" + cell(container.name) + "<td>" +
                marked(container.is_ready, container.state) + "</td>" + cell(container.image) +
                cell(container.memory) + "</tr>\n";
    }
    return table("Containers", {"Container", "State", "Release", "Memory limit"}, rows);
}

std::string drift(const OverviewInstance& instance) {
    if (instance.drift.empty()) return "<p>Nothing differs from git.</p>\n";
    std::string rows;
    for (const OverviewDrift& one : instance.drift) {
        rows += "<tr>" + cell(one.what) + cell(one.desired) + cell(one.actual) +
                code_cell(to_text(one.since)) + "<td>" + marked(!one.is_open, one.ending) +
                "</td>" + cell(one.cause) + cell(one.risk) + "</tr>\n";
    }
    return table("Drift: what was changed by hand",
                 {"What", "Wanted", "Is", "Since", "Ended", "Cause", "At risk"}, rows);
}

std::string commits(const OverviewInstance& instance) {
    std::string rows;
    for (const OverviewCommit& commit : instance.commits) {
        rows += "<tr>" + code_cell(commit.revision.substr(0, 12)) + cell(commit.subject) +
                cell(commit.author) + "<td>" +
                marked(commit.outcome == "settled" || commit.outcome == "seen", commit.outcome) +
                "</td>" + cell(commit.message) + code_cell(to_text(commit.seen)) + "</tr>\n";
    }
    return table("History by commit", {"Commit", "Subject", "Author", "Outcome", "Message", "Seen"},
                 rows);
}

std::string events(const Overview& overview) {
    if (overview.events.empty()) return "<p class=\"dim\">No events yet.</p>\n";
    std::string rows;
    for (const OverviewEvent& event : overview.events) {
        rows += "<tr>" + code_cell(to_text(event.at)) + cell(event.instance) + cell(event.kind) +
                cell(event.message) + "</tr>\n";
    }
    return table("Last events", {"Time", "Instance", "Kind", "Message"}, rows);
}

std::string whole(const std::string& title, const Overview& overview, const std::string& body) {
    std::string html =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<meta http-equiv=\"refresh\" content=\"10\"><title>";
    html += html_text(title) + "</title><style>";
    html += style;
    return html + "</style></head><body>\n" + body + "<p class=\"dim\">As of <code>" +
           to_text(overview.at) +
           "</code>; this page asks again every 10 seconds.</p>\n</body></html>\n";
}

}  // namespace

std::string overview_page(const Overview& overview) {
    std::string body = "<h1>matriarch</h1>\n<main>\n";
    std::string rows;
    for (const OverviewInstance& instance : overview.instances) rows += instance_row(instance);
    body += rows.empty()
                ? "<p>No instances yet.</p>\n"
                : table("Instances",
                        {"Instance", "State", "Wanted", "Running", "Drift", "Waits for"}, rows);
    return whole("matriarch", overview, body + events(overview) + "</main>\n");
}

std::string instance_page(const Overview& overview) {
    std::string body = "<nav><a href=\"/\">All instances</a></nav>\n<main>\n";
    std::string name = "matriarch";
    for (const OverviewInstance& instance : overview.instances) {
        name = instance.name;
        body += "<h1>" + html_text(name) + " " +
                marked(instance.is_ready, instance.is_ready ? "ready" : "not ready") +
                "</h1>\n<p>wanted " +
                version_at(instance.wanted_version, instance.wanted_revision) + ", running " +
                version_at(instance.running_version, instance.running_revision) +
                (instance.waits_for.empty() ? "" : "; waits for " + html_text(instance.waits_for)) +
                "</p>\n" + conditions(instance) + "<h2>Drift</h2>\n" + drift(instance) +
                "<h2>Containers</h2>\n" + containers(instance) + "<h2>History</h2>\n" +
                commits(instance);
    }
    return whole(name + " · matriarch", overview, body + events(overview) + "</main>\n");
}

std::string page_policy() {
    static const std::string policy = "default-src 'none'; style-src 'sha256-" +
                                      sha256_base64(style) +
                                      "'; base-uri 'none'; form-action 'none'; "
                                      "frame-ancestors 'none'";
    return policy;
}

}  // namespace matriarch::controller
