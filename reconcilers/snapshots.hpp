// Snapshots: what is known of an instance's backup repository, and what is asked of it. Known from
// the list with which each of our restic jobs ends; never from what we meant to do.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "specs/values/result.hpp"

namespace matriarch::reconcilers {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

inline constexpr const char* database_kind = "database";
inline constexpr const char* media_kind = "media";

struct Snapshot {
    /// As restic names it; another one after each change of its tags.
    std::string id{};
    /// What its id was when it was made; empty: the same.
    std::string original{};
    /// database or media.
    std::string kind{};
    /// The time of its schedule that it was made for, and the moment whose data it holds.
    Time slot{};
    Time taken{};
    /// PostgreSQL's system identifier, of a database.
    std::string system{};
    /// Marked after it was read back whole. Without the mark it is none.
    bool is_complete{false};
    /// Restored for practice, and everything was there: for which time of the drills' schedule, and
    /// how long it took to have it back.
    bool is_verified{false};
    Time drilled{};
    std::chrono::seconds recovery{0};
    friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

struct ObservedRepository {
    /// A list of it was had at some time.
    bool is_known{false};
    std::string id{};
    Time listed_at{};
    std::vector<Snapshot> snapshots{};
};

/// What the set of a database's snapshot says of itself, once it was fetched whole.
struct FetchedSet {
    Time slot{};
    std::string domain{};
    /// References of the images that its web containers ran.
    std::vector<std::string> web_images{};
    /// Major version of PostgreSQL.
    int postgres{0};
    /// Bytes of the dump.
    std::int64_t size{0};
    friend bool operator==(const FetchedSet&, const FetchedSet&) = default;
};

/// The newest time of each schedule that has come since the instance was deployed.
struct Due {
    /// Schedules are kept at all: by `matriarch run`, not by a single `apply`.
    bool is_kept{false};
    std::optional<Time> database{};
    std::optional<Time> media{};
    std::optional<Time> drill{};
    /// Base backups of the archive: the database's schedule, without what a person asks for.
    std::optional<Time> base{};
    /// Of the cleaning of what Mastodon keeps of other servers.
    std::optional<Time> cache{};
};

/// "2026-11-22T06:00:00Z", as in tags and labels, and back.
[[nodiscard]] std::string slot_text(Time slot);
[[nodiscard]] Result<Time> parse_slot(std::string_view text);

/// The newest complete one of a kind that is not from the future; nothing: there is none.
[[nodiscard]] const Snapshot* newest_complete(const ObservedRepository& repository,
                                              const std::string& kind, Time now);

/// The complete snapshot of the database that a person means: "latest", or the beginning of an id,
/// also of the one it had before its marks changed. Nothing: there is none, or more than one.
[[nodiscard]] const Snapshot* find_set(const ObservedRepository& repository,
                                       const std::string& which, Time now);

/// The complete snapshot of the database that was made for that time; nothing: there is none.
[[nodiscard]] const Snapshot* set_of(const ObservedRepository& repository, Time slot);

/// The media that go with a database: the oldest complete ones that have every file it knows of,
/// else the newest before it. Nothing: there are none.
[[nodiscard]] const Snapshot* media_for(const ObservedRepository& repository, Time taken);

/// What there is to restore from, for messages: "1a2b3c4d of 2026-11-22T06:00:00Z, ...".
[[nodiscard]] std::string sets_in_words(const ObservedRepository& repository);

/// Whether a drill was held for that time of its schedule, or a later one that has come.
[[nodiscard]] bool has_drill(const ObservedRepository& repository, Time slot, Time now);

/// Whether a time of a schedule, or a later one that has come, is among those that were served.
[[nodiscard]] bool has_time(const std::set<Time>& served, Time slot, Time now);

/// Whether a time of a schedule has its complete snapshot, or a later one that has come.
[[nodiscard]] bool has_slot(const ObservedRepository& repository, const std::string& kind,
                            Time slot, Time now);

}  // namespace matriarch::reconcilers
