// The pages as HTML text: what is shown, and in which order. How a value becomes markup is in
// page_parts.cpp.
#include "controller/http/page.hpp"

#include <algorithm>

#include "controller/base/encoding.hpp"
#include "controller/base/text.hpp"
#include "controller/http/page_parts.hpp"
#include "controller/http/page_plots.hpp"

namespace matriarch::controller {
namespace {

using Rows = std::vector<std::vector<Html>>;

Html state_of(const OverviewInstance& instance) {
    return instance.is_ready ? pill(Mood::good, "ready") : pill(Mood::bad, "not ready");
}

Html drift_count(const OverviewInstance& instance) {
    if (instance.open_drift == 0) return plain("none");
    return pill(Mood::wait, std::to_string(instance.open_drift) + " open");
}

/// "42 min ago", in its mood.
Html backup_of(const OverviewBackup& backup, WallTime now) {
    if (backup.last == WallTime{}) return pill(Mood::bad, "never");
    const std::string old = backup.is_fresh ? "" : " " + pill(Mood::bad, "too old").markup;
    const std::string read =
        backup.verified == WallTime{}
            ? ""
            : "<br><span class=\"dim\">tried " + ago(backup.verified, now).markup + "</span>";
    return {ago(backup.last, now).markup + old + read};
}

/// What is wanted is said where something else runs.
std::vector<std::pair<std::string, Html>> first_facts(const OverviewInstance& instance) {
    const bool is_there = instance.running_revision == instance.wanted_revision &&
                          instance.running_version == instance.wanted_version;
    return {{"Runs", version_at(instance.running_version, instance.running_revision)},
            {"Wanted",
             is_there ? Html{} : version_at(instance.wanted_version, instance.wanted_revision)},
            {"Waits for", plain(instance.waits_for)},
            {"Drift", drift_count(instance)}};
}

std::string card(const OverviewInstance& instance, WallTime now) {
    const std::string name = html_text(instance.name);
    auto lines = first_facts(instance);
    for (const OverviewBackup& backup : instance.backups) {
        if (backup.kind == "database") lines.emplace_back("Backup", backup_of(backup, now));
    }
    return "<li class=\"card\"><h3><a href=\"/instances/" + name + "\">" + name + "</a>" +
           state_of(instance).markup + "</h3>" + facts("lines", lines).markup + "</li>\n";
}

std::string conditions(const OverviewInstance& instance, WallTime now) {
    Rows rows;
    for (const OverviewCondition& one : instance.conditions) {
        rows.push_back({plain(one.type), plain(one.status), plain(one.reason), plain(one.message),
                        ago(one.since, now)});
    }
    return table("Conditions", {"Condition", "Status", "Reason", "Message", "Since"}, rows).markup;
}

std::string containers(const OverviewInstance& instance) {
    Rows rows;
    for (const OverviewContainer& one : instance.containers) {
        rows.push_back({plain(one.name), pill(one.is_ready ? Mood::good : Mood::bad, one.state),
                        plain(one.image), plain(one.memory)});
    }
    return table("Containers", {"Container", "State", "Release", "Memory"}, rows).markup;
}

std::string drift(const OverviewInstance& instance, WallTime now) {
    if (instance.drift.empty()) return "<p class=\"dim\">Nothing differs from git.</p>\n";
    Rows rows;
    for (const OverviewDrift& one : instance.drift) {
        rows.push_back({plain(one.what), plain(one.desired),
                        one.is_open
                            ? plain(one.actual)
                            : Html{"<span class=\"was\">" + html_text(one.actual) + "</span>"},
                        pill(one.is_open ? Mood::wait : Mood::good, one.ending),
                        ago(one.since, now), plain(one.cause), plain(one.risk)});
    }
    return table("What was changed by hand",
                 {"What", "Wanted", "Is", "State", "Since", "Cause", "At risk"}, rows)
        .markup;
}

Mood mood_of(const std::string& outcome) {
    if (outcome == "settled") return Mood::good;
    return outcome == "seen" ? Mood::wait : Mood::bad;
}

std::string commits(const OverviewInstance& instance, WallTime now) {
    if (instance.commits.empty()) return "<p class=\"dim\">No commits yet.</p>\n";
    Rows rows;
    for (const OverviewCommit& one : instance.commits) {
        rows.push_back({ago(one.seen, now), code(one.revision.substr(0, 12)), plain(one.subject),
                        plain(one.author), pill(mood_of(one.outcome), one.outcome),
                        plain(one.message)});
    }
    return table("History by commit", {"Seen", "Commit", "Subject", "Author", "Outcome", "Message"},
                 rows)
        .markup;
}

std::string events(const Overview& overview, bool is_of_one) {
    if (overview.events.empty()) return "<p class=\"dim\">No events yet.</p>\n";
    Rows rows;
    for (const OverviewEvent& event : overview.events) {
        rows.push_back({ago(event.at, overview.at), plain(event.kind), plain(event.message)});
        if (!is_of_one) rows.back().insert(rows.back().begin() + 1, plain(event.instance));
    }
    if (is_of_one) return table("What happened last", {"When", "Kind", "Message"}, rows).markup;
    return table("What happened last", {"When", "Instance", "Kind", "Message"}, rows).markup;
}

/// Bytes of bytes as a bar, for people who see it and for those who have it read.
Html bar(Bytes part, Bytes whole, const std::string& words) {
    if (whole.count <= 0) return {};
    const auto percent = std::to_string(std::clamp<std::int64_t>(
        part.count / std::max<std::int64_t>(1, whole.count / 100), 0, 100));
    return {html_text(words) + "<br><meter min=\"0\" max=\"100\" high=\"90\" value=\"" + percent +
            "\">" + percent + " %</meter>"};
}

std::string head_facts(const OverviewInstance& instance, const Overview& overview) {
    auto all = first_facts(instance);
    for (const OverviewBackup& backup : instance.backups) {
        all.emplace_back("Backup of " + backup.kind, backup_of(backup, overview.at));
    }
    all.emplace_back("Memory it may use",
                     bar(instance.memory_limit, overview.host_memory,
                         roughly(instance.memory_limit) + " of " + roughly(overview.host_memory)));
    if (overview.disk_free.count > 0) {
        all.emplace_back("Disk", plain(roughly(overview.disk_free) + " free"));
    }
    return facts("facts", all).markup;
}

/// A heading only where there is something below it.
std::string plot(const std::string& heading, const Html& drawn) {
    return drawn.markup.empty() ? "" : "<h2>" + heading + "</h2>\n" + drawn.markup;
}

std::string whole(const std::string& title, const Overview& overview, const std::string& head,
                  const std::string& body) {
    std::string html =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript><title>" +
        html_text(title) + "</title><style>";
    html += page_style();
    html += "</style></head><body>\n<header>" + head +
            "<p class=\"pill bad\" role=\"status\" hidden>Not up to date: the controller does not "
            "answer, or has this no longer.</p></header>\n<main>\n" +
            body + "</main>\n<footer>As of <code>" + to_text(overview.at) +
            "</code>; follows what happens. Nothing can be changed here: git is where."
            "</footer>\n<script>";
    html += page_script();
    return html + "</script></body></html>\n";
}

/// "3 instances, all ready, 2 differ from git"
std::string in_words(const std::vector<OverviewInstance>& instances) {
    const auto count = [&](const auto& is) {
        return std::count_if(instances.begin(), instances.end(), is);
    };
    const auto ready = count([](const auto& one) { return one.is_ready; });
    const auto differ = count([](const auto& one) { return one.open_drift > 0; });
    const auto all = static_cast<std::ptrdiff_t>(instances.size());
    return std::to_string(all) + (all == 1 ? " instance, " : " instances, ") +
           (ready == all ? std::string("all ready") : std::to_string(all - ready) + " not ready") +
           (differ == 0 ? "" : ", " + std::to_string(differ) + " with drift");
}

}  // namespace

std::string overview_page(const Overview& overview) {
    std::string cards;
    for (const OverviewInstance& instance : overview.instances) {
        cards += card(instance, overview.at);
    }
    const std::string head = "<span class=\"mark\">matriarch</span>";
    if (cards.empty()) {
        return whole(
            "matriarch", overview, head,
            "<h1>No instances yet.</h1>\n<h2>What happened last</h2>\n" + events(overview, false));
    }
    return whole("matriarch", overview, head,
                 "<h1>" + html_text(in_words(overview.instances)) +
                     "</h1>\n<ul class=\"cards\">\n" + cards + "</ul>\n" +
                     plot("Memory", memory_plot(overview.instances, overview.host_memory)) +
                     plot("Disk", disk_plot(overview.disk)) + "<h2>What happened last</h2>\n" +
                     events(overview, false));
}

std::string instance_page(const Overview& overview) {
    std::string body;
    std::string name = "matriarch";
    for (const OverviewInstance& instance : overview.instances) {
        name = instance.name;
        body += "<h1>" + html_text(name) + " " + state_of(instance).markup + "</h1>\n" +
                head_facts(instance, overview) +
                plot("Backups and drills", backup_plot(instance.snapshots, overview.at)) +
                "<h2>Drift</h2>\n" + drift(instance, overview.at) + "<h2>Containers</h2>\n" +
                containers(instance) + "<h2>History by commit</h2>\n" +
                commits(instance, overview.at) + "<h2>Conditions</h2>\n" +
                conditions(instance, overview.at) + "<h2>What happened last</h2>\n";
    }
    return whole(name + " · matriarch", overview, "<nav><a href=\"/\">← All instances</a></nav>",
                 body + events(overview, true));
}

std::string page_policy() {
    static const std::string policy = "default-src 'none'; style-src 'sha256-" +
                                      sha256_base64(page_style()) + "'; script-src 'sha256-" +
                                      sha256_base64(page_script()) +
                                      "'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                                      "frame-ancestors 'none'";
    return policy;
}

}  // namespace matriarch::controller
