// The drift report: JSON for scripts (keys may be added, never renamed), text for a terminal, and
// Markdown that can be pasted into an issue.
#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "controller/base/text.hpp"
#include "controller/loop/report.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::controller {

namespace json = boost::json;

namespace {

/// What containers are called and said is in there.
std::string cause_of(const RecordedDrift& drift) {
    return drift.cause.empty() ? "the Engine told of nothing" : printable(drift.cause);
}

std::string what(const RecordedDrift& drift) {
    return printable(drift.resource + " " + drift.field);
}

std::string at_commit(const RecordedDrift& drift) {
    return drift.revision.empty() ? "" : " at commit " + short_digest(drift.revision);
}

int open_in(const std::vector<RecordedDrift>& drifts) {
    return static_cast<int>(std::count_if(drifts.begin(), drifts.end(),
                                          [](const auto& drift) { return drift.is_open(); }));
}

/// It differs, and the file says that it may.
bool is_left(const RecordedDrift& drift) {
    return !drift.healed && drift.is_ignored();
}

json::value ignored(const RecordedDrift& drift) {
    if (!drift.is_ignored()) return nullptr;
    return json::object{{"until", drift.until}, {"reason", drift.reason}};
}

std::string why_left(const RecordedDrift& drift) {
    return "ignored until " + printable(drift.until) + ": " + printable(drift.reason);
}

std::map<std::string, std::vector<RecordedDrift>> by_instance(
    const std::vector<RecordedDrift>& drifts) {
    std::map<std::string, std::vector<RecordedDrift>> groups;
    for (const RecordedDrift& drift : drifts) groups[drift.instance].push_back(drift);
    return groups;
}

std::string counts(const std::vector<RecordedDrift>& drifts) {
    const int open = open_in(drifts);
    const auto left = static_cast<int>(std::count_if(drifts.begin(), drifts.end(), is_left));
    return std::to_string(open) + " open, " +
           (left == 0 ? "" : std::to_string(left) + " ignored, ") +
           std::to_string(static_cast<int>(drifts.size()) - open - left) + " over";
}

std::string ending_in_words(const RecordedDrift& drift) {
    if (drift.ending == DriftEnding::healed) return "put right";
    if (drift.ending == DriftEnding::accepted) return "accepted by a commit";
    return "put right by hand, or gone by itself";
}

std::string over_in_words(const RecordedDrift& drift) {
    if (drift.healed) return to_text(*drift.healed) + ", " + ending_in_words(drift);
    return is_left(drift) ? in_markdown(why_left(drift)) : "open";
}

}  // namespace

std::string drift_json(const std::vector<RecordedDrift>& drifts) {
    json::array items;
    for (const RecordedDrift& drift : drifts) {
        items.push_back(
            {{"instance", drift.instance},
             {"resource", drift.resource},
             {"field", drift.field},
             {"desired", drift.desired},
             {"actual", drift.actual},
             {"detected_at", to_text(drift.seen)},
             {"healed_at", drift.healed ? json::value(to_text(*drift.healed)) : nullptr},
             {"cause", drift.cause},
             {"ending", to_text(drift.ending)},
             {"risk", drift.risk},
             {"heal", drift.heal},
             {"ignored", ignored(drift)},
             {"revision", drift.revision}});
    }
    return json::serialize(json::object{{"items", std::move(items)}});
}

std::string drift_text(const std::vector<RecordedDrift>& drifts) {
    if (drifts.empty()) return "no drift\n";
    std::string out;
    for (const auto& [instance, rows] : by_instance(drifts)) {
        out += printable(instance) + ": " + counts(rows) + "\n";
        for (const RecordedDrift& drift : rows) {
            const std::string values =
                "wanted " + printable(drift.desired) + ", is " + printable(drift.actual);
            if (drift.healed) {
                out += "  over  " + what(drift) + ": " + values + "\n        from " +
                       to_text(drift.seen) + " to " + to_text(*drift.healed) + ", " +
                       ending_in_words(drift) + "; " + cause_of(drift) + "\n";
                continue;
            }
            if (is_left(drift)) {
                out += "  left  " + what(drift) + ": " + values + "\n        since " +
                       to_text(drift.seen) + ", " + why_left(drift) + "\n";
                continue;
            }
            out += "  OPEN  " + what(drift) + ": " + values + "\n        since " +
                   to_text(drift.seen) + at_commit(drift) + "; " + cause_of(drift) +
                   "\n        at risk: " + drift.risk + "; healing: " + printable(drift.heal) +
                   "\n";
        }
    }
    return out;
}

std::string drift_markdown(const std::vector<RecordedDrift>& drifts) {
    std::string out = "### Drift\n";
    if (drifts.empty()) return out + "\nNothing differs from git.\n";
    for (const auto& [instance, rows] : by_instance(drifts)) {
        out += "\n**" + in_markdown(instance) + "**: " + counts(rows) +
               "\n\n| what | wanted | is | since | over | cause | at risk | healing |\n"
               "|--|--|--|--|--|--|--|--|\n";
        for (const RecordedDrift& drift : rows) {
            out += "| " + in_markdown(drift.resource + " " + drift.field) + " | " +
                   in_markdown(drift.desired) + " | " + in_markdown(drift.actual) + " | " +
                   to_text(drift.seen) + " | " + over_in_words(drift) + " | " +
                   in_markdown(cause_of(drift)) + " | " + in_markdown(drift.risk) + " | " +
                   in_markdown(drift.heal) + " |\n";
        }
    }
    return out;
}

}  // namespace matriarch::controller
