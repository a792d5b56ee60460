// Scratch: databases of before, restored beside everything to look into.
#pragma once

#include "reconcilers/converge.hpp"

namespace matriarch::reconcilers {

/// A PostgreSQL on a place of the volume of backups, as it was fetched there: restored into the
/// container alone, and counted. Its script goes on with what is added to the command; not
/// `finished`.
[[nodiscard]] ContainerSpec restored_server(const Wanted& wanted, const std::string& name,
                                            const std::string& role, const std::string& subject,
                                            const std::string& place);

/// The job that fetches a set to a place of the volume of backups.
[[nodiscard]] ContainerSpec fetched_set(const Wanted& wanted, const World& world,
                                        const std::string& role, const std::string& subject,
                                        const Snapshot& set, const std::string& place);

/// A server takes away what was fetched once it has restored it: one that ended since needs it
/// again. Either may be nullptr.
[[nodiscard]] bool is_used_up(const ObservedContainer* fetch, const ObservedContainer* server);

/// The server of one, by the name that a person gave.
[[nodiscard]] ContainerSpec scratch_server(const Wanted& wanted, const std::string& name,
                                           Time slot);

/// Whether one is asked for, or left.
[[nodiscard]] bool has_scratch_work(const World& world);

/// Next step towards those that are asked for, and no others.
void plan_scratches(const Wanted& wanted, const World& world, Steps& steps);

}  // namespace matriarch::reconcilers
