// What is known of the host that instances run on, and of what else is there.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reconcilers/snapshots.hpp"
#include "specs/instance.hpp"

namespace matriarch::reconcilers {

struct HostFacts {
    std::string engine_id{};
    std::string engine_version{};
    Bytes memory{};
    int cpus{0};
    /// Free bytes where the Engine keeps its data; unset where that cannot be seen (remote Engine).
    std::optional<Bytes> disk_free{};
    /// What it fills by in a day, at the growth of the last week; unset: not known yet.
    std::optional<Bytes> disk_growth{};
};

/// How long until the disk is full, if it goes on like this; nothing: not known, or never.
[[nodiscard]] std::optional<Duration> until_full(const HostFacts& host);

/// An image as we pulled it.
struct PulledImage {
    std::string reference{};
    std::string id{};
    Time pulled_at{};
    friend bool operator==(const PulledImage&, const PulledImage&) = default;
};

/// What is around an instance, on the same host.
struct Surroundings {
    /// It is known which images (references) the other instances of the fleet need: these.
    bool are_known{false};
    std::set<std::string> images{};
    /// The instance as it was settled before: where a rollback leads to.
    std::vector<specs::Instance> ways_back{};
    /// The disk was full: the file that keeps room for that was given up.
    bool has_no_ballast{false};
};

}  // namespace matriarch::reconcilers
