// Comparison of a container with what is wanted, field by field. Never by a hash label alone: a
// limit changed by hand leaves every label as it was. Never shows the value of a secret.
#include "reconcilers/container.hpp"

#include <algorithm>
#include <map>

#include "reconcilers/labels.hpp"
#include "reconcilers/world.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::reconcilers {
namespace {

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

std::string or_default(std::string text) {
    return text.empty() ? "default" : text;
}

/// One line of a plan holds it; the Caddyfile would not.
std::string shortened(const std::string& value) {
    constexpr std::size_t length_max = 60;
    const auto line_end = value.find('\n');
    if (value.size() <= length_max && line_end == std::string::npos) return value;
    return value.substr(0, std::min(length_max, line_end)) + "...";
}

std::string in_words(const Mount& mount) {
    return mount.volume + ":" + mount.target + (mount.read_only ? ":ro" : "");
}

std::string in_words(const Port& port) {
    return (port.address.empty() ? "" : port.address + ":") + std::to_string(port.host) + "->" +
           std::to_string(port.container) + (port.udp ? "/udp" : "");
}

std::string in_words(const HealthCheck& health) {
    return join(health.test) + " every " + to_text(health.interval) + ", timeout " +
           to_text(health.timeout) + ", " + std::to_string(health.retries) +
           " retries, start period " + to_text(health.start_period);
}

std::string in_words(Bytes limit) {
    return limit.count == 0 ? "unlimited" : to_text(limit);
}

template <class Items>
std::string list(const Items& items) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ", ") + in_words(item);
    return text.empty() ? "none" : text;
}

std::string image_words(const specs::ImageRef& image) {
    return image.tag.empty() ? short_digest(image.digest) : image.tag;
}

/// Collects differences; one line per field keeps compare() readable.
class Comparison {
 public:
    void text(const char* field, const std::string& desired, const std::string& actual,
              Remedy remedy = Remedy::recreate) {
        if (desired != actual) found_.push_back({field, desired, actual, remedy});
    }
    /// Words are made only where the values differ; mostly they do not.
    template <class Value, class Words>
    void values(const char* field, const Value& desired, const Value& actual, const Words& words,
                Remedy remedy = Remedy::recreate) {
        if (!(desired == actual)) text(field, words(desired), words(actual), remedy);
    }
    void add(Difference difference) { found_.push_back(std::move(difference)); }
    std::vector<Difference> take() { return std::move(found_); }

 private:
    std::vector<Difference> found_{};
};

void compare_limits(const ContainerSpec& wanted, const ContainerSpec& actual, Comparison& out) {
    const auto memory = [](Bytes limit) { return in_words(limit); };
    out.values("memory", wanted.limits.memory, actual.limits.memory, memory, Remedy::update);
    const auto both = [](const auto& set) { return set ? in_words(*set) : "as memory"; };
    out.values("memory and swap", wanted.memory_and_swap, actual.memory_and_swap, both,
               Remedy::update);
    const auto cpus = [](Cpus limit) { return limit.nano == 0 ? "unlimited" : to_text(limit); };
    // The Engine takes 0 in an update for "leave it": only a new container lifts a limit.
    out.values("cpus", wanted.limits.cpus, actual.limits.cpus, cpus,
               wanted.limits.cpus.nano == 0 ? Remedy::recreate : Remedy::update);
    const auto pids = [](auto limit) { return std::to_string(limit); };
    out.values("pids", wanted.limits.pids, actual.limits.pids, pids, Remedy::update);
    out.text("restart policy", wanted.restart, actual.restart, Remedy::update);
}

void add_missing(const auto& wish, Comparison& out) {
    const std::string is = wish.second.is_secret ? "set" : shortened(wish.second.value.reveal());
    out.add({"environment " + wish.first, is, "not set", Remedy::recreate});
}

/// Or may: an image that is gone says nothing.
bool is_from_image(const std::string& name, const Secret& value, const ImageFacts* image) {
    if (image == nullptr) return true;
    const auto own = image->environment.find(name);
    return own != image->environment.end() && value.is_same_as(own->second);
}

