// Vault: the backup repository of a simulated host, and what lies in the volume of backups on its
// way there and back.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reconcilers/world.hpp"

namespace matriarch::model {

/// What a dump holds: of which database, of which time of the schedule, begun when.
struct Staged {
    std::string slot{};
    std::string system{};
    std::set<std::string> applied{};
    reconcilers::Time begun{};
};

struct Stored {
    Staged dump{};
    std::string kind{};
    std::string drill{};
};

struct Vault {
    bool is_made{false};
    std::vector<Stored> snapshots{};
    std::optional<Staged> staged{};
    std::optional<std::size_t> fetched{};
    bool is_counted{false};
    /// The set that a restore has fetched; and what every set has of secrets.
    std::optional<std::size_t> to_restore{};
    /// The set that was fetched for a rehearsal.
    std::optional<std::size_t> to_rehearse{};
    /// What was recovered from the archive in its place.
    std::optional<Staged> recovered{};
    std::string secrets{};

    /// What a job of that role does to it, at its end. Returns its exit code.
    int work(const std::string& role, const std::string& slot, reconcilers::Time now);
    /// The list that such a job ends with.
    [[nodiscard]] std::string list() const;
    /// What the job that fetched a set says of it.
    [[nodiscard]] std::string description() const;
};

}  // namespace matriarch::model
