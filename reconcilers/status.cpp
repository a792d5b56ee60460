// The one place where conditions are made.
#include "reconcilers/status.hpp"

#include <algorithm>
#include <set>

#include "reconcilers/archive.hpp"
#include "reconcilers/restore.hpp"
#include "reconcilers/slot.hpp"

namespace matriarch::reconcilers {
namespace {

std::string release_of(const ObservedContainer& container) {
    const auto image = specs::parse_image(container.image_reference);
    if (!image) return container.image_reference;
    return image->tag.empty() ? image->digest : image->tag;
}

std::string list_of(const std::vector<std::string>& fields) {
    std::string text;
    for (const std::string& field : fields) text += (text.empty() ? "" : ", ") + field;
    return text;
}

std::string list_unready(const std::vector<ContainerLine>& containers) {
    std::string text;
    for (const ContainerLine& line : containers) {
        if (line.ready) continue;
        text += (text.empty() ? "" : ", ") + line.name + " is " + line.state;
    }
    return text;
}

ContainerLine line_of(const ContainerSpec& spec, const ObservedContainer* observed) {
    ContainerLine line{.name = spec.name, .role = spec.role, .state = "absent"};
    if (observed == nullptr) return line;
    line.name = observed->name;
    line.state = to_text(observed->state);
    line.ready = observed->is_ready();
    if (observed->is_running() && !line.ready) {
        line.state = observed->health == Health::unhealthy ? "unhealthy" : "starting";
    }
    line.image = release_of(*observed);
    line.memory = observed->spec.limits.memory;
    return line;
}

Condition ready(const InstanceStatus& status) {
    if (status.ready) return {"Ready", true, "Serving", "every container runs and answers"};
    return {"Ready", false, "NotServing", list_unready(status.containers)};
}

Condition reconciled(const Steps& steps) {
    if (steps.is_settled()) return {"Reconciled", true, "AsWanted", "nothing to do"};
    for (const Step& step : steps.steps) {
        return {"Reconciled", false, "Progressing", in_words(step.action) + ": " + step.reason};
    }
    return {"Reconciled", false, "Blocked", "see Stalled"};
}

Condition stalled(const Steps& steps) {
    if (steps.blocked.empty()) return {"Stalled", false, "NotBlocked", ""};
    const Blocked& first = steps.blocked.front();
    return {"Stalled", true, first.code,
            first.message + (first.hint.empty() ? "" : "\n  HINT: " + first.hint)};
}

/// Of the file's `ignore`, the first entry that has no effect any more.
Condition ignore_over(const Wanted& wanted, const World& world) {
    for (const specs::Ignore& ignore : wanted.instance.ignore) {
        if (!world.days_over.contains(ignore.until)) continue;
        return {"IgnoreOver", true, "DayIsOver",
                ignore.resource + " " + list_of(ignore.fields) + " was ignored until " +
                    ignore.until + " (" + ignore.reason + ") and no longer is\n  HINT: Take the " +
                    "entry out of `ignore`, or give it another day."};
    }
    return {"IgnoreOver", false, "NoneIsOver", ""};
}

}  // namespace

bool is_good_when_true(const std::string& condition) {
    static const std::set<std::string> good{"Ready",       "Reconciled",  "SourceAccepted",
                                            "BackupFresh", "BackupsWork", "ArchiveStreams",
                                            "UpkeepWorks"};
    return good.contains(condition);
}

Condition drifted(const std::vector<DriftItem>& drift) {
    const std::size_t open = open_count(drift);
    if (open == 0) return {"Drifted", false, "AsCommitted", ""};
    const DriftItem& first = *std::find_if(drift.begin(), drift.end(),
                                           [](const DriftItem& item) { return !item.ignored; });
    const std::string more = open == 1 ? "" : " and " + std::to_string(open - 1) + " more";
    return {"Drifted", true, "ByHand",
            first.resource + " " + first.difference.field + ": wanted " + first.difference.desired +
                ", is " + first.difference.actual + more + "; see matriarch drift"};
}

InstanceStatus status(const Wanted& wanted, const World& world, const Steps& steps) {
    InstanceStatus status{.name = wanted.instance.name,
                          .wanted_revision = wanted.revision,
                          .wanted_mastodon = to_text(wanted.instance.mastodon),
                          .settled = steps.is_settled(),
                          .drift = drift(wanted, world),
                          .host = world.host,
                          .seen = world.now};
    for (const ContainerSpec& spec : wanted_containers(wanted)) {
        ContainerLine line = line_of(spec, serving_one(spec, world));
        const bool runs = line.ready || line.state == "starting" || line.state == "unhealthy";
        if (spec.role == "web" && runs) status.running_mastodon = line.image;
        status.containers.push_back(std::move(line));
    }
    status.ready = std::all_of(
        status.containers.begin(), status.containers.end(), [&](const ContainerLine& line) {
            // An archive that does not stream keeps nobody from being served.
            const bool runs = line.state == "starting" || line.state == "unhealthy";
            return line.ready || (line.role == archive_role && runs) ||
                   (is_held(world) && line.role == "sidekiq");
        });
    for (const Step& step : steps.steps) {
        if (is_wait(step.action)) {
            status.waits_for = resource(step.action) + ": " + step.reason;
            break;
        }
    }
    status.conditions = {ready(status), reconciled(steps), stalled(steps), drifted(status.drift),
                         ignore_over(wanted, world)};
    add_archive(wanted, world, status);
    // The last word on a condition is what people are shown: it must also say that it is over.
    if (!is_held(world)) {
        status.conditions.push_back({"SidekiqHeld", false, "NotHeld", ""});
    } else {
        status.conditions.push_back({"SidekiqHeld", true, "Restored",
                                     why_held(world) + "\n  HINT: Look at it, then: " +
                                         "matriarch resume " + wanted.instance.name});
    }
    return status;
}

}  // namespace matriarch::reconcilers