/// What we set must be there, what we did not must come from the image. Both are in order.
void compare_environment(const Environment& wanted, const Environment& actual,
                         const ImageFacts* image, Comparison& out) {
    auto asked = wanted.begin();
    for (const auto& [name, value] : actual) {
        for (; asked != wanted.end() && asked->first < name; ++asked) add_missing(*asked, out);
        if (asked == wanted.end() || asked->first != name) {
            if (is_from_image(name, value.value, image)) continue;
            out.add({"environment " + name, "not set", "set", Remedy::recreate});
            continue;
        }
        const EnvironmentValue& wish = (asked++)->second;
        if (value.value.is_same_as(wish.value)) continue;
        // What is there may have been a secret until now: never shown.
        out.add({"environment " + name,
                 wish.is_secret ? "as given" : shortened(wish.value.reveal()), "another value",
                 Remedy::recreate});
    }
    for (; asked != wanted.end(); ++asked) add_missing(*asked, out);
}

void compare_networks(const ContainerSpec& wanted, const ContainerSpec& actual, Comparison& out) {
    for (const auto& [network, aliases] : wanted.networks) {
        const auto found = actual.networks.find(network);
        const std::string field = "network " + network;
        if (found == actual.networks.end()) {
            out.add({field, "connected", "not connected", Remedy::reattach});
            continue;
        }
        const bool has_all = std::all_of(aliases.begin(), aliases.end(), [&](const auto& alias) {
            return std::find(found->second.begin(), found->second.end(), alias) !=
                   found->second.end();
        });
        if (!has_all) {
            out.add({field, "aliases " + join(aliases),
                     "aliases " + or_default(join(found->second)), Remedy::reattach});
        }
    }
    for (const auto& [network, aliases] : actual.networks) {
        if (!wanted.networks.contains(network) && network != "none") {
            out.add({"network " + network, "not connected", "connected", Remedy::reattach});
        }
    }
}

/// The spec label is a summary and the revision label history: neither is compared.
void compare_labels(const ContainerSpec& wanted, const ContainerSpec& actual, Comparison& out) {
    for (const auto& [name, value] : wanted.labels) {
        if (name == label::spec || name == label::revision) continue;
        const auto found = actual.labels.find(name);
        if (found == actual.labels.end()) {
            out.add({"label " + name, value, "not set", Remedy::recreate});
        } else if (found->second != value) {
            out.add({"label " + name, value, found->second, Remedy::recreate});
        }
    }
}

void compare_program(const ContainerSpec& wanted, const ContainerSpec& actual,
                     const ImageFacts* image, Comparison& out) {
    static const ImageFacts no_image{};
    static const std::vector<std::string> none{};
    const ImageFacts& facts = image == nullptr ? no_image : *image;
    const auto or_else = [](const std::optional<std::vector<std::string>>& set,
                            const auto& other) -> const std::vector<std::string>& {
        return set ? *set : other;
    };
    if (wanted.entrypoint || image != nullptr) {
        out.values("entrypoint", or_else(wanted.entrypoint, facts.entrypoint),
                   or_else(actual.entrypoint, none), join);
    }
    // Setting an entry point clears the image's command, as the Engine does.
    const bool from_image = !wanted.command && !wanted.entrypoint;
    if (wanted.command || image != nullptr) {
        out.values("command", from_image ? facts.command : or_else(wanted.command, none),
                   or_else(actual.command, none), join);
    }
    if (!wanted.user.empty() || image != nullptr) {
        out.text("user", wanted.user.empty() ? facts.user : wanted.user, actual.user);
    }
    if (image != nullptr) {
        out.text("working folder",
                 wanted.working_folder.empty() ? facts.working_folder : wanted.working_folder,
                 actual.working_folder);
    }
    out.values("host name", wanted.hostname, actual.hostname, or_default);
    out.values("stop grace", wanted.stop_grace, actual.stop_grace,
               [](auto grace) { return to_text(Duration(grace)); });
    const auto signal_of = [](const std::string& set) { return set.empty() ? "SIGTERM" : set; };
    if (!wanted.stop_signal.empty() || image != nullptr) {
        const std::string& signal =
            wanted.stop_signal.empty() ? facts.stop_signal : wanted.stop_signal;
        out.text("stop signal", signal_of(signal), signal_of(actual.stop_signal));
    }
    const bool is_older = wanted.older_health && actual.health == wanted.older_health;
    if (wanted.health && !is_older) {
        out.values("health check", wanted.health, actual.health,
                   [](const auto& check) { return check ? in_words(*check) : "none"; });
    }
}

