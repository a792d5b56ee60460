// Digest: once a day, how all instances are: what differs, what was put right, how old backups are,
// what is held. For whoever asked for it in /etc/matriarch/notify.yaml; nobody else gets one.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/store/journal.hpp"
#include "reconcilers/status.hpp"

namespace matriarch::controller {

/// One instance, and what of its drift is open or ended since the last digest.
struct DigestPart {
    reconcilers::InstanceStatus status{};
    bool is_suspended{false};
    /// A person went back to the commit before.
    bool is_rolled_back{false};
    std::vector<RecordedDrift> drifts{};
};

/// A few lines an instance, in words for a person.
[[nodiscard]] std::string digest_text(const std::vector<DigestPart>& parts);

/// "08:00" or "08:00 Asia/Tokyo" as the schedule of every day at that time; without a zone in UTC.
/// Errors: invalid (another form, a zone that this host does not know).
[[nodiscard]] Result<std::string> daily_schedule(const std::string& text);

struct DueDigest {
    std::string schedule{};
    /// The one before it was of then.
    WallTime since{};
};

/// Which digests were told last, in a file: a restart tells none twice. Where the file is lost, the
/// next one is that of the next day.
class DigestTimes {
 public:
    explicit DigestTimes(std::filesystem::path file) : file_(std::move(file)) {}

    /// Those whose time has come; they count as told from now on, durably.
    /// Errors: unavailable (then none is due).
    [[nodiscard]] Result<std::vector<DueDigest>> take_due(const std::set<std::string>& schedules,
                                                          WallTime now);

 private:
    std::filesystem::path file_;
};

}  // namespace matriarch::controller
