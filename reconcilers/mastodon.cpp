// The shape of a container that runs Mastodon's own code (docker-compose.yml of the releases).
#include "reconcilers/mastodon.hpp"

#include "specs/specs.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {

namespace {

Mount media(const Names& names) {
    return {.volume = names.media_volume, .target = "/opt/mastodon/public/system"};
}

}  // namespace

std::optional<std::string> turn_behind_web(const Wanted& wanted, const World& world) {
    if (is_led_by_web(wanted, world)) return std::nullopt;
    return "the first web replica";
}

std::optional<std::string> behind_first_boot(const std::vector<Slot>& slots, const Wanted& wanted,
                                             const World& world) {
    // A front door of one's own may take the ports that web would start with, for good.
    if (wanted.instance.edge.external) return std::nullopt;
    const auto never_ran = [](const Slot& slot) {
        return slot.old == nullptr &&
               (slot.fresh == nullptr || slot.fresh->state == RunState::created);
    };
    const auto boots = [](const Slot& slot) {
        if (slot.old != nullptr || slot.fresh == nullptr) return false;
        const bool is_asked = slot.fresh->is_running() && slot.fresh->health == Health::starting;
        return slot.fresh->state == RunState::created || (is_asked && !slot.fresh->answers);
    };
    const auto web = slots_of(wanted_of(wanted, "web"), world);
    const bool is_first = std::all_of(slots.begin(), slots.end(), never_ran) &&
                          std::all_of(web.begin(), web.end(), boots);
    if (!is_first) return std::nullopt;
    return "web, which boots for the first time";
}

bool is_at_least(const specs::Version& version, int major, int minor) {
    return version.major > major || (version.major == major && version.minor >= minor);
}

ContainerSpec mastodon_container(const Wanted& wanted, const std::string& name,
                                 const std::string& role) {
    ContainerSpec spec =
        base_container(wanted, name, role, specs::resolved_images(wanted.instance).mastodon);
    spec.environment = mastodon_environment(wanted);
    const Names names(wanted.instance);
    spec.networks = {{names.internal_network, {role}}, {names.external_network, {role}}};
    spec.mounts = {media(names)};
    return spec;
}

ContainerSpec mastodon_job(const Wanted& wanted, const std::string& name, const std::string& role,
                           std::vector<std::string> command, const std::string& subject) {
    ContainerSpec job = job_container(wanted, name, role,
                                      specs::resolved_images(wanted.instance).mastodon, subject);
    job.command = std::move(command);
    job.environment = mastodon_environment(wanted);
    const Names names(wanted.instance);
    job.networks = {{names.internal_network, {}}, {names.external_network, {}}};
    job.mounts = {media(names)};
    return job;
}

ContainerSpec rails_job(const Wanted& wanted, const std::string& role,
                        const std::vector<std::string>& task, const std::string& image_id) {
    std::vector<std::string> command{"bundle", "exec", "rails"};
    command.insert(command.end(), task.begin(), task.end());
    const Names names(wanted.instance);
    ContainerSpec job = mastodon_job(wanted, names.of(role + "-" + short_digest(image_id)), role,
                                     std::move(command), image_id);
    // Database and Redis are all that it needs, and all that it reaches.
    job.networks.erase(names.external_network);
    return job;
}

}  // namespace matriarch::reconcilers
