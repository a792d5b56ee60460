// Status: what a person (or a script) is told of an instance. Computed once a pass from what was
// wanted, what was observed and what will be done; never read back to decide anything.
#pragma once

#include <string>
#include <vector>

#include "reconcilers/drift.hpp"
#include "reconcilers/reconcilers.hpp"

namespace matriarch::reconcilers {

struct Condition {
    /// Ready, Reconciled, Stalled, Drifted, Suspended, SidekiqHeld, BackupFresh, BackupsWork,
    /// ArchiveStreams, UpkeepWorks, DiskFull, IgnoreOver.
    std::string type{};
    bool is_true{false};
    /// One CamelCase word, stable for scripts.
    std::string reason{};
    std::string message{};
};

/// Of the others it is good that they are false.
[[nodiscard]] bool is_good_when_true(const std::string& condition);

struct ContainerLine {
    std::string name{};
    std::string role{};
    std::string state{};
    bool ready{false};
    std::string image{};
    Bytes memory{};
};

/// The newest complete backup of a kind (database, media).
struct BackupLine {
    std::string kind{};
    std::optional<Time> last{};
    std::string snapshot{};
    Duration age{0};
    bool is_fresh{false};
    std::optional<Time> last_verified{};
    /// How long it took to have it back then.
    Duration recovery{0};
};

struct InstanceStatus {
    std::string name{};
    std::string wanted_revision{};
    std::string wanted_mastodon{};
    /// Tag of the image that web runs; empty: none runs.
    std::string running_mastodon{};
    /// Every wanted container runs and answers.
    bool ready{false};
    /// Nothing to do and nothing in the way.
    bool settled{false};
    std::vector<Condition> conditions{};
    std::vector<ContainerLine> containers{};
    std::vector<DriftItem> drift{};
    /// What it runs on.
    HostFacts host{};
    /// When the world was like this.
    Time seen{};
    /// What the next step waits for, in words; empty: nothing.
    std::string waits_for{};
    /// Of the database, and of media.
    std::vector<BackupLine> backups{};
    /// Those that the repository is known to have, whole.
    std::vector<Snapshot> snapshots{};
    /// Everything committed until then is in the archive too; nothing: there is none.
    std::optional<Time> archived{};
};

/// Whether anything differs by hand, and what first.
[[nodiscard]] Condition drifted(const std::vector<DriftItem>& drift);

[[nodiscard]] InstanceStatus status(const Wanted& wanted, const World& world, const Steps& steps);

}  // namespace matriarch::reconcilers