/// One field for each kind: "bind /etc:/x" and "bind /usr:/y" are two of one.
void compare_foreign(const ContainerSpec& actual, Comparison& out) {
    std::map<std::string, std::string> values;
    for (const std::string& foreign : actual.foreign) {
        const auto space = std::min(foreign.find(' '), foreign.size());
        const std::string value = foreign.substr(std::min(space + 1, foreign.size()));
        std::string& text = values[foreign.substr(0, space)];
        text += (text.empty() ? "" : ", ") + (value.empty() ? "set" : value);
    }
    for (const auto& [kind, value] : values) {
        out.add({"host configuration " + kind, "not set", value, Remedy::recreate});
    }
}

void compare_posture(const ContainerSpec& wanted, const ContainerSpec& actual,
                     const ImageFacts* image, Comparison& out) {
    const auto shared = [](Bytes set) { return set.count == 0 ? mib(64) : set; };
    out.values("shared memory", shared(wanted.shared_memory), shared(actual.shared_memory),
               [](Bytes size) { return in_words(size); });
    // Anonymous volumes come from the image's own VOLUME lines.
    std::vector<Mount> mounts = actual.mounts;
    std::erase_if(mounts, [&](const Mount& mount) {
        const auto is_at = [&](const Mount& other) { return other.target == mount.target; };
        return image != nullptr &&
               std::find(image->volumes.begin(), image->volumes.end(), mount.target) !=
                   image->volumes.end() &&
               std::none_of(wanted.mounts.begin(), wanted.mounts.end(), is_at);
    });
    const auto items = [](const auto& all) { return list(all); };
    const auto names = [](const auto& all) { return or_default(join(all)); };
    const auto number = [](auto value) { return std::to_string(value); };
    const auto truth = [](bool value) { return value ? "true" : "false"; };
    out.values("mounts", wanted.mounts, mounts, items);
    out.values("ports", wanted.ports, actual.ports, items);
    out.values("capabilities", wanted.capabilities, actual.capabilities, names);
    out.values("no-new-privileges", wanted.no_new_privileges, actual.no_new_privileges, truth);
    out.values("init", wanted.init, actual.init, truth);
    out.values("asks nobody for names", wanted.asks_nobody, actual.asks_nobody, truth);
    out.values("cpu weight", wanted.cpu_weight, actual.cpu_weight, number);
    out.values("memlock limit", wanted.memlock, actual.memlock, number);
    out.values("open files limit", wanted.open_files, actual.open_files, number);
    compare_foreign(actual, out);
}

}  // namespace

std::vector<Difference> differences(const ContainerSpec& wanted, const ObservedContainer& observed,
                                    const std::string& wanted_image_id, const ImageFacts* image) {
    Comparison out;
    if (!wanted_image_id.empty() && wanted_image_id != observed.image_id) {
        const auto actual = specs::parse_image(observed.image_reference);
        out.text("image", image_words(wanted.image),
                 actual && actual->tag != wanted.image.tag ? image_words(*actual)
                                                           : short_digest(observed.image_id));
    }
    compare_environment(wanted.environment, observed.spec.environment, image, out);
    compare_program(wanted, observed.spec, image, out);
    compare_limits(wanted, observed.spec, out);
    compare_networks(wanted, observed.spec, out);
    compare_posture(wanted, observed.spec, image, out);
    compare_labels(wanted, observed.spec, out);
    return out.take();
}

std::string spec_digest(const ContainerSpec& spec) {
    std::string text = spec.role + "\n" + specs::to_text(spec.image) + "\n";
    const auto line = [&](const std::string& name, const std::string& value) {
        text += name + "=" + value + "\n";
    };
    line("entrypoint", join(spec.entrypoint.value_or(std::vector<std::string>{})));
    line("command", join(spec.command.value_or(std::vector<std::string>{})));
    line("user", spec.user);
    for (const auto& [name, value] : spec.environment) {
        line(name, value.is_secret ? "secret" : value.value.reveal());
    }
    line("memory", to_text(spec.limits.memory));
    line("cpus", to_text(spec.limits.cpus));
    line("pids", std::to_string(spec.limits.pids));
    if (spec.cpu_weight != 0) line("cpu weight", std::to_string(spec.cpu_weight));
    line("mounts", list(spec.mounts));
    if (!spec.repository.empty()) line("repository", spec.repository);
    line("ports", list(spec.ports));
    if (spec.asks_nobody) line("names", "of nobody");
    for (const auto& [network, aliases] : spec.networks) line(network, join(aliases));
    line("health", spec.health ? in_words(*spec.health) : "image");
    line("restart", spec.restart);
    return sha256(text);
}

}  // namespace matriarch::reconcilers
