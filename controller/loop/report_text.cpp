// Plans and statuses for a person: terminal and Markdown.
#include <boost/json.hpp>

#include "controller/base/text.hpp"
#include "controller/loop/report.hpp"
#include "reconcilers/status.hpp"
#include "specs/values/digest.hpp"
#include "specs/values/units.hpp"

namespace matriarch::controller {

namespace json = boost::json;
using namespace reconcilers;

namespace {

std::string summary(const Plan& plan) {
    if (!plan.has_changes()) return plan.blocked.empty() ? "nothing to do" : "blocked";
    return std::to_string(plan.creates) + " to create, " + std::to_string(plan.updates) +
           " to change, " + std::to_string(plan.removes) + " to remove";
}

std::string text_at(const json::value& value, std::string_view pointer) {
    boost::system::error_code error;
    const json::value* found = value.find_pointer(pointer, error);
    if (found == nullptr || found->is_null()) return "";
    // What containers and commits said is in there.
    return printable(found->is_string() ? std::string(found->as_string())
                                        : json::serialize(*found));
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text + " ";
}

/// "2026-11-22T10:04:07.113Z" -> "2026-11-22T10:04:07Z".
std::string to_seconds(const std::string& time) {
    const auto dot = time.find('.');
    return dot == std::string::npos ? time : time.substr(0, dot) + "Z";
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

/// "disk: 38 GiB free, full in 12 days at the growth of the last week": all have the same disk.
void append_disk(std::string& out, const json::value& document) {
    boost::system::error_code none;
    for (const json::value& instance : document.at("instances").as_array()) {
        const json::value* free = instance.find_pointer("/disk/free_bytes", none);
        if (free == nullptr || !free->is_int64()) continue;
        out += "disk: " + std::to_string(free->get_int64() / gib(1).count) + " GiB free";
        const json::value* growth = instance.find_pointer("/disk/growth_bytes_per_day", none);
        const bool is_known = growth != nullptr && growth->is_int64();
        const std::string days = text_at(instance, "/disk/full_in_days");
        if (!days.empty()) out += ", full in " + days + " days at the growth of the last week";
        if (is_known && days.empty()) out += ", and no less than a week ago";
        out += "\n";
        return;
    }
}

/// "v4.5.0; v4.5.3 is out (security)".
void append_behind(std::string& out, const json::value& instance) {
    boost::system::error_code none;
    const json::value* behind = instance.find_pointer("/behind", none);
    if (behind == nullptr || !behind->is_array() || behind->get_array().empty()) return;
    std::string words;
    for (const json::value& one : behind->get_array()) {
        const bool is_security = text_at(one, "/security") == "true";
        words += (words.empty() ? "" : ", ") + text_at(one, "/mastodon") + " is out" +
                 (is_security ? " (security)" : "");
    }
    out += "  " + or_dash(text_at(instance, "/running/mastodon")) + "; " + words + "\n";
}

void append_conditions(std::string& out, const json::value& instance) {
    boost::system::error_code none;
    const json::value* conditions = instance.find_pointer("/conditions", none);
    if (conditions == nullptr || !conditions->is_array()) return;
    for (const json::value& condition : conditions->get_array()) {
        const std::string type = text_at(condition, "/type");
        const bool is_true = text_at(condition, "/status") == "True";
        // How much would be lost now is always of interest.
        const bool is_always_shown = type == "BackupFresh" || type == "ArchiveStreams";
        if (is_true == reconcilers::is_good_when_true(type) && !is_always_shown) continue;
        out += "  " + type + "=" + text_at(condition, "/status") + " (" +
               text_at(condition, "/reason") + ") since " + text_at(condition, "/since") + ": " +
               text_at(condition, "/message") + "\n";
    }
}

}  // namespace

std::string plan_text(const std::string& revision, const std::vector<InstancePlan>& plans) {
    std::string out;
    for (const InstancePlan& planned : plans) {
        out += planned.name + (revision.empty() ? "" : " at " + short_digest(revision)) + ": " +
               summary(planned.plan) + "\n";
        out += to_text(planned.plan);
    }
    return out;
}

std::string instance_markdown(const Plan& plan) {
    std::string out;
    if (!plan.path.empty()) out += "\n" + in_markdown(plan.path) + "\n";
    for (const PendingMigration& one : plan.migrations) {
        out += "- `" + one.version + "` " + in_markdown(one.name) +
               (one.is_post_deployment ? " (post-deployment)" : "") + "\n";
    }
    if (plan.has_changes()) {
        out += "\n| # | step | reason | downtime | reversible |\n|--|--|--|--|--|\n";
    }
    for (const PlannedStep& step : plan.steps) {
        out += "| " + step.id + " | " + in_markdown(in_words(step.step.action)) + " | " +
               in_markdown(step.step.reason) + " | " + to_text(step.step.downtime) + " | " +
               to_text(step.step.reversible) + " |\n";
    }
    for (const Blocked& blocked : plan.blocked) {
        out += "\n> **blocked** (`" + blocked.code + "`): " + in_markdown(blocked.message) + " " +
               in_markdown(blocked.hint) + "\n";
    }
    return out;
}

std::string plan_markdown(const std::string& revision, const std::vector<InstancePlan>& plans) {
    std::string out = "### matriarch plan" +
                      (revision.empty() ? std::string() : " for `" + short_digest(revision) + "`") +
                      "\n";
    for (const InstancePlan& planned : plans) {
        out += "\n**" + in_markdown(planned.name) + "**: " + summary(planned.plan) + "\n" +
               instance_markdown(planned.plan);
    }
    return out;
}

std::string status_text(const std::string& document) {
    boost::system::error_code error;
    const json::value value = json::parse(document, error);
    if (error || !value.is_object()) return document;
    std::string out = padded("INSTANCE", 20) + padded("READY", 6) + padded("WANTED", 20) +
                      padded("RUNNING", 12) + padded("DRIFT", 6) + padded("AS OF", 20) +
                      "WAITS FOR\n";
    for (const json::value& instance : value.at("instances").as_array()) {
        const std::string wanted = text_at(instance, "/wanted/mastodon") + " @" +
                                   or_dash(short_digest(text_at(instance, "/wanted/revision")));
        out +=
            padded(text_at(instance, "/name"), 20) +
            padded(text_at(instance, "/ready") == "true" ? "yes" : "no", 6) + padded(wanted, 20) +
            padded(or_dash(text_at(instance, "/running/mastodon")), 12) +
            padded(text_at(instance, "/drift"), 6) +
            padded(to_seconds(text_at(instance, "/observed_at")), 20) +
            (text_at(instance, "/suspended") == "true" ? "suspended"
                                                       : or_dash(text_at(instance, "/waits_for"))) +
            "\n";
        append_behind(out, instance);
        append_conditions(out, instance);
    }
    append_disk(out, value);
    boost::system::error_code none;
    if (const json::value* problems = value.find_pointer("/source/problems", none);
        problems != nullptr && problems->is_array() && !problems->as_array().empty()) {
        out += "source: commit " + or_dash(short_digest(text_at(value, "/source/seen"))) +
               " is not in force; " + or_dash(short_digest(text_at(value, "/source/accepted"))) +
               " stays\n";
        for (const json::value& problem : problems->as_array()) {
            const std::string where = text_at(problem, "/where");
            out += "  " + (where.empty() ? "" : where + ": ") + text_at(problem, "/message") + "\n";
            const std::string hint = text_at(problem, "/hint");
            if (!hint.empty()) out += "    HINT: " + hint + "\n";
        }
    }
    return out;
}

std::string wanted_release(const std::string& status) {
    boost::system::error_code error;
    const json::value document = json::parse(status, error);
    return error ? "" : text_at(document, "/wanted/mastodon");
}

}  // namespace matriarch::controller
