// What is written down first and told then is told once at most, also by who is killed in between.
#include "controller/loop/digest.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "controller/base/files.hpp"
#include "controller/loop/calendar.hpp"
#include "specs/schedule.hpp"
#include "specs/values/digest.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::controller {

namespace {

std::size_t count(const DigestPart& part, bool (*is_counted)(const RecordedDrift&)) {
    return static_cast<std::size_t>(
        std::count_if(part.drifts.begin(), part.drifts.end(), is_counted));
}

std::string drift_line(const DigestPart& part) {
    const auto open = count(part, [](const RecordedDrift& one) { return one.is_open(); });
    const auto ignored =
        count(part, [](const RecordedDrift& one) { return !one.healed && one.is_ignored(); });
    const auto healed =
        count(part, [](const RecordedDrift& one) { return one.ending == DriftEnding::healed; });
    std::string line = "  drift: " + std::to_string(open) + " open, " + std::to_string(healed) +
                       " put right since the last digest" +
                       (ignored == 0 ? "" : ", " + std::to_string(ignored) + " ignored") + "\n";
    for (const RecordedDrift& one : part.drifts) {
        if (!one.is_open()) continue;
        line += "    " + one.resource + " " + one.field + ": wanted " + one.desired + ", is " +
                one.actual + ", since " + to_text(one.seen) + "\n";
    }
    return line;
}

std::string backup_line(const reconcilers::BackupLine& backup) {
    std::string line = "  backup of " + backup.kind + ": ";
    line += backup.last ? matriarch::to_text(backup.age) + " old" : "none";
    if (!backup.is_fresh) line += ", which is too old";
    if (backup.last_verified) line += ", restored for practice " + to_text(*backup.last_verified);
    return line + "\n";
}

/// What goes on only once a person says so.
std::string held_lines(const DigestPart& part) {
    static const std::set<std::string> held{"SidekiqHeld", "Stalled", "IgnoreOver"};
    std::string lines = part.is_suspended ? "  held: suspended\n" : "";
    if (part.is_rolled_back) lines += "  held: rolled back, the newest commit is set aside\n";
    for (const auto& condition : part.status.conditions) {
        if (!condition.is_true || !held.contains(condition.type)) continue;
        lines += "  held: " + condition.message.substr(0, condition.message.find('\n')) + "\n";
    }
    return lines;
}

std::string text_of(const DigestPart& part) {
    const reconcilers::InstanceStatus& status = part.status;
    std::string text = status.name + ": " +
                       (status.ready ? "serves " + status.running_mastodon : "does not serve") +
                       ", wanted is " + status.wanted_mastodon + " at " +
                       short_digest(status.wanted_revision) + "\n" + drift_line(part);
    for (const auto& backup : status.backups) text += backup_line(backup);
    return text + held_lines(part);
}

std::map<std::string, WallTime> read_times(const std::string& text) {
    std::map<std::string, WallTime> times;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::int64_t milliseconds = 0;
        std::string schedule;
        if (words >> milliseconds && std::getline(words >> std::ws, schedule)) {
            times[schedule] = WallTime(std::chrono::milliseconds(milliseconds));
        }
    }
    return times;
}

}  // namespace

std::string digest_text(const std::vector<DigestPart>& parts) {
    std::string text = "Daily digest\n";
    if (parts.empty()) text += "no instance\n";
    for (const DigestPart& part : parts) text += text_of(part);
    text.pop_back();
    return text;
}

Result<std::string> daily_schedule(const std::string& text) {
    const auto space = text.find(' ');
    const std::string time = text.substr(0, space);
    const std::string zone = space == std::string::npos ? "UTC" : text.substr(space + 1);
    const auto is_digit = [&](std::size_t at) { return time[at] >= '0' && time[at] <= '9'; };
    const bool has_form = time.size() == 5 && time[2] == ':' && is_digit(0) && is_digit(1) &&
                          is_digit(3) && is_digit(4);
    const std::string schedule =
        has_form ? time.substr(3) + " " + time.substr(0, 2) + " * * * " + zone : "";
    if (!has_form || !specs::parse_cron(schedule) || !knows_zone(zone)) {
        return fail(ErrorKind::invalid, "'" + shown(text, shown_bytes) + "' is no time of the day",
                    "Write HH:MM, or HH:MM and a time zone: 08:00 Europe/Berlin.");
    }
    return schedule;
}

Result<std::vector<DueDigest>> DigestTimes::take_due(const std::set<std::string>& schedules,
                                                     WallTime now) {
    std::vector<DueDigest> due;
    if (schedules.empty()) return due;
    const auto kept = TRY(read_file(file_, 64 * 1024));
    const auto before = read_times(kept.value_or(""));
    std::string text;
    for (const std::string& schedule : schedules) {
        const auto known = before.find(schedule);
        WallTime last = known == before.end() ? now : known->second;
        if (const auto slot = last_slot(schedule, last, now)) {
            due.push_back({.schedule = schedule, .since = last});
            last = *slot;
        }
        text += std::to_string(last.time_since_epoch().count()) + " " + schedule + "\n";
    }
    if (text != kept.value_or("")) TRY(write_file(file_, text));
    return due;
}

}  // namespace matriarch::controller
