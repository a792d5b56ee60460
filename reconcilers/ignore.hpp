// Ignore: what a file says may differ for a while (`ignore:`). Left as it is, and shown.
//
// A commit that changes a part itself makes it as the file says: what is ignored is what hands do.
#pragma once

#include <string>
#include <vector>

#include "reconcilers/wanted.hpp"
#include "reconcilers/world.hpp"

namespace matriarch::reconcilers {

/// "web", "sidekiq.main": where in the file a container's own settings stand; empty: nowhere.
[[nodiscard]] std::string section_of(const specs::Instance& instance, const std::string& role,
                                     const std::string& name);

/// What of the file's list is about a container of that role and name, and in force as far as the
/// commits say; whether its day is over is for the World to say.
[[nodiscard]] std::vector<specs::Ignore> ignores_of(const Wanted& wanted, const std::string& role,
                                                    const std::string& name);

/// Why a difference in this field is left as it is now; nothing: it is not.
[[nodiscard]] const specs::Ignore* ignore_of(const ContainerSpec& spec, const World& world,
                                             const std::string& field);

}  // namespace matriarch::reconcilers
