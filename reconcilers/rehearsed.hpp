// Rehearsed: what came of an upgrade that was tried on a restored copy of the newest backup. Known
// from what its jobs printed; kept as text, one fact a line.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/snapshots.hpp"
#include "specs/values/units.hpp"
#include "specs/version.hpp"

namespace matriarch::reconcilers {

/// What a person asked for, or a pull request: that the way to this release is tried.
struct RehearsalWish {
    specs::Version version{};
    Time asked{};
    friend bool operator==(const RehearsalWish&, const RehearsalWish&) = default;
};

/// "regular" (what serves goes on beside it) or "post-deployment"; "all" where the release before
/// is too old for two.
struct RehearsedPhase {
    std::string name{};
    std::chrono::milliseconds took{0};
    int exit_code{0};
};

struct RehearsedMigration {
    std::string version{};
    std::string name{};
    std::chrono::milliseconds took{0};
};

/// One that keeps others from writing or reading, by the transaction that had it.
struct HeldLock {
    std::string table{};
    /// As PostgreSQL names it: "AccessExclusiveLock".
    std::string mode{};
    /// At most: since that transaction began. Looked at each tenth of a second.
    std::chrono::milliseconds held{0};
};

struct Rehearsal {
    specs::Version version{};
    std::string image_id{};
    /// Of the backup, and when somebody asked for it (1970: the instance file does).
    Time slot{};
    Time asked{};
    Time ended{};
    std::vector<RehearsedPhase> phases{};
    std::vector<RehearsedMigration> migrations{};
    /// The longest first.
    std::vector<HeldLock> locks{};
    /// Database and log before it, and at the most.
    Bytes disk_before{};
    Bytes disk_peak{};
    /// Of the job at the most.
    Bytes memory_peak{};
    /// Packets and names that it tried to send out; there is no way out.
    int calls_out{0};
    /// Last lines of what it printed; of one that failed only.
    std::string last_words{};

    [[nodiscard]] bool has_passed() const;
    /// All phases together.
    [[nodiscard]] std::chrono::milliseconds took() const;
};

/// Reads what the two jobs printed, behind the lines that say what they were for.
/// Nothing: it is no rehearsal.
[[nodiscard]] std::optional<Rehearsal> parse_rehearsal(std::string_view text);

/// What of a job's output is worth keeping.
[[nodiscard]] std::string rehearsal_lines(const std::string& output);

/// "version v4.6.0\nimage sha256:...\nslot ...\nasked ...\nended ...\n": what parse_rehearsal wants
/// at its beginning.
[[nodiscard]] std::string rehearsal_head(const Rehearsal& about);

}  // namespace matriarch::reconcilers
