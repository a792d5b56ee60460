// From a field to the events that change it; the newest of them counts.
#include "controller/loop/incidents.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace matriarch::controller {
namespace {

/// As many as the Engine itself remembers.
constexpr std::size_t kept_max = 256;

/// What happened longer ago was seen by looks in between.
constexpr std::chrono::minutes believed_for{10};

std::string attribute(const Event& event, const std::string& name) {
    const auto found = event.attributes.find(name);
    return found == event.attributes.end() ? std::string() : found->second;
}

WallTime time_of(const Event& event) {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(event.time_ns)));
}

/// The events that can bring a difference in this field about, the most telling first: `die` comes
/// after every `kill`, and says less.
std::vector<std::string> actions_of(const std::string& field) {
    if (field == "memory" || field == "memory and swap" || field == "cpus" || field == "pids" ||
        field == "restart policy") {
        return {"update"};
    }
    if (field == "cpu weight" || field.starts_with("host configuration "))
        return {"update", "create"};
    if (field.starts_with("network ")) return {"disconnect", "connect"};
    if (field.starts_with("container ")) return {"connect"};
    if (field == "state") return {"pause", "oom", "kill", "die"};
    if (field == "existence") return {"destroy", "rename"};
    if (field == "name") return {"rename"};
    return {"create"};
}

bool is_about(const Event& event, const reconcilers::DriftItem& item) {
    const auto space = item.resource.find(' ');
    const std::string kind = item.resource.substr(0, space);
    const std::string name = item.resource.substr(space + 1);
    const std::string& field = item.difference.field;
    if (event.type == "network" && field.starts_with("network ")) {
        return attribute(event, "name") == field.substr(8) &&
               attribute(event, "container") == item.id;
    }
    if (event.type != kind) return false;
    if (kind == "volume") return event.id == name;
    return attribute(event, "name") == name || attribute(event, "oldName") == "/" + name;
}

std::string in_words(const Event& event) {
    std::string text = "Engine event " + event.type + " " + event.action;
    for (const char* name : {"signal", "exitCode", "oldName", "image"}) {
        const std::string value = attribute(event, name);
        const bool is_noise = std::string_view(name) == "image" && event.action != "create";
        if (!value.empty() && !is_noise) text += std::string(" ") + name + "=" + value;
    }
    return text + " at " + to_text(time_of(event));
}

/// Where nobody killed it, its end is its own.
std::string meaning(const std::string& action) {
    if (action == "kill") return "stopped or killed through the Engine's API: ";
    if (action == "die") return "ended by itself: ";
    if (action == "oom") return "ran out of memory: ";
    return "changed through the Engine's API: ";
}

}  // namespace

void Incidents::note(const Event& event) {
    // Health checks would push everything else out.
    if (event.action.starts_with("health_status")) return;
    const std::lock_guard guard(mutex_);
    newest_.push_back(event);
    if (newest_.size() > kept_max) newest_.pop_front();
}

std::string Incidents::cause_of(const reconcilers::DriftItem& item, WallTime now) const {
    const std::lock_guard guard(mutex_);
    for (const std::string& action : actions_of(item.difference.field)) {
        const auto found = std::find_if(newest_.rbegin(), newest_.rend(), [&](const Event& event) {
            return event.action == action && is_about(event, item);
        });
        if (found == newest_.rend() || now - time_of(*found) > believed_for) continue;
        return meaning(action) + in_words(*found);
    }
    return "";
}

}  // namespace matriarch::controller
