// What `ignore` may leave as it is. Limits and what only tunes a part may differ for a while; what
// keeps data safe, decides who is reached, or says whether a part stands, may not: not by whoever
// can push, and not by a slip of the hand.
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "specs/schedule.hpp"
#include "specs/text_rules.hpp"
#include "specs/validate.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::specs {
namespace {

constexpr const char* what_may_be =
    "memory, cpus, pids, shared memory, environment NAME and parameter NAME can be.";

const std::vector<std::string>& limits() {
    static const std::vector<std::string> names{"memory", "cpus", "pids", "shared memory"};
    return names;
}

/// Without these PostgreSQL loses what it said is written, or cannot be archived.
constexpr std::array<std::string_view, 11> durable{
    "archive_command", "archive_library",    "archive_mode",           "data_checksums",
    "fsync",           "full_page_writes",   "synchronous_commit",     "wal_level",
    "wal_sync_method", "zero_damaged_pages", "ignore_checksum_failure"};

std::vector<std::string> parts_of(const Instance& instance) {
    std::vector<std::string> parts{"web",   "streaming", "sidekiq", "postgres",
                                   "redis", "search",    "edge"};
    for (const SidekiqGroup& group : instance.sidekiq) parts.push_back("sidekiq." + group.name);
    return parts;
}

bool is_code(const std::string& part) {
    return part == "web" || part == "streaming" || part.starts_with("sidekiq");
}

/// Why a field is never left as it is; empty: it may be, or it is not known.
std::string never(const std::string& field) {
    const auto is_kind = [&](std::string_view kind) {
        return field == kind || field.starts_with(std::string(kind) + " ");
    };
    for (const char* kind : {"image", "mounts", "volume", "identity"}) {
        if (is_kind(kind)) return "it keeps the data safe";
    }
    for (const char* kind : {"network", "ports", "route", "internal", "container"}) {
        if (is_kind(kind)) return "it decides who reaches the data";
    }
    for (const char* kind : {"state", "existence", "name"}) {
        if (is_kind(kind)) return "a part that is away is always brought back";
    }
    for (const char* kind :
         {"capabilities", "no-new-privileges", "host configuration", "user", "init"}) {
        if (is_kind(kind)) return "it keeps a break-in from going further";
    }
    for (const char* kind : {"command", "entrypoint", "working folder", "host name", "stop grace",
                             "stop signal", "health check", "restart policy", "memory and swap",
                             "memlock limit", "open files limit", "label", "configuration"}) {
        if (is_kind(kind)) return "matriarch works by it";
    }
    return "";
}

/// Why this field of this part is not left as it is; empty: it may be.
std::string refusal(const Instance& instance, const std::string& part, const std::string& field) {
    if (std::find(limits().begin(), limits().end(), field) != limits().end()) return "";
    const auto name_behind = [&](std::string_view kind) {
        return field.starts_with(kind) ? field.substr(kind.size()) : std::string();
    };
    if (const std::string name = name_behind("parameter "); !name.empty()) {
        if (part != "postgres") return "only postgres has parameters";
        const bool is_durable = std::find(durable.begin(), durable.end(), name) != durable.end();
        return is_durable ? "it keeps the data safe" : "";
    }
    if (const std::string name = name_behind("environment "); !name.empty()) {
        if (!is_code(part)) return "only web, streaming and sidekiq have settings";
        return is_free_setting(name, instance) ? "" : "matriarch works by it";
    }
    const std::string why = never(field);
    return why.empty() ? "there is no such field" : why;
}

void check_fields(const Instance& instance, const Ignore& ignore, const std::string& path,
                  Findings& findings) {
    if (ignore.fields.empty() && findings.is_written(path + ".field")) {
        findings.add(findings.place_of(path + ".field"),
                     "cannot use " + path + ".field: the list is empty", what_may_be);
    }
    for (const std::string& field : ignore.fields) {
        const std::string why = refusal(instance, ignore.resource, field);
        if (why.empty()) continue;
        const std::string near = never(field).empty() ? nearest(field, limits()) : "";
        findings.add(
            findings.place_of(path + ".field." + field),
            "cannot ignore '" + shown(field, shown_bytes) + "' of " + ignore.resource + ": " + why,
            near.empty() ? what_may_be : "Did you mean '" + near + "'?");
    }
}

}  // namespace

void validate_ignore(const Instance& instance, Findings& findings) {
    const auto parts = parts_of(instance);
    std::set<std::string> seen;
    for (std::size_t i = 0; i < instance.ignore.size(); ++i) {
        const Ignore& ignore = instance.ignore[i];
        const std::string path = "ignore." + std::to_string(i + 1);
        if (ignore.resource.empty()) continue;  // reading it has failed already
        if (std::find(parts.begin(), parts.end(), ignore.resource) == parts.end()) {
            const std::string near = nearest(ignore.resource, parts);
            std::string known;
            for (const std::string& part : parts) known += (known.empty() ? "" : ", ") + part;
            findings.add(
                findings.place_of(path + ".resource"),
                "cannot use " + path + ".resource: this file has no part '" +
                    shown(ignore.resource, shown_bytes) + "'",
                near.empty() ? "Known are " + known + "." : "Did you mean '" + near + "'?");
            continue;
        }
        check_fields(instance, ignore, path, findings);
        for (const std::string& field : ignore.fields) {
            if (seen.insert(ignore.resource + " " + field).second) continue;
            findings.add(findings.place_of(path), "cannot use " + path + ": '" +
                                                      shown(field, shown_bytes) + "' of " +
                                                      ignore.resource + " is ignored twice");
        }
        if (ignore.until.empty()) continue;
        if (const auto day = parse_day(ignore.until); !day) {
            findings.add(findings.place_of(path + ".until"),
                         "cannot use " + path + ".until: " + day.error().message, day.error().hint);
        }
    }
}

}  // namespace matriarch::specs
