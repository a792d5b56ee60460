// What web, streaming, sidekiq and Rails jobs have in common beside their environment.
#pragma once

#include "reconcilers/converge.hpp"
#include "reconcilers/slot.hpp"

namespace matriarch::reconcilers {

/// A container of Mastodon's own image on both networks, with the media folder.
[[nodiscard]] ContainerSpec mastodon_container(const Wanted& wanted, const std::string& name,
                                               const std::string& role);

/// A one-off command in the image that is wanted, with all that Mastodon's own code has.
[[nodiscard]] ContainerSpec mastodon_job(const Wanted& wanted, const std::string& name,
                                         const std::string& role, std::vector<std::string> command,
                                         const std::string& subject);

/// A one-off `rails TASK` from the image that is wanted.
[[nodiscard]] ContainerSpec rails_job(const Wanted& wanted, const std::string& role,
                                      const std::vector<std::string>& task,
                                      const std::string& image_id);

/// Whether some web replica has shown that the wanted code serves, or none has to.
[[nodiscard]] bool is_led_by_web(const Wanted& wanted, const World& world);

/// For whom sidekiq and streaming wait before they are replaced.
[[nodiscard]] std::optional<std::string> turn_behind_web(const Wanted& wanted, const World& world);

/// Web boots alone where nothing has ever served: its first answer is what people wait for. Why
/// these, none of which was ever started, wait for that; at most until web counts as unhealthy.
[[nodiscard]] std::optional<std::string> behind_first_boot(const std::vector<Slot>& slots,
                                                           const Wanted& wanted,
                                                           const World& world);

/// "release >= major.minor"
[[nodiscard]] bool is_at_least(const specs::Version& version, int major, int minor);

}  // namespace matriarch::reconcilers
