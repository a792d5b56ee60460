// A trouble that is over before its grace is told to nobody.
#include "controller/loop/notices.hpp"

#include <algorithm>
#include <set>

namespace matriarch::controller {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds again_after = 1h;

/// A stopped upgrade takes minutes; what is put right is over in seconds.
std::chrono::milliseconds grace_of(const std::string& type) {
    return type == "Ready" ? std::chrono::milliseconds(5min) : std::chrono::milliseconds(1min);
}

/// The others are states on the way, or somebody's own wish.
bool is_told(const std::string& type) {
    static const std::set<std::string> told{"Ready",       "Stalled",     "Drifted",
                                            "BackupFresh", "BackupsWork", "ArchiveStreams",
                                            "UpkeepWorks", "DiskFull",    "IgnoreOver"};
    return told.contains(type);
}

/// What waits for nothing but a commit is told once.
bool is_told_again(const std::string& type) {
    return type != "IgnoreOver";
}

std::string said(const std::string& subject, const std::string& message) {
    return subject + (message.empty() ? "" : ": " + message);
}

}  // namespace

const char* to_text(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::trouble:
            return "trouble";
        case NoticeKind::still:
            return "still";
        case NoticeKind::cleared:
            return "cleared";
        case NoticeKind::digest:
            return "digest";
    }
    return "trouble";
}

std::string in_words(const Notice& notice) {
    const Trouble& trouble = notice.trouble;
    if (notice.kind == NoticeKind::digest) return trouble.message;
    const std::string who = trouble.instance.empty() ? "matriarch" : trouble.instance;
    std::string what = "is in trouble";
    if (trouble.type == "Ready") what = "does not serve";
    if (trouble.type == "Stalled") what = "cannot go on by itself";
    if (trouble.type == "Drifted") what = "differs from git";
    if (trouble.type == "BackupFresh") what = "has no backup that is young enough";
    if (trouble.type == "BackupsWork") what = "cannot make its backups";
    if (trouble.type == "DiskFull") what = "has no room on its disk";
    if (trouble.type == "ArchiveStreams") what = "does not archive what is written";
    if (trouble.type == "UpkeepWorks") what = "cannot keep its disk clean";
    if (trouble.type == "IgnoreOver") what = "has an `ignore` whose day is over";
    if (trouble.type == "Source") what = "has trouble with the fleet repository";
    if (notice.kind == NoticeKind::cleared) return who + ": it is over that it " + what;
    const std::string still = notice.kind == NoticeKind::still ? "still " : "";
    return said(who + " " + still + what + ", since " + to_text(notice.since), trouble.message);
}

std::vector<Trouble> troubles_of(const reconcilers::InstanceStatus& status) {
    std::vector<Trouble> troubles;
    for (const auto& condition : status.conditions) {
        const bool is_good = condition.is_true == reconcilers::is_good_when_true(condition.type);
        if (is_good || !is_told(condition.type)) continue;
        troubles.push_back({.instance = status.name,
                            .type = condition.type,
                            .message = condition.message,
                            .grace = grace_of(condition.type)});
    }
    return troubles;
}

std::vector<Trouble> troubles_of(const SourceReport& source) {
    if (!source.problems.empty()) {
        return {{.type = "Source",
                 .message = "commit " + source.seen.substr(0, 12) +
                            " is not in force: " + to_text(source.problems.front())}};
    }
    if (!source.unreachable) return {};
    return {{.type = "Source", .message = to_text(*source.unreachable), .grace = 5min}};
}

std::vector<Notice> Notices::look(const std::string& instance, const std::vector<Trouble>& troubles,
                                  WallTime now) {
    std::vector<Notice> due;
    for (const Trouble& trouble : troubles) {
        const auto [place, is_new] = known_.try_emplace({instance, trouble.type});
        Known& known = place->second;
        if (is_new) known.since = now;
        known.trouble = trouble;
        const bool was_told = known.told != WallTime{};
        const bool is_due = was_told
                                ? is_told_again(trouble.type) && now - known.told >= again_after
                                : now - known.since >= trouble.grace;
        if (!is_due) continue;
        known.told = now;
        due.push_back({.kind = was_told ? NoticeKind::still : NoticeKind::trouble,
                       .trouble = trouble,
                       .since = known.since,
                       .at = now});
    }
    std::erase_if(known_, [&](const auto& entry) {
        const auto& [key, known] = entry;
        const bool is_there =
            key.first != instance ||
            std::any_of(troubles.begin(), troubles.end(),
                        [&](const Trouble& trouble) { return trouble.type == key.second; });
        if (is_there) return false;
        if (known.told != WallTime{}) {
            due.push_back({NoticeKind::cleared, known.trouble, known.since, now});
        }
        return true;
    });
    return due;
}

}  // namespace matriarch::controller
