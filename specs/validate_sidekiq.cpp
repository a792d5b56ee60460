// Sidekiq's queues. A queue that no container serves fills up in silence, and two schedulers do
// everything twice (docs: scaling.md; facts/mastodon-container-contract.md, section 11).
#include <algorithm>
#include <string>
#include <vector>

#include "specs/catalogue.hpp"
#include "specs/text_rules.hpp"
#include "specs/validate.hpp"

namespace matriarch::specs {
namespace {

bool has(const std::vector<std::string>& queues, const std::string& queue) {
    return std::find(queues.begin(), queues.end(), queue) != queues.end();
}

std::string path_of(const SidekiqGroup& group, const char* field) {
    return "sidekiq." + group.name + "." + field;
}

void check_known(const SidekiqGroup& group, const Version& version, Findings& findings) {
    const std::vector<std::string> known = catalogue::queues(version);
    const std::string path = path_of(group, "queues");
    if (group.queues.empty()) {
        findings.add(findings.place_of(path), "cannot use " + path + ": the list is empty");
    }
    for (const std::string& queue : group.queues) {
        if (has(known, queue)) continue;
        const std::string near = nearest(queue, known);
        findings.add(findings.place_of(path + "." + queue),
                     "cannot use " + path + ": Mastodon " + to_text(version) + " has no queue '" +
                         queue + "'",
                     near.empty() ? "" : "Did you mean '" + near + "'?");
    }
}

void check_scheduler(const Instance& instance, Findings& findings) {
    const SidekiqGroup* first = nullptr;
    for (const SidekiqGroup& group : instance.sidekiq) {
        if (!has(group.queues, "scheduler")) continue;
        if (first != nullptr) {
            findings.add(findings.place_of(path_of(group, "queues")),
                         "cannot use " + path_of(group, "queues") + ": sidekiq." + first->name +
                             " holds the queue 'scheduler' too",
                         "Leave 'scheduler' in exactly one group.");
        } else if (group.replicas != 1) {
            findings.add(findings.place_of(path_of(group, "replicas")),
                         "cannot use " + path_of(group, "replicas") +
                             ": the group with the queue 'scheduler' has one replica, not " +
                             std::to_string(group.replicas),
                         "Move the other queues to a second group and give that one replicas.");
        }
        first = &group;
    }
}

}  // namespace

void validate_sidekiq(const Instance& instance, Findings& findings) {
    for (const SidekiqGroup& group : instance.sidekiq) {
        check_known(group, instance.mastodon, findings);
    }
    std::string unserved;
    for (const std::string& queue : catalogue::queues(instance.mastodon)) {
        const bool is_served =
            std::any_of(instance.sidekiq.begin(), instance.sidekiq.end(),
                        [&](const SidekiqGroup& group) { return has(group.queues, queue); });
        if (!is_served) unserved += (unserved.empty() ? "" : ", ") + queue;
    }
    if (!unserved.empty()) {
        findings.add(findings.place_of("sidekiq"),
                     "cannot use sidekiq: no group serves the queues " + unserved,
                     "Add them to the queues of a group.");
    }
    check_scheduler(instance, findings);
}

}  // namespace matriarch::specs
