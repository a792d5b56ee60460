// ContainerSpec: everything about a container that we decide; and what differs from it, in words.
//
// The same type describes what is wanted and what was observed, so that one comparison serves the
// planner, the drift report and the preview. Never add a mount of a host path, a device, a host
// namespace or a privilege here: what the type cannot say cannot happen.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reconcilers/environment.hpp"
#include "specs/image.hpp"
#include "specs/instance.hpp"

namespace matriarch::reconcilers {

/// A named volume at a place inside the container. Only named volumes exist here, never host paths.
struct Mount {
    std::string volume{};
    std::string target{};
    bool read_only{false};
    friend auto operator<=>(const Mount&, const Mount&) = default;
};

/// A published TCP port (UDP too where `udp`). Empty address: all of the host's.
struct Port {
    int container{0};
    int host{0};
    std::string address{};
    bool udp{false};
    friend auto operator<=>(const Port&, const Port&) = default;
};

struct HealthCheck {
    /// Engine form: {"CMD", "program", ...} or {"CMD-SHELL", "line"}.
    std::vector<std::string> test{};
    std::chrono::seconds interval{10};
    std::chrono::seconds timeout{5};
    std::chrono::seconds start_period{0};
    int retries{3};
    friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

struct ContainerSpec {
    std::string name{};
    /// Value of the role label: web, sidekiq, postgres, migrate, ...
    std::string role{};
    specs::ImageRef image{};
    /// Unset: the image's own.
    std::optional<std::vector<std::string>> entrypoint{};
    std::optional<std::vector<std::string>> command{};
    /// Empty: the image's own.
    std::string user{};
    std::string working_folder{};
    /// What we set. What the image sets beside it is in ImageFacts::environment.
    Environment environment{};
    specs::Limits limits{};
    /// Of processors that others want too, as 1024 is to everyone else; 0: as everyone.
    int cpu_weight{0};
    /// Unset: the limit of memory, so that nothing is swapped out.
    std::optional<Bytes> memory_and_swap{};
    /// /dev/shm. 0: the Engine's default (64 MiB).
    Bytes shared_memory{};
    /// Sorted.
    std::vector<Mount> mounts{};
    /// A folder of the host, at /repository. Of jobs with restic only, and only the one that
    /// `backups.repository` names (safety.cpp); empty: none. The one exception to the rule above.
    std::string repository{};
    /// Empty: the Engine's own.
    std::string hostname{};
    /// Names that the Engine does not know are asked of nobody: the network leads nowhere, but the
    /// Engine itself would ask for it.
    bool asks_nobody{false};
    /// Network name -> aliases (sorted). A container has no other network.
    std::map<std::string, std::vector<std::string>> networks{};
    /// Sorted.
    std::vector<Port> ports{};
    /// Unset: the image's own.
    std::optional<HealthCheck> health{};
    /// What an older version of this program asked in its place: no reason to make it anew.
    std::optional<HealthCheck> older_health{};
    /// "always" or "no".
    std::string restart{"no"};
    std::map<std::string, std::string> labels{};
    /// Empty: the image's own.
    std::string stop_signal{};
    std::chrono::seconds stop_grace{10};
    /// Capabilities kept; all others are dropped.
    std::vector<std::string> capabilities{};
    bool no_new_privileges{true};
    /// A small init as process 1 that reaps children.
    bool init{false};
    /// Soft and hard limit of locked memory and open files; 0: the Engine's default, -1: unlimited.
    long memlock{0};
    long open_files{0};
    /// What of it may differ until a day, and why; no part of what is compared.
    std::vector<specs::Ignore> ignored{};
    /// What somebody else gave it and this type cannot ask for: "bind /etc:/x", "privileged",
    /// "pid host", "device /dev/kvm". Sorted; always empty in what we want.
    std::vector<std::string> foreign{};
};

/// What an image brings along; needed to tell "set by us" from "set by the image".
struct ImageFacts {
    /// "sha256:..." of the image's configuration.
    std::string id{};
    /// repository:tag, each that it has on this host.
    std::vector<std::string> tags{};
    /// repository@sha256:... as pulled; empty for images built here.
    std::vector<std::string> repository_digests{};
    std::vector<std::string> entrypoint{};
    std::vector<std::string> command{};
    std::string user{};
    std::string working_folder{};
    std::map<std::string, std::string> environment{};
    std::map<std::string, std::string> labels{};
    std::string stop_signal{};
    std::optional<HealthCheck> health{};
    /// Mount points the image declares itself (VOLUME).
    std::vector<std::string> volumes{};
    Bytes size{};
};

/// How a difference can be put right.
enum class Remedy {
    /// POST /containers/{id}/update: no restart.
    update,
    /// Connect or disconnect a network: no restart.
    reattach,
    /// A new container.
    recreate,
};

/// One field that is not as wanted. Texts never hold a secret's value.
struct Difference {
    std::string field{};
    std::string desired{};
    std::string actual{};
    Remedy remedy{Remedy::recreate};
    friend bool operator==(const Difference&, const Difference&) = default;
};

struct ObservedContainer;

/// Field by field: image, environment, command, limits, mounts, networks, ports, health check,
/// restart policy, labels, ... `wanted_image_id` is the local image that should run (empty: not
/// known); `image` is the one the container was made from, where it is known.
[[nodiscard]] std::vector<Difference> differences(const ContainerSpec& wanted,
                                                  const ObservedContainer& observed,
                                                  const std::string& wanted_image_id,
                                                  const ImageFacts* image);

/// "memory 512MiB -> 768MiB, cpus 1 -> 1.5": the reason in plans, journal, log and comments.
[[nodiscard]] std::string in_words(const std::vector<Difference>& differences);

/// Digest over the inputs we control, secrets and revision left out; goes into the spec label.
[[nodiscard]] std::string spec_digest(const ContainerSpec& spec);

}  // namespace matriarch::reconcilers
