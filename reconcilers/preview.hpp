// Preview: what a commit will do, before it does it. The same planner, run forward on a simulated
// world until nothing is left to do: a preview that disagrees with the work cannot be written here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reconcilers/drift.hpp"
#include "reconcilers/reconcilers.hpp"

namespace matriarch::reconcilers {

/// One predicted step, waiting left out.
struct PlannedStep {
    /// "1", "2", ...: its place in the plan.
    std::string id{};
    int pass{0};
    Step step{};
};

/// One migration that the wanted release brings and the database has not had.
struct PendingMigration {
    std::string version{};
    /// Empty where only the catalogue tells of it, which names post-deployment ones only.
    std::string name{};
    bool is_post_deployment{false};
};

struct Plan {
    /// Releases on the way, and why so; empty: the version stays.
    std::string path{};
    /// Regular ones first, each oldest first.
    std::vector<PendingMigration> migrations{};
    /// Read from the image; else from the release catalogue.
    bool are_from_image{false};
    std::vector<PlannedStep> steps{};
    /// What stands in the way, now or once the steps before it are done.
    std::vector<Blocked> blocked{};
    /// How what runs differs from what is wanted, now.
    std::vector<DriftItem> drift{};
    /// What serves now, and what will; the same where the release stays.
    std::optional<specs::Version> from{};
    specs::Version to{};
    /// Sums of the limits of what runs: now, at the most on the way, and at the end.
    Bytes memory_now{};
    Bytes memory_peak{};
    Bytes memory_then{};
    int creates{0};
    int updates{0};
    int removes{0};

    [[nodiscard]] bool has_changes() const { return !steps.empty(); }
};

/// The migrations that an image not yet on this host will bring, by its reference; from the
/// catalogue.
using Forecast = std::function<MigrationFiles(const specs::ImageRef&, const World&)>;

/// What the release catalogue says: everything applied, plus what the wanted release adds.
[[nodiscard]] Forecast catalogue_forecast(const Wanted& wanted);

/// Plans and simulates in turn until settled or blocked.
[[nodiscard]] Plan preview(const Wanted& wanted, World world, const Forecast& forecast);

/// The whole plan for a person: numbered steps with reasons, blocks with hints, one line of
/// summary.
[[nodiscard]] std::string to_text(const Plan& plan);

/// Changes a copy of the world as the Engine would, at once and without failing.
void simulate(World& world, const Action& action);

/// What only time changes: what was started is ready, what was asked to stop has stopped, jobs end.
void simulate_time(World& world, const Wanted& wanted, const Forecast& forecast);

}  // namespace matriarch::reconcilers
