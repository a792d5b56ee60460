// Journal: what was done, why, and how it ended. History for people; no decision reads it.
//
// A step is written twice: its intent before the Engine is called, durably, and its outcome after.
// A damaged or locked journal is moved aside with a warning and a new one begun, at the start and
// in the middle of work: history must never stop the work. Texts must have passed the Redactor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.hpp"
#include "controller/store/database.hpp"
#include "controller/store/step_log.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::controller {

struct RecordedStep {
    std::int64_t id{0};
    WallTime at{};
    StepIntent intent{};
    StepOutcome outcome{};
};

struct RecordedPass {
    std::int64_t id{0};
    std::string instance{};
    std::string revision{};
    WallTime began{};
    std::optional<WallTime> ended{};
    Outcome outcome{Outcome::running};
    std::string message{};
};

struct RecordedEvent {
    std::int64_t id{0};
    WallTime at{};
    /// Empty: about the controller itself.
    std::string instance{};
    std::string kind{};
    std::string message{};
    std::string revision{};
};

/// How many bytes were free on the Engine's disk.
struct DiskSample {
    WallTime at{};
    Bytes free{};
    friend bool operator==(const DiskSample&, const DiskSample&) = default;
};

enum class RevisionOutcome { seen, settled, invalid, blocked, failed };

struct RecordedRevision {
    std::string instance{};
    std::string revision{};
    std::string author{};
    std::string subject{};
    WallTime seen{};
    std::optional<WallTime> settled{};
    RevisionOutcome outcome{RevisionOutcome::seen};
    std::string message{};
};

struct RecordedCondition {
    std::string instance{};
    std::string type{};
    std::string status{};
    std::string reason{};
    std::string message{};
    WallTime since{};
};

/// How a difference came to its end.
enum class DriftEnding {
    open,
    /// A step of ours put it right.
    healed,
    /// A commit made it the wish.
    accepted,
    /// Somebody put it right by hand.
    gone,
};

struct RecordedDrift {
    std::int64_t id{0};
    std::string instance{};
    /// The commit in force when it was first seen.
    std::string revision{};
    std::string resource{};
    std::string field{};
    std::string desired{};
    std::string actual{};
    std::string risk{};
    std::string heal{};
    /// What the Engine said had happened; empty: nothing.
    std::string cause{};
    WallTime seen{};
    std::optional<WallTime> healed{};
    DriftEnding ending{DriftEnding::open};
    /// The file says to ignore it until that day, and why; empty: it does not.
    std::string until{};
    std::string reason{};

    [[nodiscard]] bool is_ignored() const { return !until.empty(); }
    /// It differs, and somebody should know.
    [[nodiscard]] bool is_open() const { return !healed && !is_ignored(); }
};

struct DriftQuery {
    /// Empty: every instance.
    std::string instance{};
    /// Also what came to its end at or after this time. Nothing: open ones only.
    std::optional<WallTime> ended_since{};
    int rows_max{1000};
};

/// What a pull request was said to do to one instance.
struct ReviewedPlan {
    int number{0};
    std::string head{};
    std::string instance{};
    /// Of the instance as that head wants it.
    std::string digest{};
    /// In lines that can be compared.
    std::string plan{};
    WallTime at{};
};

/// What of the history is asked for.
struct HistoryQuery {
    /// Empty: every instance.
    std::string instance{};
    int rows_max{100};
};

