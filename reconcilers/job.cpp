// One-off containers: they run once to their end, and their exit code is kept while it is needed.
//
// A job that was half made is never started, and one that failed is tried again only if what it is
// made from has changed.
#include <algorithm>

#include "reconcilers/converge.hpp"
#include "reconcilers/labels.hpp"

namespace matriarch::reconcilers {
namespace {

/// The digest in its labels knows of no secret's value.
bool has_its_secrets(const ContainerSpec& job, const ObservedContainer& observed) {
    return std::all_of(job.environment.begin(), job.environment.end(), [&](const auto& entry) {
        if (!entry.second.is_secret) return true;
        const auto made = observed.spec.environment.find(entry.first);
        return made != observed.spec.environment.end() &&
               made->second.value.reveal() == entry.second.value.reveal();
    });
}

/// Whether a job was made with the limits, settings and secrets that it would get now.
bool is_made_from(const ContainerSpec& job, const ObservedContainer& observed) {
    const auto made = observed.spec.labels.find(label::spec);
    return made != observed.spec.labels.end() && made->second == job.labels.at(label::spec) &&
           has_its_secrets(job, observed);
}

/// Its networks are connected one by one: a crash in between leaves a container without some.
bool is_whole(const ContainerSpec& job, const ObservedContainer& observed) {
    return is_made_from(job, observed) &&
           std::all_of(job.networks.begin(), job.networks.end(), [&](const auto& network) {
               return observed.spec.networks.contains(network.first);
           });
}

}  // namespace

ContainerSpec job_container(const Wanted& wanted, const std::string& name, const std::string& role,
                            const specs::ImageRef& image, const std::string& subject) {
    ContainerSpec spec = base_container(wanted, name, role, image);
    spec.restart = "no";
    spec.labels[label::subject] = subject;
    spec.limits = {.memory = wanted.instance.web.limits.memory, .pids = 512};
    return spec;
}

void give_way(ContainerSpec& job) {
    job.cpu_weight = 128;
}

JobState job_state(const ContainerSpec& job, const World& world) {
    const ObservedContainer* observed = world.container(job.name);
    if (observed == nullptr) return JobState::absent;
    const auto subject = observed->spec.labels.find(label::subject);
    if (subject == observed->spec.labels.end() ||
        subject->second != job.labels.at(label::subject)) {
        return JobState::absent;
    }
    if (!observed->has_exited()) return JobState::unfinished;
    if (observed->exit_code == 0) return JobState::succeeded;
    // Another limit or setting may be the cure: what failed with the old ones is tried again.
    return is_made_from(job, *observed) ? JobState::failed : JobState::absent;
}

bool make_job(const ContainerSpec& job, const World& world, Steps& steps,
              const std::string& reason) {
    const ObservedContainer* observed = world.container(job.name);
    if (observed == nullptr) {
        if (const auto missing = missing_ground(job, world)) {
            steps.add(Wait{"job " + job.name, look_again}, "waits for " + *missing);
        } else {
            create(job, world, steps, reason);
        }
        return false;
    }
    if (job_state(job, world) == JobState::absent) {
        discard(*observed, world, steps, "made for something else");
        return false;
    }
    if (observed->state == RunState::created && !is_whole(job, *observed)) {
        discard(*observed, world, steps, "half made, or made for an older file");
        return false;
    }
    return true;
}

void run_job(const ContainerSpec& job, const World& world, Steps& steps, const std::string& reason,
             Reversible reversible) {
    const JobState state = job_state(job, world);
    if (state == JobState::succeeded || state == JobState::failed) return;
    if (!make_job(job, world, steps, reason)) return;
    const ObservedContainer& observed = *world.container(job.name);
    if (observed.state == RunState::paused) {
        steps.add(UnpauseContainer{observed.id, observed.name}, "paused");
    } else if (observed.state == RunState::created) {
        steps.add(StartContainer{observed.id, observed.name}, reason, Downtime::none, reversible);
    } else {
        steps.add(Wait{"job " + job.name, look_again}, "running: " + reason);
    }
}

}  // namespace matriarch::reconcilers
