// Names of faults, and schedules as text.
#include "tests/model/fault.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "tests/model/places.hpp"

namespace matriarch::model {

namespace {

constexpr std::array<const char*, 26> names{
    "refused",      "conflict",    "answer_lost",    "hang",         "late",      "half",
    "crash_before", "crash_after", "crash_half",     "crash_late",   "stale",     "exits",
    "oom",          "removed",     "stopped",        "paused",       "started",   "squeezed",
    "unplugged",    "renamed",     "engine_restart", "engine_crash", "disk_full", "registry_down",
    "volume_lost",  "taken_over"};

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
        text += text.empty() ? "" : "; ";
        if (!fault.place.empty()) {
            text += (fault.place.starts_with("after ") ? "" : "at ") + fault.place + ": " +
                    to_text(fault.kind) + (fault.victim.empty() ? "" : " " + fault.victim);
            continue;
        }
        text += std::string(fault.counts_writes ? "write " : "call ") + std::to_string(fault.at) +
                " " + to_text(fault.kind) + " " + std::to_string(fault.target);
    }
    return text;
}

std::string short_name(const std::string& name, const std::string& instance) {
    constexpr std::size_t digest_length = 12;
    const bool is_ours = name.starts_with(instance + "-");
    std::string text = is_ours ? name.substr(instance.size() + 1) : name;
    const auto dash = text.rfind('-');
    const bool has_digest =
        dash != std::string::npos && text.size() - dash - 1 == digest_length &&
        text.find_first_not_of("0123456789abcdef", dash + 1) == std::string::npos;
    return has_digest ? text.substr(0, dash) : text;
}

Result<Schedule> parse_schedule(const std::string& text) {
    Schedule schedule;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ';');) {
        part.erase(0, part.find_first_not_of(' '));
        const bool is_after = part.starts_with("after ");
        const bool has_place = part.starts_with("at ") || is_after;
        const auto colon = part.rfind(": ");
        std::istringstream words(has_place && colon != std::string::npos ? part.substr(colon + 2)
                                                                         : part);
        std::string counted;
        std::string kind;
        Fault fault;
        if (has_place) {
            const std::size_t begin = is_after ? 0 : std::string_view("at ").size();
            fault.place = part.substr(begin, colon - begin);
            words >> kind;
        } else {
            words >> counted >> fault.at >> kind >> fault.target;
        }
        const auto* const found = std::find(names.begin(), names.end(), kind);
        const bool is_counted = counted == "write" || counted == "call";
        if (!words || has_place == is_counted || found == names.end()) {
            return fail(ErrorKind::invalid, "not a fault: " + part);
        }
        if (has_place) words >> fault.victim;
        fault.counts_writes = counted == "write";
        fault.kind = static_cast<FaultKind>(found - names.begin());
        schedule.push_back(fault);
    }
    return schedule;
}

}  // namespace matriarch::model
