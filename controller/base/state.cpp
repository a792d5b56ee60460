// Where the state lives. Nothing here reads what is in the files.
// A name that was not checked never becomes a path.
#include "controller/base/state.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "controller/base/files.hpp"
#include "controller/base/text.hpp"

namespace matriarch::controller {
namespace {

namespace fs = std::filesystem;

/// Contract section 2: [a-z0-9-]{1,40}. So no name can leave the folder.
bool is_instance_name(std::string_view name) {
    return !name.empty() && name.size() <= 40 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
               std::string_view::npos;
}

Result<State> absolute(const std::string& path, const std::string& from) {
    if (!fs::path(path).is_absolute()) {
        return fail(ErrorKind::invalid, "cannot keep state in '" + path + "': not an absolute path",
                    "Write " + from + " as a path that begins with a slash.");
    }
    return State(fs::path(path).lexically_normal());
}

}  // namespace

Result<InstanceFolder> State::instance(std::string_view name) const {
    if (!is_instance_name(name)) {
        return fail(ErrorKind::invalid, "cannot use instance name '" + printable(name) + "'",
                    "A name is 1 to 40 characters of a-z, 0-9 and '-'.");
    }
    return InstanceFolder{.name = std::string(name), .root = instances() / std::string(name)};
}

Result<InstanceFolder> State::make_instance(std::string_view name) const {
    const InstanceFolder folder = TRY(instance(name));
    TRY(make_folder(folder.root));
    return folder;
}

std::vector<std::string> State::instance_names() const {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(instances(), error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (is_instance_name(name)) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<State> choose_state(const StateChoice& choice) {
    if (choice.option) return absolute(*choice.option, "--state-dir");
    if (const auto path = choice.variable("MATRIARCH_STATE"); path && !path->empty()) {
        return absolute(*path, "MATRIARCH_STATE");
    }
    if (choice.is_root) return State("/var/lib/matriarch");
    // The XDG base directory specification: a relative value is invalid and counts as unset.
    if (const auto path = choice.variable("XDG_STATE_HOME");
        path && fs::path(*path).is_absolute()) {
        return State(fs::path(*path) / "matriarch");
    }
    if (const auto home = choice.variable("HOME"); home && fs::path(*home).is_absolute()) {
        return State(fs::path(*home) / ".local/state/matriarch");
    }
    return fail(ErrorKind::invalid, "cannot find a place for state: HOME is not set",
                "Give one with --state-dir.");
}

Result<State> find_state(const std::optional<std::string>& option) {
    return choose_state({.option = option,
                         .is_root = ::geteuid() == 0,
                         .variable = [](const std::string& name) -> std::optional<std::string> {
                             const char* value = std::getenv(name.c_str());
                             if (value == nullptr) return std::nullopt;
                             return std::string(value);
                         }});
}

}  // namespace matriarch::controller
