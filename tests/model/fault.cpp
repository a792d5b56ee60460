// Names of faults, and schedules as text.
#include "tests/model/fault.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace matriarch::model {

namespace {

constexpr std::array<const char*, 25> names{
    "refused",        "conflict",     "answer_lost", "hang",          "late",
    "half",           "crash_before", "crash_after", "crash_half",    "crash_late",
    "stale",          "exits",        "oom",         "removed",       "stopped",
    "paused",         "started",      "squeezed",    "unplugged",     "renamed",
    "engine_restart", "engine_crash", "disk_full",   "registry_down", "volume_lost"};

std::vector<FaultKind> range(FaultKind first, FaultKind last) {
    std::vector<FaultKind> kinds;
    for (int kind = static_cast<int>(first); kind <= static_cast<int>(last); ++kind) {
        kinds.push_back(static_cast<FaultKind>(kind));
    }
    return kinds;
}

}  // namespace

const std::vector<FaultKind>& call_faults() {
    static const auto kinds = range(FaultKind::refused, FaultKind::stale);
    return kinds;
}

const std::vector<FaultKind>& container_acts() {
    static const auto kinds = range(FaultKind::exits, FaultKind::renamed);
    return kinds;
}

const std::vector<FaultKind>& host_acts() {
    static const auto kinds = range(FaultKind::engine_restart, FaultKind::registry_down);
    return kinds;
}

bool is_call_fault(FaultKind kind) {
    return kind <= FaultKind::stale;
}

bool is_crash(FaultKind kind) {
    return kind == FaultKind::crash_before || kind == FaultKind::crash_after ||
           kind == FaultKind::crash_half || kind == FaultKind::crash_late;
}

const char* to_text(FaultKind kind) {
    return names.at(static_cast<std::size_t>(kind));
}

std::string to_text(const Schedule& schedule) {
    std::string text;
    for (const Fault& fault : schedule) {
        text += (text.empty() ? "" : "; ") + std::string(fault.counts_writes ? "write " : "call ") +
                std::to_string(fault.at) + " " + to_text(fault.kind) + " " +
                std::to_string(fault.target);
    }
    return text;
}

Result<Schedule> parse_schedule(const std::string& text) {
    Schedule schedule;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ';');) {
        std::istringstream words(part);
        std::string counted;
        std::string kind;
        Fault fault;
        words >> counted >> fault.at >> kind >> fault.target;
        const auto* const found = std::find(names.begin(), names.end(), kind);
        if (!words || (counted != "write" && counted != "call") || found == names.end()) {
            return fail(ErrorKind::invalid, "not a fault: " + part);
        }
        fault.counts_writes = counted == "write";
        fault.kind = static_cast<FaultKind>(found - names.begin());
        schedule.push_back(fault);
    }
    return schedule;
}

}  // namespace matriarch::model