/// How many rows are kept of each kind.
struct Retention {
    std::int64_t steps_max{100'000};
    std::int64_t others_max{20'000};
};

class Journal final : public StepLog {
 public:
    /// Opens or makes the journal; closes what a crash left open as `unknown`. The clock must
    /// outlive it. Errors: unavailable (not even a new file can be made).
    [[nodiscard]] static Result<std::unique_ptr<Journal>> open(const std::filesystem::path& path,
                                                               const Clock& clock,
                                                               Retention retention = {});

    /// Opens one that exists, for another process to read while the controller writes. Changes
    /// nothing. Errors: unavailable, failed (damaged).
    [[nodiscard]] static Result<std::unique_ptr<Journal>> open_to_read(
        const std::filesystem::path& path, const Clock& clock);

    // Every method below can be called from any thread. Errors: unavailable, failed.

    [[nodiscard]] Result<std::int64_t> begin_pass(const std::string& instance,
                                                  const std::string& revision) override;
    [[nodiscard]] Result<void> end_pass(std::int64_t pass, Outcome outcome,
                                        const std::string& message) override;
    [[nodiscard]] Result<std::int64_t> intend(const StepIntent& intent) override;
    [[nodiscard]] Result<void> conclude(std::int64_t step, const StepOutcome& outcome) override;
    /// Newest first.
    [[nodiscard]] Result<std::vector<RecordedStep>> steps(const HistoryQuery& query);
    [[nodiscard]] Result<std::vector<RecordedPass>> passes(const HistoryQuery& query);

    /// Returns the event's id.
    [[nodiscard]] Result<std::int64_t> add_event(const RecordedEvent& event);
    /// Events with an id above `since`, oldest first.
    [[nodiscard]] Result<std::vector<RecordedEvent>> events_since(std::int64_t since,
                                                                  const HistoryQuery& query);
    /// The newest events, oldest of them first.
    [[nodiscard]] Result<std::vector<RecordedEvent>> newest_events(const HistoryQuery& query);

    /// Writes a commit down the first time it is seen; later calls change nothing.
    [[nodiscard]] Result<void> see_revision(const RecordedRevision& revision);
    /// What became of a commit. `settled` also writes the time.
    [[nodiscard]] Result<void> judge_revision(const std::string& instance,
                                              const std::string& revision, RevisionOutcome outcome,
                                              const std::string& message);
    /// The commit that was reached last, also when a later one failed.
    [[nodiscard]] Result<std::optional<RecordedRevision>> last_settled(const std::string& instance);
    /// Newest first.
    [[nodiscard]] Result<std::vector<RecordedRevision>> revisions(const HistoryQuery& query);

    /// Writes a condition where it differs from what was there; says whether it did. `since` is set
    /// here.
    [[nodiscard]] Result<bool> set_condition(const RecordedCondition& condition);
    /// How things are now, by type.
    [[nodiscard]] Result<std::vector<RecordedCondition>> conditions(const std::string& instance);
    /// Every change, newest first.
    [[nodiscard]] Result<std::vector<RecordedCondition>> condition_history(
        const HistoryQuery& query);

    /// `id` and what tells of the end are set here.
    [[nodiscard]] Result<void> open_drift(const RecordedDrift& drift);
    /// The same difference, now with other values.
    [[nodiscard]] Result<void> change_drift(std::int64_t id, const RecordedDrift& drift);
    /// It is over. Whose doing that was follows from the steps, and from the commit now in force.
    [[nodiscard]] Result<DriftEnding> end_drift(const RecordedDrift& drift,
                                                const std::string& revision);
    /// The last of our steps before that moment stopped, removed or made a container, and none of
    /// them left one running under its other name.
    [[nodiscard]] Result<bool> is_away_by_us(const std::string& instance,
                                             const std::string& resource, WallTime before);
    /// The last of our updates before that moment, or one since, took its restart policy, for as
    /// long as it is stopped for something.
    [[nodiscard]] Result<bool> is_kept_down_by_us(const std::string& instance,
                                                  const std::string& resource, WallTime seen);
    /// Oldest first. A journal that an older version wrote has none.
    [[nodiscard]] Result<std::vector<RecordedDrift>> drifts(const DriftQuery& query);

    /// A fact that never changes, kept by a key that names its content.
    [[nodiscard]] Result<void> keep_fact(const std::string& key, const std::string& value);
    [[nodiscard]] Result<std::optional<std::string>> fact(const std::string& key);

    /// Images that we pulled; each reference is of the newest that we pulled by it.
    [[nodiscard]] Result<void> keep_image(const reconcilers::PulledImage& image);
    [[nodiscard]] Result<void> forget_image(const reconcilers::PulledImage& image);
    /// Oldest first.
    [[nodiscard]] Result<std::vector<reconcilers::PulledImage>> images();

    /// Adds one, and forgets those from before `oldest`.
    [[nodiscard]] Result<void> add_disk_sample(const DiskSample& sample, WallTime oldest);
    [[nodiscard]] Result<std::vector<DiskSample>> disk_samples();

    /// What was said of a pull request last, in the place of what was said of it before. Of other
    /// pull requests the newest 500 are kept; `at` is set here.
    [[nodiscard]] Result<void> keep_reviewed(int number, const std::vector<ReviewedPlan>& plans);
    /// Of every pull request that wants the instance so, newest first.
    [[nodiscard]] Result<std::vector<ReviewedPlan>> reviewed(const std::string& instance,
                                                             const std::string& digest);

    /// Forgets what is beyond the retention and gives some space back. Called now and then by
    /// intend(); cheap where there is nothing to forget.
    [[nodiscard]] Result<void> trim();

 private:
    Journal(std::filesystem::path path, const Clock& clock, Retention retention, Database database);

    [[nodiscard]] Result<void> note_ignored(std::int64_t id, const RecordedDrift& drift);
    [[nodiscard]] std::int64_t now_ms() const;
    [[nodiscard]] Result<std::int64_t> write(const char* sql, const Row& values,
                                             Durability durability = Durability::soon);
    [[nodiscard]] Result<std::vector<Row>> read(const char* sql, const Row& values);
    [[nodiscard]] Result<void> begin_anew(const Error& why);

    std::filesystem::path path_;
    const Clock& clock_;
    Retention retention_;
    // Held by every call: a damaged database is replaced under the feet of nobody.
    std::mutex mutex_{};
    Database database_;
};

[[nodiscard]] const char* to_text(Outcome outcome);
[[nodiscard]] const char* to_text(RevisionOutcome outcome);
[[nodiscard]] const char* to_text(DriftEnding ending);

}  // namespace matriarch::controller
