// Pages: what the server can say, handed in as functions that read snapshots.
//
// They are called on the server's thread. Each must be quick, must not wait for the loop, and must
// give text that has passed the Redactor. The server has no way to the Engine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/base/clock.hpp"
#include "specs/values/units.hpp"

namespace matriarch::controller {

struct Readiness {
    bool is_ready{false};
    /// In words, where it is not: "no pass has finished for 12 minutes".
    std::string why{};
};

struct OverviewCondition {
    std::string type{};
    std::string status{};
    std::string reason{};
    std::string message{};
    WallTime since{};
};

struct OverviewContainer {
    std::string name{};
    std::string state{};
    std::string image{};
    std::string memory{};
    bool is_ready{false};
};

/// One field that differs from git, or did.
struct OverviewDrift {
    std::string what{};
    std::string desired{};
    std::string actual{};
    std::string cause{};
    std::string risk{};
    WallTime since{};
    /// "open", "healed", "accepted" or "gone".
    std::string ending{};
    bool is_open{false};
};

struct OverviewCommit {
    std::string revision{};
    std::string subject{};
    std::string author{};
    /// "settled", "blocked", ...
    std::string outcome{};
    std::string message{};
    WallTime seen{};
};

/// The beginning of time: never.
struct OverviewBackup {
    /// "database" or "media"
    std::string kind{};
    WallTime last{};
    bool is_fresh{false};
    /// When it was restored for practice.
    WallTime verified{};
};

/// A backup that the repository has.
struct OverviewSnapshot {
    std::string kind{};
    WallTime taken{};
    /// Restored for practice, and whole.
    bool is_verified{false};
};

struct OverviewSample {
    WallTime at{};
    Bytes free{};
};

struct OverviewInstance {
    std::string name{};
    std::string wanted_revision{};
    std::string wanted_version{};
    std::string running_revision{};
    std::string running_version{};
    bool is_ready{false};
    /// What it waits for, in words; empty: nothing.
    std::string waits_for{};
    std::vector<OverviewCondition> conditions{};
    std::vector<OverviewContainer> containers{};
    /// Open ones first.
    std::vector<OverviewDrift> drift{};
    int open_drift{0};
    std::vector<OverviewBackup> backups{};
    std::vector<OverviewSnapshot> snapshots{};
    /// Sum over its containers.
    Bytes memory_limit{};
    /// Newest first.
    std::vector<OverviewCommit> commits{};
};

struct OverviewEvent {
    WallTime at{};
    std::string instance{};
    std::string kind{};
    std::string message{};
};

/// What the page at `/`, and the one of each instance, shows.
struct Overview {
    WallTime at{};
    std::vector<OverviewInstance> instances{};
    /// Newest first.
    std::vector<OverviewEvent> events{};
    /// 0: not known.
    Bytes host_memory{};
    Bytes disk_free{};
    /// Oldest first.
    std::vector<OverviewSample> disk{};
};

/// A function that is not set is a page that does not exist (404).
struct Pages {
    /// A pass finished recently and the Engine answered.
    std::function<Readiness()> readiness{};
    /// What `matriarch status -o json` prints.
    std::function<std::string()> status_json{};
    /// The same for one instance; nothing: there is none of that name.
    std::function<std::optional<std::string>(const std::string& name)> instance_status_json{};
    /// Events with an id above `since`.
    std::function<std::string(std::int64_t since)> events_json{};
    /// What `matriarch drift -o json` prints.
    std::function<std::string()> drift_json{};
    /// What `matriarch plan -o json` prints.
    std::function<std::string()> plan_json{};
    /// Metrics::text().
    std::function<std::string()> metrics_text{};
    std::function<Overview()> overview{};
    /// Another number whenever the pages have something new to show; for `/live`.
    std::function<std::uint64_t()> version{};
    /// With this one instance, and its events; nothing: there is none of that name.
    std::function<std::optional<Overview>(const std::string& name)> instance{};
};

}  // namespace matriarch::controller
