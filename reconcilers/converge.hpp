// The next safe step of one container, and of one job: what all reconcilers of containers share.
#pragma once

#include <optional>
#include <string>

#include "reconcilers/reconcilers.hpp"

namespace matriarch::reconcilers {

/// Takes a long-running container one step closer to `spec`: create, start, update in place,
/// reattach, or replace in place (stop, remove, create again on the same volumes). `obstacle` says
/// why it may not be created, started or replaced now; what needs no restart is put right
/// regardless.
void converge(const ContainerSpec& spec, const World& world, Steps& steps,
              const std::optional<std::string>& obstacle = std::nullopt);

/// Health is asked again this soon while something boots; the Engine's own interval is too slow.
inline constexpr std::chrono::milliseconds look_again{150};

/// Makes a container; its image, networks and volumes are there (see missing_ground).
void create(const ContainerSpec& spec, const World& world, Steps& steps, const std::string& reason);

/// What can be put right of a container without a restart. Returns whether something has to be.
bool put_right(const ContainerSpec& spec, const World& world, const ObservedContainer& observed,
               Steps& steps);

/// Puts a container that goes on serving back on the networks that somebody took it off. It leaves
/// none: those that are not wanted any more it may have been made with.
void plug_in(const ContainerSpec& spec, const World& world, const ObservedContainer& observed,
             Steps& steps);

/// Asks a container to stop, and insists once its grace has passed.
void stop(const ObservedContainer& container, const World& world, Steps& steps,
          const std::string& reason, Downtime downtime);

/// Stops and removes what nobody needs.
void discard(const ObservedContainer& container, const World& world, Steps& steps,
             const std::string& reason);

/// Whether the container stands as wanted: runs, is ready and differs in nothing.
[[nodiscard]] bool is_settled(const ContainerSpec& spec, const World& world);

/// All differences of a container from its spec, with the images as the World knows them.
[[nodiscard]] std::vector<Difference> all_differences_in(const ContainerSpec& spec,
                                                         const World& world,
                                                         const ObservedContainer& observed);

/// The same without what the file says to ignore: what is to be put right.
[[nodiscard]] std::vector<Difference> differences_in(const ContainerSpec& spec, const World& world,
                                                     const ObservedContainer& observed);

/// A one-off container: it runs once to its end, and its exit code is kept until nobody needs it.
enum class JobState { absent, unfinished, succeeded, failed };

/// State of the job of that name that was made for that subject. One for another subject is absent.
[[nodiscard]] JobState job_state(const ContainerSpec& job, const World& world);

/// Makes a job ahead of its time: it is there, whole, and not started. Returns whether it is.
bool make_job(const ContainerSpec& job, const World& world, Steps& steps,
              const std::string& reason);

/// Next step of a job on its way to its end; nothing once it has ended.
void run_job(const ContainerSpec& job, const World& world, Steps& steps, const std::string& reason,
             Reversible reversible = Reversible::yes);

/// A job's container: like base_container, but it runs once and says what it was for.
[[nodiscard]] ContainerSpec job_container(const Wanted& wanted, const std::string& name,
                                          const std::string& role, const specs::ImageRef& image,
                                          const std::string& subject);

/// Whoever serves comes first: of processors that both want the job gets an eighth, and all of
/// those that nobody else wants. Its script asks the same of the disk (ionice), where the host's
/// scheduler knows of it.
void give_way(ContainerSpec& job);

/// Why a container that uses these volumes and networks cannot be made yet, if so.
[[nodiscard]] std::optional<std::string> missing_ground(const ContainerSpec& spec,
                                                        const World& world);

}  // namespace matriarch::reconcilers
