// Path: from the release that serves to the one that is wanted, by which stations, and at which of
// them two releases may run side by side.
//
// Mastodon's regular migrations leave the schema fit for the release before, its post-deployment
// ones do not; and they are written for those who deploy one release of every minor series. So
// consecutive minors roll in two phases, skipped ones are passed step by step, and whatever cannot
// roll stops first. Facts: specs/catalogue.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reconcilers/steps.hpp"
#include "reconcilers/wanted.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::reconcilers {

/// One release on the way, the wanted one included.
struct Hop {
    specs::Version version{};
    /// As far as the releases go, it may serve side by side with the one before it.
    bool may_roll{true};
    /// Why it may, or may not, in words.
    std::string why{};
};

struct Path {
    /// What serves now; nothing: nobody does.
    std::optional<specs::Version> from{};
    /// At least one.
    std::vector<Hop> hops{};
};

[[nodiscard]] Path upgrade_path(const Wanted& wanted, const World& world);

/// The instance as it is wanted at a station on its way.
[[nodiscard]] Wanted at_station(Wanted wanted, const Hop& hop);

/// Whether something of it is not yet as it will be.
[[nodiscard]] bool is_on_the_way(const Wanted& station, const Wanted& goal);

/// The same, at the next one, and with the major version of PostgreSQL in use.
[[nodiscard]] Wanted next_station(const Wanted& wanted, const World& world);

/// The release that an image holds: by the migrations inside it where they are Mastodon's, else by
/// its tag. Nothing: neither says.
[[nodiscard]] std::optional<specs::Version> release_in(const World& world,
                                                       const std::string& image_id,
                                                       const specs::ImageRef& reference);

/// "v4.4.8 -> v4.5.20 (rolls: ...) -> v4.6.1 (stops first: ...)" where there is a way to go, else
/// nothing. `no_room`: why this host cannot hold both, where it cannot.
[[nodiscard]] std::string in_words(const Path& path, const std::optional<std::string>& no_room);

}  // namespace matriarch::reconcilers
